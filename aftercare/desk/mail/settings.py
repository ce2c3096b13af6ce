"""Adding, changing, trying and opening mailboxes of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.mail.addresses import is_address
from aftercare.desk.mail.fetching import place_of
from aftercare.desk.mail.imap import Mailbox, MailboxError
from aftercare.desk.mail.mailboxes import addresses_of
from aftercare.desk.models import Inbound, InboundState, MailFolder
from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import AddressError
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify import actions as notify
from aftercare.notify.models import Account, Channel, Delivery
from aftercare.notify.queries import credentials_of

TEST = "mailbox.test"
TEST_TIMEOUT_S = 4.0
SECRETS = ("imap_password", "smtp_password")


@dataclass(frozen=True)
class MailboxFacts:
    """What a person says of a mailbox. `config` as `Account.config` keeps it; an empty secret leaves the kept one."""

    name: str
    enabled: bool
    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def save_mailbox(*, account: Account | None, facts: MailboxFacts, actor: User, now: datetime) -> Account:
    """Keep a new or changed mailbox. Raises Refused for an address that is none, or another mailbox's."""
    row = account or Account(channel=Channel.EMAIL, created_at=now)
    row.name, row.enabled, row.config = facts.name, facts.enabled, dict(facts.config)
    taken = {
        one for other in Account.objects.filter(channel=Channel.EMAIL).exclude(pk=row.pk) for one in addresses_of(other)
    }
    for address in sorted(addresses_of(row)):
        if not is_address(address):
            raise Refused(_("%(address)s is not an e-mail address.") % {"address": address})
        if address in taken:
            raise Refused(_("%(address)s belongs to another mailbox.") % {"address": address})
    known = credentials_of(row).secrets if row.secrets else {}
    row.secrets = notify.sealed({name: facts.secrets.get(name) or known.get(name, "") for name in SECRETS})
    row.save()
    audit.record(
        actor=actor,
        action="mailbox.change" if account else "mailbox.add",
        subject=row.ref,
        customer_id=None,
        detail={"name": row.name, "address": row.config.get("address", "")},
        now=now,
    )
    return row


@transaction.atomic
def open_mailbox(*, account: Account, actor: User, now: datetime) -> None:
    """End a mailbox's import: what it hears from now on is answered. What was not read yet of its past is left out.

    Raises Refused while imported mails still wait to be worked on.
    """
    waiting = Inbound.objects.filter(account=account, state=InboundState.PENDING).count()
    if waiting:
        raise Refused(_("%(n)s imported mails are still being worked on. Try again in a minute.") % {"n": waiting})
    folder = MailFolder.objects.select_for_update().filter(account=account).first()
    if folder is not None and folder.import_until_uid is not None:
        folder.seen_uid = max(folder.seen_uid, folder.import_until_uid)
        folder.save(update_fields=["seen_uid"])
    Account.objects.filter(pk=account.pk).update(quiet=False)
    audit.record(actor=actor, action="mailbox.open", subject=account.ref, customer_id=None, detail={}, now=now)


def try_mailbox(*, account: Account) -> str:
    """Sign in and look at the folder; returns a sentence. Raises Refused with what went wrong."""
    place = place_of(account)
    try:
        mailbox = Mailbox(place, timeout_s=TEST_TIMEOUT_S)
    except AddressError:
        raise Refused(_("This host is in a private network or cannot be called. Give a public mail server.")) from None
    except MailboxError as error:
        raise Refused(_("The mail server refused: %(reason)s") % {"reason": error}) from None
    except (OSError, InvalidToken) as error:
        raise Refused(_("The mail server cannot be reached: %(reason)s") % {"reason": error}) from None
    try:
        count = len(mailbox.search("ALL"))
    except (MailboxError, OSError) as error:
        raise Refused(_("The mail server refused: %(reason)s") % {"reason": error}) from None
    finally:
        mailbox.close()
    return _("Signed in. %(folder)s holds %(count)s mails.") % {"folder": place.folder, "count": count}


def send_test(*, account: Account, actor: User, now: datetime) -> Delivery:
    """A mail from this mailbox to the person who asks for it."""
    return notify.send(
        user=actor,
        account=account,
        channel=Channel.EMAIL,
        address=actor.email,
        kind=TEST,
        subject_ref=account.ref,
        title=_("Test of the mailbox %(name)s") % {"name": account.name},
        body=_("This mailbox can send."),
        data={"mail": {"is_automatic": True}},
        now=now,
    )


def get_mailbox(ref: str) -> Account:
    """The mailbox; Http404 where there is none."""
    return get_object_or_404(Account.objects.select_related("mail_folder"), channel=Channel.EMAIL, ref=ref)


def how_it_fares(account: Account) -> dict[str, object]:
    """A mailbox's numbers: what waits, what could not be read, the last test."""
    rows = Inbound.objects.filter(account=account)
    return {
        "waiting": rows.filter(state=InboundState.PENDING).count(),
        "refused": rows.filter(state=InboundState.REFUSED).count(),
        "test": Delivery.objects.filter(kind=TEST, subject_ref=account.ref).first(),
    }
