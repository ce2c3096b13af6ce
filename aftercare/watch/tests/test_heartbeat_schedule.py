"""When cron expressions come next, over changes of clocks; spans as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aftercare.watch.heartbeats.schedule import next_time, zone_of
from aftercare.watch.heartbeats.spans import read_span, write_span


def times(expression, zone, start, count):
    """The next times on the wall clock, with what it is ahead of UTC."""
    found, at = [], datetime.fromisoformat(start).replace(tzinfo=UTC)
    for _ in range(count):
        at = next_time(expression, ZoneInfo(zone), at)
        found.append(f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M %z}")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "start", "expected"),
    [
        ("30 2 * * *", "America/New_York", "2026-03-07", ["03-07 02:30 -0500", "03-08 03:00 -0400"]),
        ("30 1 * * *", "America/New_York", "2026-11-01", ["11-01 01:30 -0400", "11-02 01:30 -0500"]),
        ("30 1 * * *", "Europe/London", "2026-03-28", ["03-28 01:30 +0000", "03-29 02:00 +0100", "03-30 01:30 +0100"]),
        ("30 1 * * *", "Europe/London", "2026-10-24T12:00", ["10-25 01:30 +0100", "10-26 01:30 +0000"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", ["10-04 02:30 +1100", "10-05 02:15 +1100"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["04-05 01:45 +1100", "04-06 01:45 +1030"]),
        ("*/30 * * * *", "Europe/London", "2026-03-29T00:10", ["03-29 00:30 +0000", "03-29 02:00 +0100"]),
        ("@daily", "Asia/Shanghai", "2026-01-01", ["01-02 00:00 +0800", "01-03 00:00 +0800"]),
        ("0 9 * * MON-FRI", "Asia/Shanghai", "2026-11-27T02:00", ["11-30 09:00 +0800", "12-01 09:00 +0800"]),
    ],
)  # fmt: skip
def test_it_works(expression, zone, start, expected):
    assert times(expression, zone, start, len(expected)) == expected


def test_within_a_repeated_hour_the_next_time_is_always_ahead():
    # 01:10 for the second time: 01:30 on the wall clock has been already.
    second = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
    assert next_time("30 1 * * *", ZoneInfo("America/New_York"), second) == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


def test_a_zone_that_is_gone_counts_as_utc():
    assert zone_of("Mars/Olympus").key == "UTC"


def test_spans():
    for text, seconds in {
        "90": 90,
        "5 min": 300,
        "1h30min": 5400,
        "1 d": 86400,
        "2 周": 1209600,
        "1 小时 30 分钟": 5400,
    }.items():
        assert read_span(text) == seconds
        assert read_span(write_span(seconds)) == seconds
    for wrong in ("", "soon", "5 parsecs", "-5 s", "1.5 h", "5 min later"):
        assert read_span(wrong) is None
