"""The desk's tables."""

from aftercare.desk.models.group import Group
from aftercare.desk.models.inbound import Inbound, InboundState
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
    "AsideMail",
    "AsideReason",
    "AsideState",
    "Attachment",
    "BouncedAddress",
    "Contact",
    "EventKind",
    "Group",
    "HeardMail",
    "Identity",
    "Inbound",
    "InboundState",
    "MailDomain",
    "MailFolder",
    "MailParty",
    "Message",
    "Severity",
    "Side",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketRead",
    "Way",
]
