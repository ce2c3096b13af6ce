"""What a command or a reaction in a service group sets going.

The words themselves are kept in the group before this is called, so that nobody's command is lost.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aftercare.desk.models import Contact, Group, Message


@dataclass(frozen=True)
class GroupCommand:
    """Somebody asks in a group for a ticket, for the green channel, or what can be asked for.

    `message` is what it is about: the message that was reacted to, or that carries the command; `words` are what stands
    behind the command.
    """

    verb: Literal["ticket", "green", "help"]
    words: str
    group: Group
    by: Contact
    message: Message
    by_reaction: bool


def handle(*, command: GroupCommand, now: datetime) -> None:
    """Do what was asked, in the transaction that keeps the words."""
