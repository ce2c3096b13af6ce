"""The audit row of what is done to an incident."""

from datetime import datetime

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Incident


def record(action: str, incident: Incident, actor: User | None, detail: dict[str, object], now: datetime) -> None:
    """Keep it, under the customer whose incident it is."""
    audit.record(
        actor=actor, action=action, subject=incident.ref, customer_id=incident.customer_id, detail=detail, now=now
    )
