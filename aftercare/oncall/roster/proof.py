"""What is wrong with what was declared: holes, people who are on call for too long or too often."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.schedules import Stretch

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
UTC_ZONE = ZoneInfo("UTC")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Limits:
    """What one person may be asked for, over all schedules together; None asks nothing.

    `longest` is time on call without a break, `most_in_week` time on call within any seven days, `most_nights` the
    nights (22:00 to 06:00 where the person is) with any of it among any seven in a row.
    """

    longest: timedelta | None = None
    most_in_week: timedelta | None = None
    most_nights: int | None = None


class Fault(StrEnum):
    """What is wrong."""

    GAP = "gap"
    FALLBACK = "fallback"
    TOO_LONG = "too_long"
    TOO_OFTEN = "too_often"
    TOO_MANY_NIGHTS = "too_many_nights"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong between two instants (UTC): in a schedule, or with a person. `held` is the person's time
    on call between them, `nights` how many of them it touches.
    """

    fault: Fault
    starts_at: datetime
    ends_at: datetime
    schedule: str = ""
    person: str = ""
    held: timedelta = timedelta()
    nights: int = 0

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at


def prove(
    told: Mapping[str, Sequence[Stretch]], limits: Limits, zones: Mapping[str, ZoneInfo] | None = None
) -> list[Finding]:
    """Everything that is wrong in the stretches of these schedules, by schedule and then by person.

    `zones` says where people are, by which their nights are told; UTC for whom it does not name.
    """
    found: list[Finding] = []
    held: defaultdict[str, list[Span]] = defaultdict(list)
    for name, stretches in told.items():
        empty = joined((one.starts_at, one.ends_at) for one in stretches if not one.people)
        filled = joined((one.starts_at, one.ends_at) for one in stretches if one.is_fallback)
        found += [Finding(Fault.GAP, *span, schedule=name) for span in empty]
        found += [Finding(Fault.FALLBACK, *span, schedule=name) for span in filled]
        for one in stretches:
            for person in one.people:
                held[person].append((one.starts_at, one.ends_at))
    for person, spans in sorted(held.items()):
        found += asked_too_much(person, joined(spans), limits, (zones or {}).get(person, UTC_ZONE))
    return found


def asked_too_much(person: str, spans: Sequence[Span], limits: Limits, zone: ZoneInfo = UTC_ZONE) -> list[Finding]:
    """What is too much for a person in this zone who is on call in these spans, which are apart and in order."""
    found = []
    if limits.longest is not None:
        long = [span for span in spans if span[1] - span[0] > limits.longest]
        found += [Finding(Fault.TOO_LONG, *span, person=person, held=span[1] - span[0]) for span in long]
    if limits.most_in_week is not None:
        full = full_weeks(spans, limits.most_in_week)
        found += [Finding(Fault.TOO_OFTEN, at, at + WEEK, person=person, held=held) for at, held in full]
    if limits.most_nights is not None:
        for first, count in full_of_nights(nights_in(spans, zone), limits.most_nights):
            begins, ends = (instant_of(datetime.combine(day, NIGHT_BEGINS), zone) for day in (first, first + WEEK))
            found.append(Finding(Fault.TOO_MANY_NIGHTS, begins, ends, person=person, nights=count))
    return found


def nights_in(spans: Sequence[Span], zone: ZoneInfo) -> list[date]:
    """The nights that these spans touch, each by its evening, in order."""
    found: list[date] = []
    for begins, ends in spans:
        day = max(begins.astimezone(zone).date() - DAY, found[-1] + DAY if found else date.min)
        while instant_of(datetime.combine(day, NIGHT_BEGINS), zone) < ends:
            if instant_of(datetime.combine(day + DAY, NIGHT_ENDS), zone) > begins:
                found.append(day)
            day += DAY
    return found


def full_of_nights(nights: Sequence[date], most: int) -> list[tuple[date, int]]:
    """Seven nights in a row with more than `most` among them, by their first, the fullest of those that overlap."""
    counts = [(bisect_left(nights, first + WEEK) - place, first) for place, first in enumerate(nights)]
    told: list[tuple[date, int]] = []
    for count, first in sorted((one for one in counts if one[0] > most), key=lambda one: (-one[0], one[1])):
        if all(abs(first - other) >= WEEK for other, _count in told):
            told.append((first, count))
    return sorted(told)


def full_weeks(spans: Sequence[Span], most: timedelta) -> list[tuple[datetime, timedelta]]:
    """Seven-day windows with more than `most` in them, each with its time, the fullest of those that overlap.

    What lies in a window grows or shrinks evenly as it moves, and turns from growing to shrinking only where it begins
    with a span or ends with one: no other window can be the fullest.
    """
    begins, before = [span[0] for span in spans], [timedelta()]
    for span in spans:
        before.append(before[-1] + span[1] - span[0])

    def held_until(at: datetime) -> timedelta:
        place = bisect_left(begins, at)
        return before[place] - (max(spans[place - 1][1] - at, timedelta()) if place else timedelta())

    windows = {span[0] for span in spans} | {span[1] - WEEK for span in spans}
    full = [(held_until(at + WEEK) - held_until(at), at) for at in windows]
    told: list[tuple[datetime, timedelta]] = []
    for held, at in sorted((one for one in full if one[0] > most), key=lambda one: (-one[0], one[1])):
        if all(abs(at - other) >= WEEK for other, _held in told):
            told.append((at, held))
    return sorted(told)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch or overlap as one."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What lies in both; each side is in order and apart."""
    found, place = [], 0
    for begins, ends in some:
        while place < len(others) and others[place][1] <= begins:
            place += 1
        at = place
        while at < len(others) and others[at][0] < ends:
            found.append((max(begins, others[at][0]), min(ends, others[at][1])))
            at += 1
    return found


def without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What of some spans lies in none of the others; each side is in order and apart."""
    found: list[Span] = []
    for begins, ends in some:
        for other_begins, other_ends in others:
            if other_ends <= begins or other_begins >= ends:
                continue
            if other_begins > begins:
                found.append((begins, other_begins))
            begins = other_ends
        if begins < ends:
            found.append((begins, ends))
    return found
