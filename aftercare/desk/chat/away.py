"""Whether a chat's visitor is still there, and where an answer reaches one who has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.desk.mail.addresses import is_address, takes_no_mail
from aftercare.desk.mail.mailboxes import all_addresses, list_mailboxes
from aftercare.desk.mail.outgoing import mailbox_of
from aftercare.desk.models import BouncedAddress, ChatVisitor, Message, Ticket, WaitingAnswer

# An open window is on the line every TOLD_EVERY; two missed signs and it has left.
TOLD_EVERY = timedelta(seconds=30)
HERE_FOR = timedelta(seconds=75)
OFTEN = TOLD_EVERY * 0.8  # a sign that comes a little early counts
# Longer than a reload takes, short enough that who closed the window soon has the answer.
LOOK_AFTER = timedelta(seconds=90)


@dataclass(frozen=True)
class Reach:
    """How an answer reaches a visitor: `address` is where it is mailed to, empty where it waits in the chat.

    `may_tell`: they can say or change the address in the window; `sentence` says what holds, for them to read.
    """

    address: str
    may_tell: bool
    sentence: str


def is_late(visitor: ChatVisitor, now: datetime) -> bool:
    """Whether it is time to write down again that a window of theirs is on the line."""
    return visitor.heard_at is None or visitor.heard_at < now - OFTEN


def note_here(visitors: Iterable[int], now: datetime) -> None:
    """Windows of these (by primary key) are on the line; written down where it is time to."""
    late = Q(heard_at=None) | Q(heard_at__lt=now - OFTEN)
    ChatVisitor.objects.filter(late, pk__in=visitors).update(heard_at=now)


def is_here(visitor: ChatVisitor, now: datetime) -> bool:
    """Whether a window of theirs is open, as far as we know."""
    return visitor.heard_at is not None and now - visitor.heard_at <= HERE_FOR


def address_of(visitor: ChatVisitor) -> str:
    """Where this visitor is mailed: as their site says, else as they told us; empty where nobody said."""
    contact = visitor.contact
    return (contact.email or (contact.user.email if contact.user else "") or visitor.email).lower()


def usable(address: str) -> bool:
    """Whether mail to this address can reach a person who is not one of our own mailboxes."""
    if not is_address(address) or takes_no_mail(address) or address in all_addresses(list_mailboxes()):
        return False
    return not BouncedAddress.objects.filter(address=address).exists()


def mailed_at(visitor: ChatVisitor, ticket: Ticket) -> str:
    """The address that an answer in this ticket goes to once the visitor has left; empty where it cannot go by mail."""
    address = address_of(visitor)
    return address if address and mailbox_of(ticket) is not None and usable(address) else ""


def reach_of(visitor: ChatVisitor | None, ticket: Ticket | None) -> Reach:
    """What the window says of it; nothing before the first words."""
    if visitor is None or ticket is None:
        return Reach("", may_tell=False, sentence="")
    may_tell = mailbox_of(ticket) is not None and not visitor.contact.email and visitor.contact.user is None
    address = mailed_at(visitor, ticket)
    if address:
        said = _("If you leave, we will answer to %(address)s.") % {"address": address}
        return Reach(address, may_tell, said)
    return Reach("", may_tell, _("If you leave, our answer waits for you here."))


def place_of(visitor: ChatVisitor, ticket: Ticket, now: datetime) -> str:
    """Where the visitor is, for the agent."""
    if is_here(visitor, now):
        return _("The visitor has the chat open.")
    address = mailed_at(visitor, ticket)
    if address:
        return _("The visitor has left: what they have not read goes to %(address)s by mail.") % {"address": address}
    return _("The visitor has left and will see your answer on their return.")


def wait_for_reader(visitor: ChatVisitor, message: Message, now: datetime) -> None:
    """Words of ours may have to follow their reader: one row, which the engine looks at when it is due."""
    WaitingAnswer.objects.create(visitor=visitor, message=message, due_at=now + LOOK_AFTER)
