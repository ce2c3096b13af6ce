"""What a figure is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aftercare.accounts.models import Customer


@dataclass(frozen=True)
class Wanted:
    """Which period (from `start` until before `end`), whose incidents, how severe; empty narrows nothing."""

    start: datetime
    end: datetime
    customer: Customer | None = None
    severity: str = ""

    @property
    def before(self) -> "Wanted":
        """The period of the same length right before."""
        return Wanted(self.start - (self.end - self.start), self.start, self.customer, self.severity)

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds() / 86_400


@dataclass(frozen=True)
class Row:
    """One thing behind a figure. `value` is in the figure's row unit, None where there is none; `path` "" has no page.

    `word` says what came of it where a number does not.
    """

    title: str
    path: str
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None
    value: float | None = None
    word: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Counted:
    """A figure: `value` is None where nothing was there to count, never 0. `n` is what it is counted over.

    `beside` is what is not in it, or stands next to it, in sentences.
    """

    key: str
    value: float | None
    n: int
    median: float | None = None
    p90: float | None = None
    beside: Sequence[str] = ()
    rows: Sequence[Row] = field(default_factory=list)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value at this share (0-1) of the sorted values, between two of them in proportion; None of nothing.

    The same as PostgreSQL's percentile_cont and numpy's default.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return sum(values) / len(values) if values else None


def percent(part: int, whole: int) -> float | None:
    """None of nothing."""
    return 100 * part / whole if whole else None
