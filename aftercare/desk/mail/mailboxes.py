"""Our own mailboxes: accounts of the channel e-mail, and which address is whose."""

from collections.abc import Iterable

from aftercare.desk.mail.addresses import plain, without_tag
from aftercare.notify.models import Account, Channel


def list_mailboxes() -> list[Account]:
    """Every mailbox in use, the oldest first."""
    return list(Account.objects.filter(channel=Channel.EMAIL, enabled=True).order_by("pk"))


def addresses_of(account: Account) -> set[str]:
    """The mailbox's address and the further ones that lead to it, plain."""
    told = [account.config.get("address", ""), *account.config.get("aliases", [])]
    return {plain(str(address)) for address in told if address}


def mailbox_with(address: str, among: Iterable[Account]) -> Account | None:
    """The mailbox that this address leads to, whatever stands behind its plus."""
    asked = {plain(address), without_tag(plain(address))[0]}
    return next((account for account in among if asked & addresses_of(account)), None)


def all_addresses(among: Iterable[Account]) -> set[str]:
    """Every address that is one of ours."""
    return {address for account in among for address in addresses_of(account)}
