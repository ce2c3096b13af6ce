"""Reading calendars and clocks."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from aftercare.clocks.calendars import CalendarFacts
from aftercare.clocks.due import due, open_and_closed, spent
from aftercare.clocks.explanation import Explanation, explain, explained
from aftercare.clocks.models import GOING, Calendar, Clock
from aftercare.clocks.public_days import public_days
from aftercare.clocks.types import ALWAYS, Blocks, Day, Hours, checked_blocks
from aftercare.clocks.words import MAKE_UP_DAY

__all__ = [
    "Explanation",
    "clocks_about",
    "clocks_going",
    "default_hours",
    "due_at",
    "explain",
    "explained",
    "free_days",
    "half_of",
    "hours_of_calendar",
    "hours_of_facts",
    "is_open",
    "open_seconds",
]


def hours_of_calendar(calendar: Calendar | None, *, around: date) -> Hours:
    """The calendar's hours with the special days of the year before, of, and the two after `around`.

    Public holidays are closed; a make-up working day (调休) has Monday's hours; the calendar's own days outrank both.
    None means around the clock.
    """
    if calendar is None:
        return ALWAYS
    week = tuple(checked_blocks(blocks) for blocks in calendar.week)
    own = {special.day: Day(checked_blocks(special.blocks), special.label) for special in calendar.special_days.all()}
    return Hours(calendar.timezone, week, special_days(calendar.country, week, around) | own)


def hours_of_facts(facts: CalendarFacts, *, around: date) -> Hours:
    """The same of a calendar that nobody has kept yet."""
    return Hours(facts.timezone, facts.week, special_days(facts.country, facts.week, around) | dict(facts.days))


def special_days(country: str, week: tuple[Blocks, ...], around: date) -> dict[date, Day]:
    """A country's holidays and make-up working days of the years about `around`; nothing without a country."""
    public = public_days(country, around.year - 1, around.year + 2)
    days = {day: Day((), name) for day, name in public.off.items()}
    return days | {day: Day(week[0], MAKE_UP_DAY) for day in sorted(public.make_up)}


def free_days(*, around: date) -> tuple[str, frozenset[date], frozenset[date]]:
    """The default calendar's zone, and its country's holidays and make-up working days of the years about `around`.

    Without a default calendar, or one of no country, there are none.
    """
    calendar = Calendar.objects.filter(is_default=True).first()
    if calendar is None:
        return "UTC", frozenset(), frozenset()
    public = public_days(calendar.country, around.year - 1, around.year + 2)
    return calendar.timezone, frozenset(public.off), frozenset(public.make_up)


def default_hours(*, around: date) -> Hours:
    """The hours of the provider's default calendar; around the clock where there is none."""
    return hours_of_calendar(Calendar.objects.filter(is_default=True).first(), around=around)


def clocks_going(subject_refs: Iterable[str]) -> QuerySet[Clock]:
    """The running and paused clocks about these subjects, the next due first."""
    return Clock.objects.filter(subject_ref__in=list(subject_refs), state__in=GOING).order_by("due_at", "pk")


def clocks_about(subject_ref: str) -> QuerySet[Clock]:
    """Every clock about this subject, newest first."""
    return Clock.objects.filter(subject_ref=subject_ref)


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether the calendar is open at this instant."""
    return next(open_and_closed(now, hours)).is_counted


def open_seconds(hours: Hours, start: datetime, end: datetime) -> float:
    """How many open seconds lie between two instants."""
    return spent(start, end, hours)[0]


def due_at(hours: Hours, start: datetime, target_s: float) -> datetime:
    """When so many open seconds after `start` have gone by. Raises Refused when that is not within ten years."""
    found = due(start, target_s, hours).at
    if found is None:
        raise RuntimeError("without pauses every target is due")
    return found


def half_of(clock: Clock) -> datetime | None:
    """When half of a going clock's target is used up; None while it stands still before that."""
    policy = clock.held_to()
    return due(clock.started_at, policy.target_s / 2, policy.hours, clock.paused()).at
