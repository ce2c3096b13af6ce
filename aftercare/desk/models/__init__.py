"""The desk's tables."""

from aftercare.desk.models.group import Group
from aftercare.desk.models.inbound import Inbound, InboundState
from aftercare.desk.models.message import Attachment, Message, Side
from aftercare.desk.models.people import Contact, Identity
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
from aftercare.desk.models.unknown_chat import UnknownChat

__all__ = [
    "UNSETTLED",
    "Attachment",
    "Contact",
    "EventKind",
    "Group",
    "Identity",
    "Inbound",
    "InboundState",
    "Message",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "UnknownChat",
    "Way",
]
