"""A question in a group becomes a ticket: by a reaction to it, by a command in reply to it, or as a command itself."""

import re
from datetime import datetime

from aftercare.desk.actions.opening import open_ticket
from aftercare.desk.models import Message, Severity, Side, Ticket, Way

TICKET_REACTIONS = frozenset({"🎫", "🎟", "📌"})
COMMAND = re.compile(r"^[!/](?:ticket|工单)(?:\s+|$)", re.IGNORECASE)
TITLE = 60


def is_ticket_reaction(key: object) -> bool:
    """Whether this reaction asks for a ticket."""
    return isinstance(key, str) and key.rstrip("\ufe0f") in TICKET_REACTIONS


def without_command(text: str) -> str | None:
    """The words after the command that asks for a ticket; None where there is no such command."""
    found = COMMAND.match(text)
    return text[found.end() :].strip() if found else None


def to_ticket(message: Message, *, now: datetime) -> Ticket | None:
    """The ticket of a customer's question, opened with it as the first message; None for words that are no question."""
    if message.ticket_id is not None:
        return message.ticket
    if message.group is None or message.side != Side.CUSTOMER or message.internal:
        return None
    first_line = message.body.strip().partition("\n")[0] or message.group.name
    return open_ticket(
        customer_id=message.group.customer_id,
        app_id=None,
        title=first_line if len(first_line) <= TITLE else first_line[: TITLE - 1] + "…",
        severity=Severity.P3,
        body="",
        opened_by=message.contact or message.author,
        way=Way.GROUP,
        group=message.group,
        first=message,
        now=now,
    )
