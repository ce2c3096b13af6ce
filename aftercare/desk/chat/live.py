"""What is heard at once and kept nowhere: who types, who has read, that there are new words."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from aftercare.accounts.models import User
from aftercare.desk.chat.history import as_json
from aftercare.desk.models import ChatVisitor, Contact, Message, Side, Ticket, TicketRead, Way
from aftercare.notify import stream

# The ticket's page asks for its thread every 20 s: who did so lately has it open.
LOOKING = timedelta(seconds=60)
# PostgreSQL carries less than 8,000 bytes, the names of the sign's parts and of its reader among them.
SIGN_BYTES = 7_000


def visitor_of(ticket: Ticket) -> ChatVisitor | None:
    """Who chats in this ticket; None where it is no chat."""
    if ticket.way != Way.CHAT or ticket.contact_id is None:
        return None
    if not Ticket._meta.get_field("contact").is_cached(ticket):
        ticket.contact = Contact.objects.select_related("chat_visitor").get(pk=ticket.contact_id)
    return getattr(ticket.contact, "chat_visitor", None)


def lookers(ticket: Ticket, now: datetime) -> QuerySet[User]:
    """Our people who have the ticket open now, and whoever has claimed it."""
    looking = TicketRead.objects.filter(ticket=ticket, seen_at__gt=now - LOOKING).values("user")
    people = User.objects.filter(customer__isnull=True, is_active=True)
    return people.filter(Q(pk__in=looking) | Q(pk=ticket.assignee_id))


def tell_words(visitor: ChatVisitor | None, message: Message, *, now: datetime) -> None:
    """Both sides see the words at once: they are in the sign itself, so that nobody has to ask for them.

    Where they are too long for one, have files, or are the system's (each reader has them in their own language), the
    sign only says that there are some.
    """
    ticket = message.ticket
    if ticket is None:
        return
    told = as_json(visitor, message) if visitor is not None and message.side != Side.SYSTEM else None
    if told and (told["files"] or len(json.dumps(told, ensure_ascii=False).encode()) > SIGN_BYTES):
        told = None
    if visitor is not None:
        tell_visitor(visitor, {"kind": "message", "message": told} if told else {"kind": "words"})
    key = message.provider_message_id or ""
    words = told | {"client_id": key.rpartition(":")[2] if key.startswith("chat:") else ""} if told else None
    tell_lookers(ticket, {"kind": "message", "version": ticket.version, "words": words}, now=now)


def tell_visitor(visitor: ChatVisitor, event: dict[str, Any]) -> None:
    """Tell every window of the visitor's, when the present transaction commits."""
    stream.tell(visitor.topic, event)


def tell_lookers(ticket: Ticket, event: dict[str, Any], *, now: datetime) -> None:
    """Tell the consoles that have the ticket open, when the present transaction commits."""
    for user in lookers(ticket, now):
        stream.tell(user.pk, {"subject": ticket.ref, **event})
