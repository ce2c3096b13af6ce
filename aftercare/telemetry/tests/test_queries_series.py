"""Metrics over time: gaps, filters, late data, tables by span and age."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries import headline, metric_series, split
from aftercare.telemetry.queries.overview import glances
from aftercare.telemetry.queries.reading import floored, reading, rollup_for, step_for
from aftercare.telemetry.tests.made import crowd, playback, row
from tests.world import World


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=30), 60)


def test_it_works(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 10, stall_ms=1000))
    points = metric_series(world.show_app, "rebuffering_ratio", start, start + timedelta(minutes=2), step_s=60)
    assert [at for at, _value, _volume in points] == [start, start + timedelta(minutes=1)]
    (_, value, volume), (_, last, _last_volume) = points
    assert value == pytest.approx(100 * 1000 / 55_000)
    assert volume == 10 * 55_000
    assert last == 0


def test_time_without_reports_is_unknown_not_zero(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 3, seconds=10))
    telemetry.add(crowd(world.show_app, start + timedelta(minutes=5), 3, prefix="late", seconds=10))
    values = [
        value
        for _at, value, _volume in metric_series(
            world.show_app, "concurrent", start, start + timedelta(minutes=6), step_s=60
        )
    ]
    assert values[1:5] == [None] * 4
    assert values[0] is not None and values[5] is not None


def test_a_rate_without_volume_is_unknown(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 1))
    assert {v for _, v, _ in metric_series(world.show_app, "join_success", start, start + timedelta(minutes=1))} == {
        None
    }


def test_late_data_restates(telemetry: Any, world: World, start: datetime) -> None:
    end = start + timedelta(minutes=1)
    telemetry.add(crowd(world.show_app, start, 5))
    assert metric_series(world.show_app, "rebuffering_ratio", start, end, step_s=60)[0][1] == 0
    telemetry.add(crowd(world.show_app, start, 5, prefix="late", stall_ms=5000))
    assert metric_series(world.show_app, "rebuffering_ratio", start, end, step_s=60)[0][1] == pytest.approx(
        100 * 5000 / 110_000
    )


def test_filters_by_cut_by_pair_and_by_raw_rows_agree(telemetry: Any, world: World, start: datetime) -> None:
    end = start + timedelta(minutes=2)
    telemetry.add(crowd(world.show_app, start, 4, province="广东", carrier="移动", os="iOS", stall_ms=1000))
    telemetry.add(crowd(world.show_app, start, 4, prefix="b", province="广东", carrier="电信", os="iOS"))
    telemetry.add(crowd(world.show_app, start, 4, prefix="c", province="上海", carrier="移动", os="Android"))
    asked = [
        ({"province": "广东"}, "r10s", 1000 / 110_000 * 100),
        ({"province": "广东", "carrier": "移动"}, "r10s", 1000 / 55_000 * 100),
        ({"province": "广东", "carrier": "移动", "os": "iOS"}, "samples", 1000 / 55_000 * 100),
    ]
    for filters, table, expected in asked:
        assert reading(world.show_app, start, end, filters=filters, now=world.now).table == table
        points = metric_series(world.show_app, "rebuffering_ratio", start, end, filters, 60)
        assert points[0][1] == pytest.approx(expected), filters


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", "广东' UNION ALL SELECT 1 --", "{customer:UInt32}", "a\\", "\x1f", "%", "*/ DROP TABLE samples /*"],
)
def test_a_filter_value_is_only_ever_a_value(telemetry: Any, world: World, start: datetime, value: str) -> None:
    telemetry.add(crowd(world.show_app, start, 2, province="广东"))
    end = start + timedelta(minutes=2)
    for filters in ({"province": value}, {"province": value, "os": value}, {"province": value, "carrier": value}):
        assert {v for _, v, _ in metric_series(world.show_app, "concurrent", start, end, filters)} == {None}
        assert split(world.show_app, "concurrent", "carrier", start, end, filters) == []
    assert telemetry.pool.rows("SELECT count() FROM samples")[0][0] > 0


def test_rejects_what_does_not_exist(telemetry: Any, world: World, start: datetime) -> None:
    with pytest.raises(Refused, match="dimension"):
        metric_series(world.show_app, "concurrent", start, world.now, {"customer": "1"})
    with pytest.raises(Refused, match="dimension"):
        split(world.show_app, "concurrent", "user", start, world.now)
    with pytest.raises(KeyError, match="no metric"):
        metric_series(world.show_app, "nothing", start, world.now)


def test_another_apps_rows_never_count(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.social_app, start, 5))
    assert {v for _, v, _ in metric_series(world.show_app, "concurrent", start, world.now)} == {None}


def test_users_are_counted_once_over_minutes(telemetry: Any, world: World, start: datetime) -> None:
    start = floored(start, 300)
    telemetry.add(crowd(world.show_app, start, 7, seconds=290))
    points = metric_series(world.show_app, "users", start, start + timedelta(minutes=5), step_s=300)
    assert [value for _at, value, _volume in points if value is not None] == [7]
    assert headline(world.show_app, ["users", "concurrent"], start, start + timedelta(minutes=5))[0].value == 7


def test_tables_and_steps_follow_span_and_age(world: World) -> None:
    now = world.now
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert rollup_for(now - hour, now, now) == "r10s"
    assert rollup_for(now - hour, now, now, distinct=True) == "r1m"
    assert rollup_for(now - 10 * day, now - 10 * day + hour, now) == "r1m"
    assert rollup_for(now - 3 * day, now, now) == "r1m"
    assert rollup_for(now - 7 * day, now, now) == "r1h"
    assert rollup_for(now - 60 * day, now - 60 * day + hour, now) == "r1h"
    for span, bucket in ((3600, 10), (7200, 10), (3 * 86_400, 60), (30 * 86_400, 3600), (400 * 86_400, 3600)):
        assert span / step_for(span, bucket) <= 400


def test_headline_compares_with_a_day_and_a_week_ago(telemetry: Any, world: World, start: datetime) -> None:
    end = start + timedelta(minutes=1)
    telemetry.add(crowd(world.show_app, start, 12, stall_ms=5000))
    telemetry.add(crowd(world.show_app, start - timedelta(days=1), 12, prefix="d", stall_ms=1000))
    telemetry.add(crowd(world.show_app, start - timedelta(days=7), 12, prefix="w"))
    (figure,) = headline(world.show_app, ["rebuffering_ratio"], start, end)
    assert figure.value == pytest.approx(100 * 5000 / 55_000)
    assert figure.day_before == pytest.approx(100 * 1000 / 55_000)
    assert figure.week_before == 0
    assert figure.verdict == "breached"
    (other,) = headline(world.show_app, ["rebuffering_ratio"], start - timedelta(hours=1), end - timedelta(hours=1))
    assert (other.value, other.verdict) == (None, "unknown")


def test_split_is_worst_first_and_thin_values_come_last(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 12, prefix="a", province="广东", stall_ms=500))
    telemetry.add(crowd(world.show_app, start, 12, prefix="b", province="上海", stall_ms=5000))
    telemetry.add(crowd(world.show_app, start, 1, prefix="c", province="西藏", stall_ms=5000))
    telemetry.add(crowd(world.show_app, start, 12, prefix="d"))
    rows = split(world.show_app, "rebuffering_ratio", "province", start, start + timedelta(minutes=2))
    assert [row.value for row in rows] == ["上海", "广东", "", "西藏"]
    assert [row.verdict for row in rows] == ["breached", "healthy", "healthy", "unknown"]
    assert rows[-1].is_thin
    assert any(value is not None for value in rows[0].series)


def test_split_inside_a_filter(telemetry: Any, world: World, start: datetime) -> None:
    end = start + timedelta(minutes=2)
    telemetry.add(crowd(world.show_app, start, 3, prefix="a", province="广东", carrier="移动", os="iOS"))
    telemetry.add(crowd(world.show_app, start, 2, prefix="b", province="上海", carrier="电信", os="iOS"))
    by_pair = split(world.show_app, "sessions", "carrier", start, end, {"province": "广东"})
    assert [(row.value, row.metric_value) for row in by_pair] == [("移动", 3)]
    by_raw = split(world.show_app, "sessions", "carrier", start, end, {"os": "iOS"})
    assert [(row.value, row.metric_value) for row in by_raw] == [("移动", 3), ("电信", 2)]
    same = split(world.show_app, "sessions", "province", start, end, {"province": "广东"})
    assert [(row.value, row.metric_value) for row in same] == [("广东", 3)]


def test_first_frame_quantiles_come_from_the_histogram(telemetry: Any, world: World, start: datetime) -> None:
    rows = [next(playback(world.show_app, f"s{n}", start, first_frame_ms=ms)) for n, ms in enumerate([500, 700, 3000])]
    telemetry.add(rows)
    figures = headline(world.show_app, ["first_frame_p50", "first_frame_p95"], start, start + timedelta(minutes=1))
    assert figures[0].value == pytest.approx(700, rel=0.03)
    assert figures[1].value == pytest.approx(3000, rel=0.03)


def test_who_is_present_is_the_same_everywhere(telemetry: Any, world: World, start: datetime) -> None:
    end = floored(world.now, 60)
    start = end - timedelta(minutes=20)
    told = {"province": "广东", "os": "iOS", "device": "x", "interval_ms": 30_000, "bytes": 7_500_000}
    at = [start + timedelta(seconds=second) for second in range(0, 1200, 30)]
    telemetry.add([row(world.show_app, "slow", instant, **told) for instant in at])
    for filters in ({}, {"province": "广东"}, {"os": "iOS", "device": "x"}):
        for key, value in (("concurrent", 1), ("bandwidth", 2)):
            (figure,) = headline(world.show_app, [key], start, end, filters)
            (part,) = split(world.show_app, key, "province", start, end, filters)
            points = metric_series(world.show_app, key, start, end, filters)
            shown = [figure.value, part.metric_value, *part.series, *(at_once for _at, at_once, _volume in points)]
            assert shown == pytest.approx([value] * len(shown)), (key, filters)
    glance = glances([world.show_app], ["concurrent", "bandwidth"], "concurrent", start, end, now=world.now, points=20)
    seen = glance[world.show_app.pk]
    assert [figure.value for figure in seen.figures] == [pytest.approx(1), pytest.approx(2)]
    assert seen.series == pytest.approx([1] * 20)


def test_who_is_present_is_a_mean_over_the_whole_time(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 6, province="广东"))
    early = start - timedelta(minutes=30)
    (figure,) = headline(world.show_app, ["concurrent"], early, start + timedelta(minutes=10))
    assert figure.value == pytest.approx(6 / 40)
    (row,) = split(world.show_app, "concurrent", "province", early, start + timedelta(minutes=10))
    assert row.metric_value == pytest.approx(6 / 40)


def test_bytes_that_nobody_told_are_unknown(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add([row(world.show_app, "one", start, interval_ms=5000, play_ms=5000)])
    figures = headline(world.show_app, ["bandwidth", "traffic"], start, world.now)
    assert [figure.value for figure in figures] == [None, None]
