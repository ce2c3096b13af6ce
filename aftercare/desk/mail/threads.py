"""Whose conversation a mail belongs to. What anybody can write (a number, a subject) is never proof of belonging."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aftercare.desk.mail.addresses import plain, without_tag
from aftercare.desk.mail.parsing import Mail
from aftercare.desk.mail.people import Writer, takes_part
from aftercare.desk.mail.tokens import named_by, ticket_ref_of
from aftercare.desk.models import AsideReason, HeardMail, Status, Ticket

NUMBER = re.compile(r"[\[【(（]#(\d{1,9})[\]】)）]")
ANSWER = re.compile(
    r"^\s*(?:(?:re|aw|sv|fw|fwd|wg|tr|答复|回复|回覆|转发|轉寄|自动回复|返信)\s*(?:\[\d+\])?\s*[:：]\s*|\[#\d{1,9}\]\s*)+",
    re.I,
)


@dataclass(frozen=True)
class Place:
    """Where a mail belongs: a ticket it is part of, or one that it only names."""

    ticket: Ticket | None = None
    claimed: Ticket | None = None


def place_of(mail: Mail, writer: Writer, recipients: Iterable[str]) -> Place:
    """The ticket of a mail, by our token, by identifiers of its thread, by its number, in that order of trust."""
    claimed: Ticket | None = None
    for ticket, is_token in named_tickets(mail, writer, recipients):
        if (
            may_use_token(ticket, writer) if is_token else takes_part(ticket, writer)
        ) and ticket.status != Status.CLOSED:
            return Place(ticket=ticket)
        claimed = claimed or ticket
    return Place(claimed=claimed)


def may_use_token(ticket: Ticket, writer: Writer) -> bool:
    """A token was handed on by whoever we wrote to: good for them and for a stranger, not for another customer's
    people, nor for a colleague's address, which anybody could write into From.
    """
    if writer.problem in (AsideReason.STAFF, AsideReason.NOT_ALLOWED):
        return False
    return writer.customer_id in (None, ticket.customer_id)


def named_tickets(mail: Mail, writer: Writer, recipients: Iterable[str]) -> Iterable[tuple[Ticket, bool]]:
    """Tickets that a mail names, the surest first, and whether by a token of ours in its address."""
    told = [*recipients, *(recipient.address for recipient in mail.recipients)]
    for address in dict.fromkeys(plain(one) for one in told):
        ref = ticket_ref_of(without_tag(address)[1])
        if ref and (ticket := ticket_with(ref=ref)):
            yield ticket, True
    ids = [*mail.in_reply_to, *reversed(mail.references)]
    for ref in dict.fromkeys(named_by(one)[0] for one in ids):
        if ref and (ticket := ticket_with(ref=ref)):
            yield ticket, False
    heard = HeardMail.objects.filter(identifier__in=ids, message__ticket__isnull=False) if ids else []
    for pk in dict.fromkeys(one.message.ticket_id for one in heard if one.message):
        if ticket := ticket_with(pk=pk, customer_id=writer.customer_id):
            yield ticket, False
    numbered = NUMBER.search(mail.subject)
    if numbered and writer.customer_id and (ticket := ticket_with(number=numbered[1], customer_id=writer.customer_id)):
        yield ticket, False


def ticket_with(**known: object) -> Ticket | None:
    """The ticket with these facts, its people loaded."""
    return Ticket.objects.select_related("customer", "contact", "opened_by").filter(**known).first()


def title_of(subject: str) -> str:
    """A subject as a ticket's title: without what answering and forwarding put before it."""
    return ANSWER.sub("", subject).strip()[:200]
