"""Who was on call for how long in a month, for those who pay for it."""

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from aftercare.accounts.models import User
from aftercare.clocks.public_days import PublicDays, public_days
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.models import Change, Schedule, ScheduleVersion
from aftercare.oncall.queries.shifts import declared, refs_in
from aftercare.oncall.roster.schedules import Stretch, stretches

NIGHT_ENDS, NIGHT_BEGINS = time(6), time(22)
DAY = timedelta(days=1)


class Sort(StrEnum):
    """What kind of day an hour lies in, by the schedule's zone and the holidays that it follows."""

    WORKDAY = "workday"
    DAY_OFF = "day_off"
    HOLIDAY = "holiday"


@dataclass
class Hours:
    """One person's time on one schedule; `night` is what of all of it lies between 22:00 and 06:00."""

    user: User
    schedule: Schedule
    shifts: int = 0
    of: dict[Sort, timedelta] = field(default_factory=lambda: defaultdict(timedelta))
    night: timedelta = timedelta()

    @property
    def total(self) -> timedelta:
        """All of it."""
        return sum(self.of.values(), timedelta())


def hours_of_month(month: date, now: datetime) -> list[Hours]:
    """Everybody's time in the month of `month`, as far as it has gone by, by schedule and name.

    Each instant counts by the version of the schedule that held then, whoever left since included.
    """
    found: list[Hours] = []
    for schedule in Schedule.objects.all():
        zone = ZoneInfo(schedule.document["timezone"])
        start = instant_of(datetime.combine(month.replace(day=1), time()), zone)
        following = (month.replace(day=28) + 4 * DAY).replace(day=1)
        end = min(instant_of(datetime.combine(following, time()), zone), now)
        found += hours_on(schedule, start, end)
    return found


def hours_on(schedule: Schedule, start: datetime, end: datetime) -> list[Hours]:
    """Everybody's time on one schedule within [start, end)."""
    told: dict[str, Hours] = {}
    people = everybody(schedule)
    for held, public in held_between(schedule, people, start, end):
        parts = list(parts_of(held, ZoneInfo(schedule.document["timezone"]), public))
        for ref in held.people:
            one = told.setdefault(ref, Hours(people[ref], schedule))
            one.shifts += 1
            for sort, is_night, length in parts:
                one.of[sort] += length
                one.night += length if is_night else timedelta()
    return sorted(told.values(), key=lambda one: (one.user.name, one.user.pk))


def held_between(
    schedule: Schedule, people: Container[str], start: datetime, end: datetime
) -> Iterator[tuple[Stretch, PublicDays]]:
    """What held within [start, end), by the version that held, with the public days that it followed."""
    changes = list(schedule.changes.filter(starts_at__lt=end, ends_at__gt=start).select_related("user", "replaced"))
    versions: list[ScheduleVersion] = list(schedule.versions.order_by("version"))
    edges = [*(max(one.at, start) for one in versions), end]
    for version, (begins, ends) in zip(versions, pairwise(edges), strict=True):
        if begins >= ends:
            continue
        document: dict[str, Any] = version.document
        public = public_days(document.get("holidays", ""), begins.year, ends.year)
        then = Schedule(pk=schedule.pk, name=version.name, document=document)
        for held in stretches(declared(then, changes, people, begins), begins, ends):
            yield held, public


def everybody(schedule: Schedule) -> dict[str, User]:
    """Whoever the schedule named in any of its versions, or by a change, by ref."""
    refs = {ref for version in schedule.versions.all() for ref in refs_in(version.document)}
    changes = Change.objects.filter(schedule=schedule).select_related("user", "replaced")
    named = [person for change in changes for person in (change.user, change.replaced) if person is not None]
    people = [*User.objects.filter(ref__in=refs), *named]
    return {user.ref: user for user in people}


def parts_of(held: Stretch, zone: ZoneInfo, public: PublicDays) -> Iterator[tuple[Sort, bool, timedelta]]:
    """The stretch in parts that lie in one day and either by night or by day: kind of day, whether by night, length."""
    day = held.starts_at.astimezone(zone).date()
    while (midnight := instant_of(datetime.combine(day, time()), zone)) < held.ends_at:
        edges = [midnight, *(instant_of(datetime.combine(day, at), zone) for at in (NIGHT_ENDS, NIGHT_BEGINS))]
        edges.append(instant_of(datetime.combine(day + DAY, time()), zone))
        for number, (begins, ends) in enumerate(pairwise(edges)):
            length = min(ends, held.ends_at) - max(begins, held.starts_at)
            if length > timedelta():
                yield sort_of(day, public), number != 1, length
        day += DAY


def sort_of(day: date, public: PublicDays) -> Sort:
    """What kind of day this is."""
    if day in public.off:
        return Sort.HOLIDAY
    return Sort.WORKDAY if public.is_workday(day) else Sort.DAY_OFF


def first_of_month(text: str, now: datetime) -> date:
    """The month that `2026-11` names; the present one, in UTC, for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return now.date().replace(day=1)
