"""The desk's tables."""

from aftercare.desk.models.asking import OPEN_LOGS, Field, FieldRequest, LogRequest, LogState, TicketFact
from aftercare.desk.models.complaint import Complaint, ComplaintWay
from aftercare.desk.models.defect import DefectLink
from aftercare.desk.models.group import Group
from aftercare.desk.models.inbound import Inbound, InboundState
from aftercare.desk.models.message import Attachment, Message, Side
from aftercare.desk.models.people import Contact, Identity
from aftercare.desk.models.phone import Call, CallBack, CallOutcome, Direction
from aftercare.desk.models.presence import PresenceInterval, PresenceState
from aftercare.desk.models.routing import (
    AgentProfile,
    Assignment,
    AssignmentEnd,
    CustomerExpert,
    ExpertPlace,
    HandOver,
    Routing,
    Tier,
)
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
    "OPEN_LOGS",
    "UNSETTLED",
    "AgentProfile",
    "Assignment",
    "AssignmentEnd",
    "Attachment",
    "Call",
    "CallBack",
    "CallOutcome",
    "Complaint",
    "ComplaintWay",
    "Contact",
    "CustomerExpert",
    "DefectLink",
    "Direction",
    "EventKind",
    "ExpertPlace",
    "Field",
    "FieldRequest",
    "Group",
    "HandOver",
    "Identity",
    "Inbound",
    "InboundState",
    "LogRequest",
    "LogState",
    "Message",
    "PresenceInterval",
    "PresenceState",
    "Routing",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketFact",
    "TicketRead",
    "Tier",
    "Way",
]
