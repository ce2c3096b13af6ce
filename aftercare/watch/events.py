"""What this room tells the rooms above; handlers run in the publisher's transaction and only write rows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AlertOpened:
    """A monitor crossed its line, or somebody else's monitoring spoke.

    Of two that cross in one evaluation the red one is told first.
    """

    alert_id: int
    at: datetime


@dataclass(frozen=True)
class AlertClosed:
    """An alert is over, for the reason its row gives."""

    alert_id: int
    at: datetime


@dataclass(frozen=True)
class AlertsOpened:
    """Several alerts of one origin, hence of one place, opened in one breath: one incident, one page, told once."""

    alert_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class AlertsRaised:
    """Open alerts of one origin that were warnings are red now."""

    alert_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class AlertsClosed:
    """Several alerts of one origin are over in one breath, all for the reason that their rows give."""

    alert_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class RiskFound:
    """A hidden risk was found, or came back; `lead_days` is the lead time that it is within."""

    risk_id: int
    lead_days: int
    at: datetime


@dataclass(frozen=True)
class RiskDue:
    """A hidden risk that is open is past the time by which it was to be dealt with; told once for each such time."""

    risk_id: int
    at: datetime


@dataclass(frozen=True)
class RiskClosed:
    """A hidden risk is closed, for the reason its row gives."""

    risk_id: int
    at: datetime
