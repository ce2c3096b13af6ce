"""The audit row of what leaves a ticket itself as it is; `handling.told` keeps one of what changes it."""

from collections.abc import Mapping
from datetime import datetime

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.models import Ticket


def keep(ticket: Ticket, action: str, actor: User | None, detail: Mapping[str, object], now: datetime) -> None:
    """Who did what with the ticket. What end users said or are called stays out of `detail`."""
    audit.record(actor=actor, action=action, subject=ticket.ref, customer_id=ticket.customer_id, detail=detail, now=now)
