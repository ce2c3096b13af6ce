"""Which deliveries go to one person through an account, and which numbers an account calls."""

from aftercare.notify.models import PHONES, Account, Delivery, Vendor

TO_PERSON = "person"
# In a row's `data`: it may go to its person together with others of its kind (`engine.bundles`).
MAY_BUNDLE = "may_bundle"
# Whose approved templates are for mainland China unless the account says otherwise.
MAINLAND = "+86"
OF_MAINLAND = (Vendor.ALIYUN, Vendor.TENCENT)


def is_to_person(delivery: Delivery) -> bool:
    """Whether this goes to one person through an account, not into a chat of several."""
    return bool(delivery.data.get("to") == TO_PERSON)


def reaches(account: Account, channel: str, address: str) -> bool:
    """Whether the account sends to numbers that begin so: its `prefixes`, else the mainland's or all, by its vendor."""
    if channel not in PHONES:
        return True
    said = str(account.config.get("prefixes", "")).replace(",", " ").split()
    prefixes = said or ([MAINLAND] if account.vendor in OF_MAINLAND else [])
    return not prefixes or address.startswith(tuple(prefixes))
