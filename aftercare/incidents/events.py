"""What incidents tell whoever stands above or beside them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class EntryWritten:
    """A line of an incident's timeline: each thing that happens to an incident writes one. `kind` is a Kind's value."""

    entry_id: int
    incident_id: int
    incident_ref: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class ResponsibilityChanged:
    """Somebody said whose an incident was; `customer_id` None: for every customer that has no word of its own."""

    incident_id: int
    incident_ref: str
    customer_id: int | None
    at: datetime
