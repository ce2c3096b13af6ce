"""The desk's tables."""

from aftercare.desk.models.chat import ChatSession, ChatVisitor, ChatWidget
from aftercare.desk.models.group import Group
from aftercare.desk.models.inbound import Inbound, InboundState
from aftercare.desk.models.message import Attachment, Message, Side
from aftercare.desk.models.people import Contact, Identity
from aftercare.desk.models.presence import PresenceInterval, PresenceState
from aftercare.desk.models.ticket import (
    UNSETTLED,
    EventKind,
    Severity,
    Status,
    Ticket,
    TicketEvent,
    TicketRead,
    Way,
)

__all__ = [
    "UNSETTLED",
    "Attachment",
    "ChatSession",
    "ChatVisitor",
    "ChatWidget",
    "Contact",
    "EventKind",
    "Group",
    "Identity",
    "Inbound",
    "InboundState",
    "Message",
    "PresenceInterval",
    "PresenceState",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "Way",
]
