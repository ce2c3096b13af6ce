"""The desk's tables."""

from aftercare.desk.models.asking import OPEN_LOGS, Fact, FieldRequest, LogRequest, LogState, TicketFact
from aftercare.desk.models.chat import ChatSession, ChatVisitor, ChatWidget, WaitingAnswer
from aftercare.desk.models.complaint import Complaint, ComplaintWay
from aftercare.desk.models.defect import DefectLink
from aftercare.desk.models.document import Document, Kind, Unindexed
from aftercare.desk.models.emergency import Emergency, EmergencyCall, PageWish
from aftercare.desk.models.group import GROUP_REPLY, Group
from aftercare.desk.models.inbound import Inbound, InboundState
from aftercare.desk.models.keeping import Look, Move, MoveKind, Reminder
from aftercare.desk.models.life import CallBack, CallResult, Following, LifeKind, LifeStep
from aftercare.desk.models.mail import (
    AsideMail,
    AsideReason,
    AsideState,
    BouncedAddress,
    HeardMail,
    MailDomain,
    MailFolder,
    MailParty,
)
from aftercare.desk.models.message import Attachment, Message, Side
from aftercare.desk.models.people import Contact, Identity
from aftercare.desk.models.phone import Call, CallOutcome, Direction, ReturnCall
from aftercare.desk.models.presence import PresenceInterval, PresenceState
from aftercare.desk.models.rating import QUESTIONS, Rating
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
from aftercare.desk.models.unknown_chat import UnknownChat
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
    "GROUP_REPLY",
    "OPEN_LOGS",
    "QUESTIONS",
    "UNSETTLED",
    "AgentProfile",
    "ArchiveConsent",
    "AsideMail",
    "AsideReason",
    "AsideState",
    "Assignment",
    "AssignmentEnd",
    "Attachment",
    "BouncedAddress",
    "Call",
    "CallBack",
    "CallOutcome",
    "CallResult",
    "ChangeKind",
    "ChatSession",
    "ChatVisitor",
    "ChatWidget",
    "Complaint",
    "ComplaintWay",
    "ConsentHow",
    "Contact",
    "CustomerExpert",
    "DefectLink",
    "Direction",
    "Document",
    "Emergency",
    "EmergencyCall",
    "EventKind",
    "ExpertPlace",
    "Fact",
    "Field",
    "FieldRequest",
    "FieldType",
    "FieldValue",
    "Following",
    "Group",
    "HandOver",
    "HeardMail",
    "Identity",
    "Inbound",
    "InboundState",
    "Kind",
    "LifeKind",
    "LifeStep",
    "LogRequest",
    "LogState",
    "Look",
    "Macro",
    "MailDomain",
    "MailFolder",
    "MailParty",
    "Message",
    "MessageChange",
    "Move",
    "MoveKind",
    "PageWish",
    "PreparedReply",
    "PreparedState",
    "PresenceInterval",
    "PresenceState",
    "PullCursor",
    "Rating",
    "Reminder",
    "ReturnCall",
    "Routing",
    "SavedView",
    "ServiceWindow",
    "Severity",
    "Side",
    "Status",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketFact",
    "TicketRead",
    "Tier",
    "Unindexed",
    "UnknownChat",
    "WaitingAnswer",
    "Way",
]
