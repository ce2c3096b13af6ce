"""Saying something in a ticket, and having read it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk import notices
from aftercare.desk.actions.locking import checked_body, locked
from aftercare.desk.events import MessagePosted
from aftercare.desk.models import EventKind, Message, Side, Status, Ticket, TicketEvent, TicketRead
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish


@transaction.atomic
def reply(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    internal: bool = False,
    version: int | None = None,
    provider_message_id: str | None = None,
    now: datetime,
) -> Message:
    """Post a person's words. A customer's reply to a solved ticket opens it again.

    A message whose `provider_message_id` is already here is not posted twice. Raises Refused when the body is
    empty or too long, the ticket is closed, a customer asks for an internal note, or `version` is stale.
    """
    row = locked(ticket, version)
    if provider_message_id is not None:
        seen = Message.objects.filter(provider_message_id=provider_message_id).first()
        if seen:
            return seen
    side = Side.CUSTOMER if author.customer_id else Side.PROVIDER
    if internal and side == Side.CUSTOMER:
        raise Refused(_("Internal notes belong to the provider."))
    if row.status == Status.CLOSED and not internal:
        raise Refused(_("This ticket is closed. Open a new one and mention #%(number)s.") % {"number": row.number})
    message = Message.objects.create(
        ticket=row,
        author=author,
        side=side,
        body=checked_body(body),
        internal=internal,
        created_at=now,
        provider_message_id=provider_message_id,
    )
    if not internal:
        move_on(row, author, side, now)
    row.version += 1
    row.updated_at = now
    row.save()
    mark_read(ticket=row, user=author, now=now)
    action = "ticket.note" if internal else "ticket.reply"
    detail = {"message": message.pk, "number": row.number}
    audit.record(actor=author, action=action, subject=row.ref, customer_id=row.customer_id, detail=detail, now=now)
    notices.tell_of_message(row, message, now=now)
    publish(MessagePosted(message_id=message.pk, ticket_id=row.pk, at=now))
    return message


def move_on(row: Ticket, author: User, side: Side, now: datetime) -> None:
    """What a public message does to the ticket's state; `row` is saved by the caller."""
    if side == Side.PROVIDER:
        row.first_response_at = row.first_response_at or now
        row.waiting_since = None
        if row.status == Status.OPEN:
            row.status = Status.WAITING_CUSTOMER
        return
    if row.status == Status.SOLVED:
        TicketEvent.objects.create(ticket=row, at=now, kind=EventKind.REOPENED, actor=author)
    row.status = Status.OPEN
    row.solved_at = None
    row.waiting_since = row.waiting_since or now


@transaction.atomic
def tell_ticket(*, ticket: Ticket, body: str, body_zh: str, now: datetime) -> Message:
    """Post the system's own words, in both languages, to both sides."""
    row = locked(ticket, None)
    message = Message.objects.create(ticket=row, side=Side.SYSTEM, body=body, body_zh=body_zh, created_at=now)
    row.updated_at = now
    row.save(update_fields=["updated_at"])
    detail = {"message": message.pk, "number": row.number}
    audit.record(actor=None, action="ticket.tell", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now)
    notices.tell_of_message(row, message, now=now)
    publish(MessagePosted(message_id=message.pk, ticket_id=row.pk, at=now))
    return message


def mark_read(*, ticket: Ticket, user: User, now: datetime) -> None:
    """Remember that `user` has read everything in `ticket` up to `now`."""
    TicketRead.objects.update_or_create(ticket=ticket, user=user, defaults={"seen_at": now})
