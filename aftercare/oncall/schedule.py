"""Shifts as wall-clock arithmetic, without the database.

A local time that a change of clocks skips means the first instant that exists after it; a repeated hour belongs to
one long shift (a hand-over inside it happens at its first occurrence).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Turns:
    """A rotation's arithmetic: `places` people take turns of `length_days` days from `starts_on`, at `handoff`."""

    zone: ZoneInfo
    starts_on: date
    handoff: time
    length_days: int
    places: int


@dataclass(frozen=True)
class Turn:
    """One turn: the place (0-based) that holds from `starts_at` until before `ends_at`, both UTC."""

    place: int
    starts_at: datetime
    ends_at: datetime


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive local time: its first occurrence, or the end of the gap it falls into."""
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early
    return gap_end(local.replace(tzinfo=zone, fold=1).astimezone(UTC), early, zone)


def gap_end(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two UTC instants at which the zone's offset changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > ONE_SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def start_of_turn(turns: Turns, number: int) -> datetime:
    """When turn `number` (0 is the first) begins, in UTC."""
    day = turns.starts_on + timedelta(days=number * turns.length_days)
    return instant_of(datetime.combine(day, turns.handoff), turns.zone)


def number_at(turns: Turns, at: datetime) -> int:
    """The number of the turn that holds at this instant; negative before the first."""
    days = (at.astimezone(turns.zone).date() - turns.starts_on).days
    number = days // turns.length_days
    while start_of_turn(turns, number) > at:
        number -= 1
    while start_of_turn(turns, number + 1) <= at:
        number += 1
    return number


def turns_between(turns: Turns, start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns that touch [start, end), uncut, in order; nothing before the first, nothing without places."""
    if turns.places == 0:
        return
    number = max(number_at(turns, start), 0)
    starts_at = start_of_turn(turns, number)
    while starts_at < end:
        ends_at = start_of_turn(turns, number + 1)
        yield Turn(number % turns.places, starts_at, ends_at)
        number, starts_at = number + 1, ends_at
