"""Internal notes, by a person or by the system in the name of a tracker."""

from datetime import datetime

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk import notices
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.actions.talking import reply
from aftercare.desk.events import MessagePosted
from aftercare.desk.models import Message, Side, Ticket, Way
from aftercare.kernel.events import publish


def note(ticket: Ticket, author: User | None, body: str, now: datetime) -> Message:
    """Write an internal note in the caller's transaction; `author` None is the system."""
    if author is not None:
        return reply(ticket=ticket, author=author, body=body[:BODY_LIMIT], internal=True, now=now)
    message = Message.objects.create(
        ticket=ticket, side=Side.SYSTEM, way=Way.SYSTEM, body=body[:BODY_LIMIT], internal=True, created_at=now
    )
    detail = {"message": message.pk, "number": ticket.number}
    audit.record(
        actor=None, action="ticket.note", subject=ticket.ref, customer_id=ticket.customer_id, detail=detail, now=now
    )
    notices.tell_of_message(ticket, message, now=now)
    publish(MessagePosted(message_id=message.pk, ticket_id=ticket.pk, at=now))
    return message
