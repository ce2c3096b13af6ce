"""Reading calendars and clocks."""

from collections.abc import Iterable
from datetime import date, datetime

import holidays
from django.db.models import QuerySet

from aftercare.clocks.due import due, spent
from aftercare.clocks.models import GOING, Calendar, Clock
from aftercare.clocks.types import ALWAYS, Day, Hours, Segment, checked_blocks


def hours_of_calendar(calendar: Calendar | None, *, around: date) -> Hours:
    """The calendar's hours with the special days of the year before, of, and the two after `around`.

    Public holidays are closed; a make-up working day (调休) has Monday's hours; the calendar's own days outrank both.
    None means around the clock.
    """
    if calendar is None:
        return ALWAYS
    week = tuple(checked_blocks(blocks) for blocks in calendar.week)
    days: dict[date, Day] = {}
    if calendar.country:
        public = holidays.country_holidays(calendar.country, years=range(around.year - 1, around.year + 3))
        days = {day: Day((), name) for day, name in public.items()}
        days |= {day: Day(week[0], "make-up working day") for day in sorted(public.weekend_workdays)}
    days |= {special.day: Day(checked_blocks(special.blocks), special.label) for special in calendar.special_days.all()}
    return Hours(calendar.timezone, week, days)


def default_hours(*, around: date) -> Hours:
    """The hours of the provider's default calendar; around the clock where there is none."""
    return hours_of_calendar(Calendar.objects.filter(is_default=True).first(), around=around)


def clocks_going(subject_refs: Iterable[str]) -> QuerySet[Clock]:
    """The running and paused clocks about these subjects, the next due first."""
    return Clock.objects.filter(subject_ref__in=list(subject_refs), state__in=GOING).order_by("due_at", "pk")


def clocks_about(subject_ref: str) -> QuerySet[Clock]:
    """Every clock about this subject, newest first."""
    return Clock.objects.filter(subject_ref=subject_ref)


def explained(clock: Clock, now: datetime) -> tuple[float, list[Segment]]:
    """Seconds spent until it stopped (or now), and the segments that were counted and were not."""
    return spent(clock.started_at, clock.stopped_at or now, clock.held_to().hours, clock.paused())


def half_of(clock: Clock) -> datetime | None:
    """When half of a going clock's target is used up; None while it stands still before that."""
    policy = clock.held_to()
    return due(clock.started_at, policy.target_s / 2, policy.hours, clock.paused()).at
