"""What goes out of a ticket by mail: to whom, from which mailbox, in which thread."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.files import path_of
from aftercare.desk.mail.addresses import is_address, takes_no_mail, with_tag
from aftercare.desk.mail.mailboxes import all_addresses, list_mailboxes
from aftercare.desk.mail.people import belongs_to, user_with
from aftercare.desk.mail.tokens import token_of
from aftercare.desk.models import BouncedAddress, HeardMail, MailParty, Message, Side, Ticket, Way
from aftercare.notify import actions as notify
from aftercare.notify.models import Account, Channel, Delivery, Urgency

KIND = "conversation"
RECEIPT = "mail.receipt"
MOST_READERS = 20
MOST_ATTACHED = 20 * 1024 * 1024
RECEIPTS_AT_MOST = 3  # automatic answers to one address within an hour


def mailbox_of(ticket: Ticket) -> Account | None:
    """The mailbox that speaks in this ticket: the one it came to, else the oldest; None while that one imports."""
    boxes = [box for box in list_mailboxes() if box.config.get("address")]
    if not boxes:
        return None
    first = ticket.messages.filter(account__channel=Channel.EMAIL).order_by("created_at", "pk").first()
    chosen = next((box for box in boxes if first is not None and box.pk == first.account_id), boxes[0])
    return None if chosen.quiet else chosen


def readers_of(ticket: Ticket) -> list[str]:
    """Addresses that hear a ticket's answers by mail, the asker's first: who takes part by mail, is the customer's,
    and can be reached. Whoever asks in a chat is not among them: they are mailed once they have left it.
    """
    ours = all_addresses(list_mailboxes())
    if ticket.way == Way.CHAT and ticket.contact is not None:
        ours |= {ticket.contact.email, ticket.contact.user.email if ticket.contact.user else ""}
    named = list(MailParty.objects.filter(ticket=ticket).order_by("pk").values_list("address", flat=True))
    dead = set(BouncedAddress.objects.filter(address__in=named).values_list("address", flat=True))
    readers = [
        address
        for address in named
        if address not in dead | ours and is_address(address) and not takes_no_mail(address)
        if belongs_to(address, ticket.customer_id)
    ]
    return readers[:MOST_READERS]


def goes_by_mail(message: Message) -> bool:
    """Whether these are words for the customer that did not come from them."""
    return not message.internal and message.side != Side.CUSTOMER and message.ticket_id is not None


def told_by_mail(ticket: Ticket, message: Message) -> set[int]:
    """The people who sign in and have these words by mail already, or will once they have left the chat, so that no
    notice of them is mailed as well.
    """
    if not goes_by_mail(message) or mailbox_of(ticket) is None:
        return set()
    people = [user_with(address) for address in readers_of(ticket)]
    if ticket.way == Way.CHAT and ticket.contact is not None:
        people.append(ticket.contact.user)
    return {person.pk for person in people if person is not None}


def deliver(message: Message, *, now: datetime) -> None:
    """One mail to everybody who takes part in the ticket by mail."""
    ticket = message.ticket
    if ticket is None or not goes_by_mail(message):
        return
    account = mailbox_of(ticket)
    readers = readers_of(ticket) if account else []
    if account is None or not readers:
        return
    mail_words(message, ticket, account, readers, language_of(ticket, readers[0]), now=now)


def mail_to_visitor(message: Message, ticket: Ticket, address: str, language: str, *, now: datetime) -> None:
    """The same to somebody who asked in a chat and has left it. Nothing happens while there is no mailbox to speak."""
    account = mailbox_of(ticket)
    if account is not None:
        mail_words(message, ticket, account, [address], language or ticket.customer.language, now=now)


def mail_words(
    message: Message, ticket: Ticket, account: Account, readers: list[str], language: str, *, now: datetime
) -> None:
    """A message as one mail of the ticket's thread."""
    files, left_out = attached(message)
    with translation.override(language):
        body = message.display_body
        if ticket.way == Way.CHAT:
            body += "\n\n" + _("You asked this in our chat. To go on, reply to this mail or come back to the chat.")
        if left_out:
            body += "\n\n" + _("Too large for a mail, in the console: %(names)s") % {"names": ", ".join(left_out)}
        more = {
            "cc": readers[1:],
            "files": files,
            "speaker": message.speaker_name or account.name,
            "is_automatic": message.side == Side.SYSTEM,
        }
        post(ticket, account, readers[0], kind=KIND, subject_ref=message.ref, body=body, more=more, now=now)


