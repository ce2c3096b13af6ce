"""What the desk tells the rooms above it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TicketOpened:
    ticket_id: int
    at: datetime


@dataclass(frozen=True)
class MessagePosted:
    message_id: int
    ticket_id: int
    at: datetime


@dataclass(frozen=True)
class TicketSolved:
    ticket_id: int
    user_id: int | None
    at: datetime


@dataclass(frozen=True)
class GroupMessagePosted:
    message_id: int
    group_id: int
    at: datetime
