"""Hours on duty out of intervals: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Interval:
    """A person's stretch in one state; `end` None while it lasts."""

    user: int
    state: str
    start: datetime
    end: datetime | None


def hours_by_day(
    intervals: Iterable[Interval], *, first: date, last: date, zone: ZoneInfo, now: datetime
) -> dict[tuple[int, str, date], float]:
    """Seconds per (person, state, local day) from `first` to `last`; what lies outside is cut off.

    A day is from midnight to midnight on the wall clock, 23 or 25 hours where the clock changes.
    """
    found: dict[tuple[int, str, date], float] = {}
    for interval in intervals:
        start, end = interval.start, min(interval.end or now, now)
        day = max(start.astimezone(zone).date(), first)
        while day <= last and midnight(day, zone) < end:
            begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
            seconds = (min(end, ends) - max(start, begins)).total_seconds()
            if seconds > 0:
                key = (interval.user, interval.state, day)
                found[key] = found.get(key, 0.0) + seconds
            day += timedelta(days=1)
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC: differences of local times would hide a change of the clock."""
    return datetime.combine(day, time(0), zone).astimezone(ZoneInfo("UTC"))
