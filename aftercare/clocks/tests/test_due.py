"""Due times against calendars that have gone wrong elsewhere: lunch, midnight, holidays, daylight saving."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aftercare.clocks.due import due, instant, spent
from aftercare.clocks.types import ALWAYS, DAY_S, Day, Hours, Pause, hours_of
from aftercare.kernel.errors import Refused

H = 3600
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
SPLIT = ((9 * H, 12 * H), (13 * H + 1800, 18 * H))
OFFICE = Hours("Asia/Shanghai", (SPLIT,) * 5 + ((), ()))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("started", "target_s", "wanted"),
    [
        ("2026-11-30 09:00", H, "2026-11-30 10:00"),
        ("2026-11-30 11:30", H, "2026-11-30 14:00"),  # half an hour before lunch, half an hour after
        ("2026-11-30 11:00", H, "2026-11-30 12:00"),  # exactly at closing time stays there
        ("2026-11-30 17:00", H, "2026-11-30 18:00"),
        ("2026-11-30 17:00:01", H, "2026-12-01 09:00:01"),  # seconds are kept
        ("2026-11-30 03:00", H, "2026-11-30 10:00"),
        ("2026-11-27 17:30", H, "2026-11-30 09:30"),  # over the weekend
    ],
)
def test_it_counts_open_time_alone(started: str, target_s: int, wanted: str) -> None:
    assert due(at(started), target_s, OFFICE).at == at(wanted)


def test_it_tells_what_was_counted_and_why_the_rest_was_not() -> None:
    told = due(at("2026-11-27 17:30"), H, OFFICE)
    assert [(s.why, s.seconds) for s in told.segments] == [("open", 1800), ("closed", 63 * H), ("open", 1800)]


def test_a_day_of_24_hours_loses_no_minute_at_midnight() -> None:
    assert due(at("2026-11-30 23:59"), 120, ALWAYS).at == at("2026-12-01 00:01")
    whole = Hours("Asia/Shanghai", (((0, DAY_S),),) * 7)
    assert [s.why for s in due(at("2026-11-30 23:00"), 3 * DAY_S, whole).segments] == ["open"]


def test_holidays_are_closed_and_make_up_days_are_open() -> None:
    # National Day 2026: off from Thursday 1 October to the 7th; Sunday 20 September and Saturday 10 October worked.
    days = {date(2026, 10, n): Day((), "National Day") for n in range(1, 8)} | {date(2026, 10, 10): Day(SPLIT, "调休")}
    hours = Hours("Asia/Shanghai", OFFICE.week, days)
    told = due(at("2026-09-30 17:00"), 2 * H, hours)
    assert told.at == at("2026-10-08 10:00")
    assert [s.label for s in told.segments if s.why == "holiday"] == ["National Day"]
    assert due(at("2026-10-09 17:30"), H, hours).at == at("2026-10-10 09:30")


def test_the_hour_that_is_skipped_and_the_one_that_comes_twice() -> None:
    night = Hours("Europe/Berlin", (((H, 4 * H),),) * 7)
    assert due(at("2026-03-29 00:00", BERLIN), 2 * H, night).at == at("2026-03-29 04:00", BERLIN)
    spent_s, _segments = spent(at("2026-10-25 00:00", BERLIN), at("2026-10-25 05:00", BERLIN), night)
    assert spent_s == 4 * H
    in_the_gap = instant(BERLIN, date(2026, 3, 29), 2 * H + 1800)
    assert in_the_gap == datetime(2026, 3, 29, 1, tzinfo=UTC)
    # A block that ends when the doubled hour begins ends once; one that ends inside it ends at the second time.
    assert instant(BERLIN, date(2026, 10, 25), 2 * H, ends=True) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert instant(BERLIN, date(2026, 10, 25), 2 * H + 1800, ends=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_pauses_are_not_counted() -> None:
    pauses = [Pause(at("2026-11-30 09:30"), at("2026-11-30 11:00"), "waits for the customer's log")]
    told = due(at("2026-11-30 09:00"), H, OFFICE, pauses)
    assert told.at == at("2026-11-30 11:30")
    assert [(s.why, s.label) for s in told.segments][1] == ("paused", "waits for the customer's log")
    assert due(at("2026-11-30 09:00"), H, OFFICE, [Pause(at("2026-11-30 09:30"))]).at is None


def test_rejects_hours_that_never_open() -> None:
    with pytest.raises(Refused, match="ten years"):
        due(at("2026-11-30 09:00"), H, Hours("UTC", ((),) * 7))


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"timezone": "Mars/Olympus", "week": [[]] * 7},
        {"timezone": "UTC", "week": [[]] * 6},
        {"timezone": "UTC", "week": [[[0, DAY_S + 1]]] + [[]] * 6},
        {"timezone": "UTC", "week": [[[0, 10], [5, 20]]] + [[]] * 6},
        {"timezone": "UTC", "week": [["9:00"]] + [[]] * 6},
    ],
)
def test_rejects_hours_that_are_none(kept: dict[str, object]) -> None:
    with pytest.raises(Refused):
        hours_of(kept)


BLOCKS = st.lists(st.integers(0, DAY_S), min_size=2, max_size=6, unique=True).map(
    lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)
HOURS = st.builds(
    Hours,
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.tuples(*[BLOCKS] * 7),
)
INSTANTS = st.integers(0, 364 * DAY_S).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
PAUSES = st.lists(st.tuples(INSTANTS, st.integers(1, 10 * DAY_S)), max_size=4).map(
    lambda found: [Pause(start, start + timedelta(seconds=length)) for start, length in found]
)


@settings(deadline=None)  # hours of a second a day are reckoned day by day for years
@given(started=INSTANTS, target_s=st.integers(1, 200_000), hours=HOURS, pauses=PAUSES)
def test_what_is_spent_at_the_due_time_is_the_target(
    started: datetime, target_s: int, hours: Hours, pauses: list[Pause]
) -> None:
    assume(target_s < 500 * sum(end - start for blocks in hours.week for start, end in blocks))  # within ten years
    told = due(started, target_s, hours, pauses)
    assert told.at is not None
    spent_s, segments = spent(started, told.at, hours, pauses)
    assert spent_s == pytest.approx(target_s, abs=1e-3)
    assert list(told.segments) == segments
    assert segments[0].start == started and segments[-1].is_counted
    assert all(a.end == b.start for a, b in itertools.pairwise(segments))
    assert hours_of(hours.as_json()) == hours
