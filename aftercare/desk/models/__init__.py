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
from aftercare.desk.models.vendors import (
    ArchiveConsent,
    ChangeKind,
    ConsentHow,
    MessageChange,
    PreparedReply,
    PreparedState,
    PullCursor,
    ServiceWindow,
)

__all__ = [
    "UNSETTLED",
    "ArchiveConsent",
    "Attachment",
    "ChangeKind",
    "ConsentHow",
    "Contact",
    "EventKind",
    "Group",
    "Identity",
    "Inbound",
    "InboundState",
    "Message",
    "MessageChange",
    "PreparedReply",
    "PreparedState",
    "PullCursor",
    "ServiceWindow",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "Way",
]
