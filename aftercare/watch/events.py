"""What this room tells the rooms above; handlers run in the publisher's transaction and only write rows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AlertOpened:
    """A monitor crossed its line. Of two that cross in one evaluation the red one is told first."""

    alert_id: int
    at: datetime


@dataclass(frozen=True)
class AlertClosed:
    """An alert is over, for the reason its row gives."""

    alert_id: int
    at: datetime
