"""The desk's tables."""

from aftercare.desk.models.chat import ChatSession, ChatVisitor, ChatWidget
from aftercare.desk.models.emergency import Emergency, EmergencyCall, PageWish
from aftercare.desk.models.group import GROUP_REPLY, Group
from aftercare.desk.models.inbound import Inbound, InboundState
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
from aftercare.desk.models.presence import PresenceInterval, PresenceState
from aftercare.desk.models.rating import QUESTIONS, Rating
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
    "QUESTIONS",
    "UNSETTLED",
    "ArchiveConsent",
    "AsideMail",
    "AsideReason",
    "AsideState",
    "Attachment",
    "BouncedAddress",
    "CallBack",
    "CallResult",
    "ChangeKind",
    "ChatSession",
    "ChatVisitor",
    "ChatWidget",
    "ConsentHow",
    "Contact",
    "Emergency",
    "EmergencyCall",
    "EventKind",
    "Following",
    "Group",
    "HeardMail",
    "Identity",
    "Inbound",
    "InboundState",
    "LifeKind",
    "LifeStep",
    "MailDomain",
    "MailFolder",
    "MailParty",
    "Message",
    "MessageChange",
    "PageWish",
    "PreparedReply",
    "PreparedState",
    "PresenceInterval",
    "PresenceState",
    "PullCursor",
    "Rating",
    "ServiceWindow",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "UnknownChat",
    "Way",
]
