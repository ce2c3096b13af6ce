"""The settings of a rule and what a look finds, as values."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from aftercare.watch.models import RiskRule

USUAL_LEADS = (30, 14, 7)


@dataclass(frozen=True)
class RiskFacts:
    """A rule's settings; of the fields below `lead_days` its source takes those that it is about.

    `lead_days` are whole days before it runs out, the first a warning, the last red. `filters` are the metric's
    dimensions, or a measurement's labels. `unit` is UCUM for a measurement, free for figures.
    """

    name: str
    kind: str
    source: str
    lead_days: tuple[int, ...] = USUAL_LEADS
    expires_on: date | None = None
    sdk_version: str = ""
    metric: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    limit: float | None = None
    falls: bool = False
    unit: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The settings as a plain mapping."""
        return {**asdict(self), "lead_days": list(self.lead_days)}


@dataclass(frozen=True)
class Finding:
    """What a look says of one cause: when it runs out, None where it does not within a year.

    `seen_at` is when that was measured. `measured` are plain values for the page and the history: see words.evidence.
    `is_over` says that there is nothing left to look at: a target was deleted.
    """

    cause: str
    subject: str
    customer_id: int | None
    app_id: int | None
    kind: str
    seen_at: datetime
    runs_out_at: datetime | None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    measured: dict[str, Any] = field(default_factory=dict)
    is_over: bool = False


def facts_of(rule: RiskRule) -> RiskFacts:
    """The settings a rule has now."""
    kept = {name: getattr(rule, name) for name in RiskFacts.__dataclass_fields__}
    return RiskFacts(**{**kept, "lead_days": tuple(rule.lead_days)})
