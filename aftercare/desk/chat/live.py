"""What is heard at once and kept nowhere: who types, who has read, that there are new words."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from aftercare.accounts.models import User
from aftercare.desk.models import ChatVisitor, Ticket, TicketRead, Way
from aftercare.notify import stream

# The ticket's page asks for its thread every 20 s: who did so lately has it open.
LOOKING = timedelta(seconds=60)


def visitor_of(ticket: Ticket) -> ChatVisitor | None:
    """Who chats in this ticket; None where it is no chat."""
    if ticket.way != Way.CHAT or ticket.contact_id is None:
        return None
    return ChatVisitor.objects.filter(contact_id=ticket.contact_id).select_related("widget__calendar").first()


def lookers(ticket: Ticket, now: datetime) -> QuerySet[User]:
    """Our people who have the ticket open now, and whoever has claimed it."""
    looking = TicketRead.objects.filter(ticket=ticket, seen_at__gt=now - LOOKING).values("user")
    people = User.objects.filter(customer__isnull=True, is_active=True)
    return people.filter(Q(pk__in=looking) | Q(pk=ticket.assignee_id))


def tell_visitor(visitor: ChatVisitor, event: dict[str, Any]) -> None:
    """Tell every window of the visitor's, when the present transaction commits."""
    stream.tell(visitor.topic, event)


def tell_lookers(ticket: Ticket, event: dict[str, Any], *, now: datetime) -> None:
    """Tell the consoles that have the ticket open, when the present transaction commits."""
    for user in lookers(ticket, now):
        stream.tell(user.pk, {"subject": ticket.ref, **event})