def acknowledge(ticket: Ticket, address: str, *, now: datetime) -> None:
    """Tell who wrote that their mail is here and which number it has; rarely enough that no two machines go on."""
    account = mailbox_of(ticket)
    recent = Delivery.objects.filter(kind=RECEIPT, address=address, created_at__gt=now - timedelta(hours=1)).count()
    wishes = account is not None and account.config.get("acknowledge", True)
    if account is None or not wishes or recent >= RECEIPTS_AT_MOST or address not in readers_of(ticket):
        return
    with translation.override(language_of(ticket, address)):
        body = _(
            "We have your mail. It is ticket #%(number)s, and an engineer will answer here.\n\n"
            "To add something, reply to this mail."
        ) % {"number": ticket.number}
        more = {"speaker": account.name, "is_automatic": True}
        post(ticket, account, address, kind=RECEIPT, subject_ref=ticket.ref, body=body, more=more, now=now)


def post(
    ticket: Ticket,
    account: Account,
    address: str,
    *,
    kind: str,
    subject_ref: str,
    body: str,
    more: dict[str, Any],
    now: datetime,
) -> None:
    """One outbox row, in the language that is active."""
    notify.send(
        user=None,
        account=account,
        channel=Channel.EMAIL,
        address=address,
        kind=kind,
        subject_ref=subject_ref,
        title=subject_of(ticket),
        body=body,
        urgency=Urgency.URGENT if kind == KIND else Urgency.ROUTINE,
        data={
            "ticket": ticket.ref,
            "mail": thread_of(ticket, account) | more | {"language": translation.get_language()},
        },
        now=now,
    )


def subject_of(ticket: Ticket) -> str:
    """The subject of everything in the ticket's thread."""
    return f"Re: {ticket.display_title} [#{ticket.number}]"


def thread_of(ticket: Ticket, account: Account) -> dict[str, Any]:
    """What ties a mail to its ticket: the token, the address that carries it, the identifiers it answers."""
    token, address = token_of(ticket.ref), str(account.config["address"])
    heard = HeardMail.objects.filter(message__ticket=ticket).exclude(identifier="").order_by("-pk")
    ids = list(heard.values_list("identifier", flat=True)[:20])
    return {
        "token": token,
        "reply_to": with_tag(address, token) or address,
        "in_reply_to": ids[0] if ids else "",
        "references": ids[::-1],
    }


def reply_data(ticket: Ticket) -> dict[str, Any]:
    """What lets a notice of this ticket be answered by mail; empty where no mailbox hears the answer."""
    account = mailbox_of(ticket)
    if account is None:
        return {}
    thread = thread_of(ticket, account)
    return {"mail": {"token": thread["token"], "reply_to": thread["reply_to"]}}


def language_of(ticket: Ticket, address: str) -> str:
    """What somebody is written to in."""
    user = user_with(address)
    contact = ticket.contact if ticket.contact and ticket.contact.email == address else None
    told = (user.language if user else "") or (contact.language if contact else "")
    return told or ticket.customer.language


def attached(message: Message) -> tuple[list[dict[str, str]], list[str]]:
    """The message's files as the mail carries them, and the names of those that are too much for one."""
    files: list[dict[str, str]] = []
    left_out: list[str] = []
    total = 0
    for file in message.attachments.exclude(sha256=""):
        total += file.size
        if total > MOST_ATTACHED:
            left_out.append(file.name)
        else:
            files.append({"name": file.name, "type": file.media_type, "path": str(path_of(file.sha256))})
    return files, left_out
