"""What the desk tells the rooms above it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aftercare.desk.models import Message, Ticket


@dataclass(frozen=True)
class TicketOpened:
    ticket_id: int
    at: datetime


@dataclass(frozen=True)
class MessagePosted:
    message_id: int
    ticket_id: int
    at: datetime

    @classmethod
    def of(cls, message: "Message", ticket: "Ticket", at: datetime) -> "MessagePosted":
        """The event of a message that the poster holds, with its ticket as it now is."""
        event = cls(message.pk, ticket.pk, at)
        event.__dict__["message"] = message
        return event

    @cached_property
    def message(self) -> "Message":
        """What was posted, with its ticket, read once for all who listen: every chat line passes all of them."""
        from aftercare.desk.models import Message  # models are there only when all rooms are set up

        beside = ("ticket__customer", "ticket__app", "ticket__assignee", "author", "contact")
        return Message.objects.select_related(*beside).get(pk=self.message_id)


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
