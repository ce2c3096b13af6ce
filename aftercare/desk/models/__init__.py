"""The desk's tables."""

from aftercare.desk.models.document import Document, Kind, Unindexed
from aftercare.desk.models.group import Group
from aftercare.desk.models.inbound import Inbound, InboundState
from aftercare.desk.models.keeping import Look, Move, MoveKind, Reminder, Watcher
from aftercare.desk.models.message import Attachment, Message, Side
from aftercare.desk.models.people import Contact, Identity
from aftercare.desk.models.sorting import Field, FieldType, FieldValue, Macro, SavedView, Tag
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
    "Contact",
    "Document",
    "EventKind",
    "Field",
    "FieldType",
    "FieldValue",
    "Group",
    "Identity",
    "Inbound",
    "InboundState",
    "Kind",
    "Look",
    "Macro",
    "Message",
    "Move",
    "MoveKind",
    "Reminder",
    "SavedView",
    "Severity",
    "Side",
    "Status",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "Unindexed",
    "Watcher",
    "Way",
]
