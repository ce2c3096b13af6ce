"""Turns as wall-clock arithmetic.

A local time that a change of clocks skips means the first instant that exists after it; a repeated hour belongs to
one long turn (a hand-over inside it happens at its first occurrence).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from aftercare.kernel.wall_clock import instant_of

# What schedules may be about; further away nobody knows a holiday.
YEARS = range(2000, 2101)


class Unit(StrEnum):
    """What a turn's length is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


LENGTH = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}


@dataclass(frozen=True)
class Turns:
    """`places` take turns of `every` units, from the local time `starts` on.

    Months keep the day and the time of the start; in a month without that day they hand over on its last.
    """

    zone: ZoneInfo
    starts: datetime
    unit: Unit
    every: int
    places: int


@dataclass(frozen=True)
class Turn:
    """Turn `number` (0 is the first): its place (0-based) holds from `starts_at` until before `ends_at`, both UTC."""

    number: int
    place: int
    starts_at: datetime
    ends_at: datetime


def start_of_turn(turns: Turns, number: int) -> datetime:
    """When turn `number` (0 is the first) begins, in UTC."""
    return instant_of(local_start(turns, number), turns.zone)


def local_start(turns: Turns, number: int) -> datetime:
    """The same by the wall clock."""
    if turns.unit is not Unit.MONTH:
        return turns.starts + LENGTH[turns.unit] * turns.every * number
    months = turns.starts.year * 12 + turns.starts.month - 1 + number * turns.every
    year, month = months // 12, months % 12 + 1
    return turns.starts.replace(year=year, month=month, day=min(turns.starts.day, monthrange(year, month)[1]))


def number_at(turns: Turns, at: datetime) -> int:
    """The number of the turn that holds at this instant; negative before the first."""
    local = at.astimezone(turns.zone).replace(tzinfo=None)
    if turns.unit is Unit.MONTH:
        months = (local.year - turns.starts.year) * 12 + local.month - turns.starts.month
        number = months // turns.every
    else:
        number = (local - turns.starts) // (LENGTH[turns.unit] * turns.every)
    while start_of_turn(turns, number) > at:
        number -= 1
    while start_of_turn(turns, number + 1) <= at:
        number += 1
    return number


def turns_between(turns: Turns, start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns that touch [start, end), uncut, in order; nothing before the first, nothing without places.

    A turn that lies in a skipped hour as a whole has no length and is left out; its place is passed over.
    """
    if turns.places == 0:
        return
    number = max(number_at(turns, start), 0)
    starts_at = start_of_turn(turns, number)
    while starts_at < end:
        ends_at = start_of_turn(turns, number + 1)
        if ends_at > starts_at:
            yield Turn(number, number % turns.places, starts_at, ends_at)
        number, starts_at = number + 1, ends_at
