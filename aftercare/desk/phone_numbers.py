"""Whom a phone number is shown to in full."""

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.desk.models import Ticket


def shown_number(number: str, reader: User, person_id: int | None, ticket: Ticket | None) -> str:
    """The number in full for whoever had or owes the call, has its ticket, or plans duty; masked for all others."""
    has_need = reader.pk in (person_id, ticket.assignee_id if ticket else None) or can(reader, "manage_oncall")
    if has_need or len(number) < 5:
        return number if has_need else "····"[: len(number)]
    return f"{number[:3]}····{number[-2:]}"
