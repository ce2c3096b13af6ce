"""Keeping the ways in which people are reached."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.notify.adapters import apprise
from aftercare.notify.adapters.addresses import parse
from aftercare.notify.adapters.webpush import keys_of
from aftercare.notify.contact_addresses import checked
from aftercare.notify.models import PHONES, RINGING, Account, Channel, ContactMethod, Loudness
from aftercare.notify.reach import reaches

CONTACTS_AT_MOST = 20
LATEST_RUNG_S = 3600
LOUD = (Channel.FEISHU, Channel.DINGTALK)


@transaction.atomic
def add_contact(
    *,
    user: User,
    channel: str,
    address: str = "",
    loudness: str = "",
    after_s: int = 0,
    account: Account | None = None,
    keys: str = "",
    verified: bool = False,
    actor: User | None = None,
    now: datetime,
) -> ContactMethod:
    """A new way to reach a person; a known one is returned as it is, in use again.

    A push, the person's own sign-in address and an address that they have proved already need no confirming. `account`
    is the app that knows the person by this id, where several could; `keys` are a browser's, `p256dh` and `auth` with a
    dot between. Raises Refused for an address of the wrong form
    and where no account could reach it.
    """
    address, hidden = shown_and_hidden(user, channel, address)
    check_rung(channel, loudness, after_s)
    through = account_through(user, channel, address, account)
    mine = ContactMethod.objects.filter(user=user, channel=channel, address=address)
    known = mine.filter(loudness=loudness).exists()
    if not known and ContactMethod.objects.filter(user=user).count() >= CONTACTS_AT_MOST:
        raise Refused(_("You have %(n)s contact methods; remove one first.") % {"n": CONTACTS_AT_MOST})
    is_proved = mine.filter(verified=True, account=through).exists()
    contact, is_new = ContactMethod.objects.update_or_create(
        user=user,
        channel=channel,
        address=address,
        loudness=loudness,
        defaults={"enabled": True},
        create_defaults={
            "secret": hidden or secret_for(channel, keys),
            "verified": verified or is_proved or channel == Channel.PUSH or address == user.email,
            "after_s": after_s,
            "account": through,
            "created_at": now,
        },
    )
    if is_new:
        keep_record("contact.add", contact, actor or user, now)
    return contact


def shown_and_hidden(user: User, channel: str, address: str) -> tuple[str, str]:
    """The checked address as it is shown, and what is sealed of it: that of another service holds its keys.

    Raises Refused.
    """
    if channel != Channel.APPRISE:
        return checked(channel, address), ""
    if not user.is_provider:
        raise Refused(_("Only the provider's own people are reached this way."))
    url = apprise.checked(address)
    return apprise.masked(url), apprise.sealed(url)


def secret_for(channel: str, keys: str) -> str:
    """What is kept beside an address: a webhook's new signing secret, a browser's own keys. Raises Refused."""
    if channel == Channel.WEBPUSH:
        try:
            keys_of(keys)
        except Refused:
            raise Refused(_("These are no keys of a browser.")) from None
        return keys
    return new_webhook_secret() if channel == Channel.WEBHOOK else ""


def account_through(user: User, channel: str, address: str, account: Account | None) -> Account | None:
    """The account by whose ids the person is known; None for phone numbers, which any account may call.

    Raises Refused where none is set up, and for customers' people, whom nobody calls at the provider's cost.
    """
    if channel not in RINGING:
        return None
    if not user.is_provider:
        raise Refused(_("Only the provider's own people are reached this way."))
    in_use = Account.objects.filter(channel=channel, enabled=True).order_by("place", "id")
    able = [one for one in in_use if reaches(one, channel, address) and account in (None, one)]
    if not able:
        raise Refused(_("No account with a vendor can reach this address. Whoever manages the desk adds one."))
    return None if channel in PHONES else able[0]


def check_rung(channel: str, loudness: str, after_s: int) -> None:
    """Raises Refused for a wait that is too long, or a loudness that the channel does not have."""
    if not 0 <= after_s <= LATEST_RUNG_S:
        raise Refused(_("A way to be reached waits at most an hour."))
    if loudness not in Loudness.values or (loudness and channel not in LOUD):
        raise Refused(_("This channel cannot be made urgent in this way."))


@transaction.atomic
def set_rungs(*, rungs: Iterable[tuple[ContactMethod, int, str]], now: datetime) -> None:
    """A person's whole ladder: each way with its seconds and loudness. Raises Refused, and then nothing is changed."""
    for contact, after_s, loudness in rungs:
        if (contact.after_s, contact.loudness) != (after_s, loudness):
            set_rung(contact=contact, after_s=after_s, loudness=loudness, now=now)


@transaction.atomic
def set_rung(*, contact: ContactMethod, after_s: int, loudness: str, now: datetime) -> None:
    """How long after a page this way is used, and how loudly. Raises Refused."""
    check_rung(contact.channel, loudness, after_s)
    others = ContactMethod.objects.filter(user=contact.user, channel=contact.channel, address=contact.address)
    if others.filter(loudness=loudness).exclude(pk=contact.pk).exists():
        raise Refused(_("You have this way already."))
    contact.after_s, contact.loudness = after_s, loudness
    contact.save(update_fields=["after_s", "loudness"])
    keep_record("contact.rung", contact, contact.user, now)


def checked_webhook(address: str) -> str:
    """An address that webhooks may be sent to, as far as its form tells. Raises Refused with what is wrong with it."""
    parse(address)
    return address


def new_webhook_secret() -> str:
    """A Standard Webhooks secret: `whsec_` and 24 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@transaction.atomic
def set_enabled(*, contact: ContactMethod, enabled: bool, now: datetime) -> None:
    """Use a contact method, or stop using it."""
    contact.enabled = enabled
    contact.save(update_fields=["enabled"])
    keep_record("contact.enable" if enabled else "contact.disable", contact, contact.user, now)


@transaction.atomic
def remove_contact(*, contact: ContactMethod, now: datetime) -> None:
    """Forget a contact method; what was sent to it stays on record."""
    keep_record("contact.remove", contact, contact.user, now)
    contact.delete()


@transaction.atomic
def confirm_contact(*, contact: ContactMethod, now: datetime) -> None:
    """The person has shown that the address is theirs: from now on pages go there."""
    contact.verified = True
    contact.save(update_fields=["verified"])
    keep_record("contact.confirm", contact, contact.user, now)


def keep_record(action: str, contact: ContactMethod, actor: User, now: datetime) -> None:
    """The audit row of a change of contact methods."""
    audit.record(
        actor=actor,
        action=action,
        subject=contact.ref,
        customer_id=contact.user.customer_id,
        detail={"channel": contact.channel, "address": contact.address, "person": contact.user.ref},
        now=now,
    )
