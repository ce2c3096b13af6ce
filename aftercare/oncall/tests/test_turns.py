"""Shifts by the wall clock: changes of clocks, skipped and repeated hours."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.turns import Turns, Unit, number_at, start_of_turn, turns_between

NEW_YORK, LONDON, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")


def of_days(zone: ZoneInfo, starts_on: date, handoff: time, length_days: int, places: int) -> Turns:
    return Turns(zone, datetime.combine(starts_on, handoff), Unit.DAY, length_days, places)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        (NEW_YORK, "2026-03-07T02:30", "2026-03-07T07:30"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:00"),
        (NEW_YORK, "2026-03-08T02:00", "2026-03-08T07:00"),
        (NEW_YORK, "2026-03-08T03:00", "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),
        (LONDON, "2026-03-29T01:30", "2026-03-29T01:00"),
        (LONDON, "2026-10-25T01:30", "2026-10-25T00:30"),
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-03T15:30"),
        (LORD_HOWE, "2026-04-05T01:45", "2026-04-04T14:45"),
        (ZoneInfo("Pacific/Apia"), "2011-12-30T12:00", "2011-12-30T10:00"),
        (ZoneInfo("Asia/Shanghai"), "2026-03-08T02:30", "2026-03-07T18:30"),
    ],
)
def test_a_local_time_is_its_first_existing_instant(zone: ZoneInfo, local: str, instant: str) -> None:
    assert instant_of(datetime.fromisoformat(local), zone) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "starts_on", "handoff", "hours"),
    [
        (NEW_YORK, date(2026, 3, 7), time(2, 30), [23.5, 23.5, 24]),
        (NEW_YORK, date(2026, 10, 31), time(1, 30), [24, 25, 24]),
        (NEW_YORK, date(2026, 10, 31), time(9), [25, 24, 24]),
        (LONDON, date(2026, 3, 28), time(9), [23, 24, 24]),
        (LONDON, date(2026, 10, 24), time(9), [25, 24, 24]),
        (LORD_HOWE, date(2026, 10, 3), time(9), [23.5, 24, 24]),
        (LORD_HOWE, date(2026, 4, 4), time(9), [24.5, 24, 24]),
    ],
)
def test_shifts_over_a_change_of_clocks(zone: ZoneInfo, starts_on: date, handoff: time, hours: list[float]) -> None:
    turns = of_days(zone, starts_on, handoff, 1, 2)
    start = start_of_turn(turns, 0)
    found = list(turns_between(turns, start, start_of_turn(turns, 3)))
    assert [turn.place for turn in found] == [0, 1, 0]
    assert [(turn.ends_at - turn.starts_at) / timedelta(hours=1) for turn in found] == hours


def test_half_past_two_on_a_day_without_it_hands_over_at_three() -> None:
    turns = of_days(NEW_YORK, date(2026, 3, 7), time(2, 30), 1, 2)
    assert number_at(turns, utc("2026-03-08T06:59:59")) == 0
    assert number_at(turns, utc("2026-03-08T07:00")) == 1
    assert number_at(turns, utc("2026-03-09T06:29:59")) == 1
    assert number_at(turns, utc("2026-03-09T06:30")) == 2


def test_a_repeated_hour_is_one_long_shift() -> None:
    turns = of_days(NEW_YORK, date(2026, 10, 31), time(1, 30), 1, 2)
    assert number_at(turns, utc("2026-11-01T05:29")) == 0
    for minute in range(0, 60 * 25, 10):
        assert number_at(turns, utc("2026-11-01T05:30") + timedelta(minutes=minute)) == 1


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from([NEW_YORK, LONDON, LORD_HOWE, ZoneInfo("Asia/Shanghai"), ZoneInfo("Africa/Casablanca")]),
    starts_on=st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    handoff=st.times(),
    length_days=st.integers(1, 14),
    places=st.integers(1, 5),
    offset=st.integers(0, 400 * 24 * 60),
)
def test_there_is_always_exactly_one_turn(
    zone: ZoneInfo, starts_on: date, handoff: time, length_days: int, places: int, offset: int
) -> None:
    turns = of_days(zone, starts_on, handoff.replace(tzinfo=None), length_days, places)
    start = start_of_turn(turns, 0) + timedelta(minutes=offset)
    end = start + timedelta(days=40)
    found = list(turns_between(turns, start, end))
    assert found[0].starts_at <= start < found[0].ends_at
    assert found[-1].ends_at >= end
    assert all(before.ends_at == after.starts_at for before, after in pairwise(found))
    assert all(turn.starts_at < turn.ends_at for turn in found)
    assert all(after.place == (before.place + 1) % places for before, after in pairwise(found))
