"""Four weeks of shifts as rows to draw: places in per cent, so that a page of any width shows the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone

from aftercare.accounts.models import User
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.queries.policy import people_of
from aftercare.oncall.queries.shifts import Shift, shifts

WEEKS = 4
COLOURS = 6
DAYS = 7


@dataclass(frozen=True)
class Bar:
    """One shift within one week; `colour` is 1 to COLOURS, 0 for a hole."""

    x: str
    width: str
    label: str
    colour: int
    starts_at: datetime
    ends_at: datetime
    change: Change | None
    is_fallback: bool


@dataclass(frozen=True)
class Lane:
    """One schedule within one week."""

    schedule: Schedule
    bars: list[Bar]


@dataclass(frozen=True)
class Day:
    """One day's column."""

    date: date
    x: str
    is_today: bool


@dataclass(frozen=True)
class Week:
    """One row: Monday to Sunday in the reader's zone."""

    days: list[Day]
    lanes: list[Lane]
    now_x: str
    holes: int


def per_cent(part: float) -> str:
    """A share of the row's width as SVG wants it."""
    return f"{part * 100:.3f}%"


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day, in UTC."""
    local = datetime.combine(day, time())
    return instant_of(local, zone) if isinstance(zone, ZoneInfo) else local.replace(tzinfo=zone).astimezone(UTC)


def colours_of(schedules: Sequence[Schedule]) -> dict[int, int]:
    """A colour for each person, by the order they appear in."""
    people = [user.pk for schedule in schedules for user in people_of(schedule)]
    return {pk: place % COLOURS + 1 for place, pk in enumerate(dict.fromkeys(people))}


def weeks(schedules: Sequence[Schedule], now: datetime) -> list[Week]:
    """The present week and the three after it, in the reader's zone."""
    zone = timezone.get_current_timezone()
    today = timezone.localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    colours = colours_of(schedules)
    return [week_of(schedules, monday + timedelta(weeks=n), zone, colours, now) for n in range(WEEKS)]


def week_of(schedules: Sequence[Schedule], monday: date, zone: tzinfo, colours: dict[int, int], now: datetime) -> Week:
    """One row of the calendar."""
    starts = [midnight(monday + timedelta(days=n), zone) for n in range(DAYS + 1)]
    start, end = starts[0], starts[-1]
    length = end - start
    lanes = []
    for schedule in schedules:
        found = shifts(schedule, start, end)
        lanes.append(Lane(schedule, [bar_of(shift, start, length, colours) for shift in found]))
    today = timezone.localtime(now).date()
    days = []
    for n, begins in enumerate(starts[:-1]):
        day = monday + timedelta(days=n)
        days.append(Day(day, per_cent((begins - start) / length), day == today))
    now_x = per_cent((now - start) / length) if start <= now < end else ""
    holes = sum(bar.colour == 0 and bar.ends_at > now for lane in lanes for bar in lane.bars)
    return Week(days, lanes, now_x, holes)


def bar_of(shift: Shift, start: datetime, length: timedelta, colours: dict[int, int]) -> Bar:
    """One shift as a bar."""
    x, width = (shift.starts_at - start) / length, (shift.ends_at - shift.starts_at) / length
    colour = colour_of(shift.users, colours)
    return Bar(
        per_cent(x),
        per_cent(width),
        shift.names,
        colour,
        shift.starts_at,
        shift.ends_at,
        shift.change,
        shift.is_fallback,
    )


def colour_of(users: Sequence[User], colours: dict[int, int]) -> int:
    """0 for nobody, else the first one's; somebody whom no schedule names gets the next colour."""
    return colours.setdefault(users[0].pk, len(colours) % COLOURS + 1) if users else 0
