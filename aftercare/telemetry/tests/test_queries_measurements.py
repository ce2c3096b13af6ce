"""Measurements over time: gauges, rates with resets, histograms, and points that were sent twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.telemetry.queries.measurements import chart_of, chosen_of, split_of
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.schema.measured import kinds_read_as
from tests.measuring import DELTA, Door
from tests.world import World


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=20), 600)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def read(app: Any, name: str, reading: str, start: datetime, minutes: int, **labels: str) -> list[Any]:
    """The values of the first minutes, rounded."""
    chosen = chosen_of(app, name, kinds_read_as(reading), labels)
    _times, steps = chart_of(chosen, reading, start, start + timedelta(minutes=minutes))
    return [None if step is None else (round(step[0], 6), step[1]) for step in steps]


def test_gauges_are_read_four_ways_and_gaps_stay(door: Door, world: World, start: datetime) -> None:
    told = [({"host": host}, value, start + s(at)) for host, value, at in (("a", 1, 5), ("a", 3, 35), ("b", 10, 20))]
    door.gauge(world.show_app, "rooms", [*told, ({"host": "a"}, 7, start + s(125))])
    expected = {"mean": 14 / 3, "max": 10, "min": 1, "sum": 12}
    for reading, value in expected.items():
        first, second, third = read(world.show_app, "rooms", reading, start, 3)
        assert first == (round(value, 6), 3) and second is None and third == (7, 1), reading


def test_a_sum_is_not_told_while_its_step_still_fills(door: Door, world: World, start: datetime) -> None:
    told = [("a", 5), ("b", 50), ("a", 65), ("b", 110)]
    door.gauge(world.show_app, "rooms", [({"host": host}, 10.0, start + s(at)) for host, at in told])
    chosen = chosen_of(world.show_app, "rooms", kinds_read_as("sum"), {})
    for reading, expected in (("sum", [(20, 2), None]), ("mean", [(10, 2), (10, 1)])):
        assert chart_of(chosen, reading, start, start + s(100))[1] == expected
    assert chart_of(chosen, "sum", start, start + s(120))[1] == [(20, 2), (20, 2)]


def test_a_point_sent_twice_is_one(door: Door, world: World, start: datetime) -> None:
    points = [({}, 4.0, start + s(1)), ({}, 8.0, start + s(31))]
    for _ in range(3):
        door.gauge(world.show_app, "twice", points)
        door.counter(world.show_app, "twice.total", [({}, 100.0, start), ({}, 160.0, start + s(60))])
        door.counter(world.show_app, "twice.delta", [({}, 30.0, start), ({}, 60.0, start + s(60))], "", DELTA)
        door.histogram(world.show_app, "twice.took", [({}, start + s(5), [1, 2], [4, 4, 0])], "s", DELTA)
    assert read(world.show_app, "twice", "sum", start, 1) == [(6, 2)]
    assert read(world.show_app, "twice.total", "rate", start, 2) == [(1, 1), None]
    assert read(world.show_app, "twice.delta", "rate", start, 2)[0] == (1, 1)
    assert read(world.show_app, "twice.took", "p50", start, 1) == [(1, 1)]


def test_a_counter_that_began_anew_counts_from_nothing(door: Door, world: World, start: datetime) -> None:
    values = [1000, 1060, 1120, 30, 90]
    door.counter(world.show_app, "sent.total", [({}, v, start + s(60 * n)) for n, v in enumerate(values)])
    assert read(world.show_app, "sent.total", "rate", start, 4) == [(1, 1), (1, 1), (0.5, 1), (1, 1)]


def test_the_time_of_a_long_silence_is_unknown(door: Door, world: World, start: datetime) -> None:
    begun = start - timedelta(minutes=20)
    points = [(0, 0), (60, 60), (60 + 660, 720), (60 + 720, 780)]
    door.counter(world.show_app, "silent.total", [({}, v, begun + s(at)) for at, v in points])
    values = read(world.show_app, "silent.total", "rate", begun, 13)
    assert values[0] == (1, 1) and values[1:12] == [None] * 11 and values[12] == (1, 1)


def test_counters_of_one_name_add_up_and_one_after_the_other_do_not(door: Door, world: World, start: datetime) -> None:
    both = [({"pod": pod}, 60.0 * n, start + s(30 * n)) for pod in "ab" for n in range(3)]
    door.counter(world.show_app, "both.total", both)
    assert read(world.show_app, "both.total", "rate", start, 1) == [(4, 4)]
    after = [
        ({"pod": pod}, 60.0 * n, start + s(30 * n + later)) for pod, later in (("a", 0), ("b", 30)) for n in (0, 1)
    ]
    door.counter(world.show_app, "after.total", after)
    assert read(world.show_app, "after.total", "rate", start, 1) == [(2, 2)]


def test_quantiles_of_differences_whatever_the_bounds(door: Door, world: World, start: datetime) -> None:
    first = [
        ({"n": "a"}, start - s(30), [1, 2, 4], [5, 5, 5, 0]),
        ({"n": "a"}, start + s(30), [1, 2, 4], [5, 15, 5, 0]),
    ]
    door.histogram(world.show_app, "took", first, "s")
    assert read(world.show_app, "took", "p50", start, 1) == [(1.5, 1)]
    other = [({"n": "b"}, start - s(30), [1.5, 4], [0, 0, 0]), ({"n": "b"}, start + s(30), [1.5, 4], [0, 10, 0])]
    door.histogram(world.show_app, "took", other, "s")
    # Ten lie evenly between 1 and 2, ten between 1.5 and 4: at most 1.5 are five, at most 2 are twelve.
    assert read(world.show_app, "took", "p50", start, 1) == [(round(1.5 + 0.5 * 5 / 7, 6), 2)]
    assert read(world.show_app, "took", "rate", start, 1) == [(pytest.approx(20 / 60), 2)]


def test_bounds_that_changed_between_two_points(door: Door, world: World, start: datetime) -> None:
    told = [
        ({}, start - s(30), [1, 2], [5, 5, 0]),
        ({}, start + s(10), [1, 2, 4], [5, 5, 10, 0]),
        ({}, start + s(40), [2, 4], [10, 10, 4]),
        ({}, start + s(70), [2, 4], [0, 8, 0]),
    ]
    door.histogram(world.show_app, "grew", told)
    # Ten came between 2 and 4, then four above 4, of which no more is known; then counting began anew.
    assert read(world.show_app, "grew", "p50", start, 2) == [(3.4, 2), (3, 1)]
    assert read(world.show_app, "grew", "p99", start, 1) == [(4, 2)]


def test_a_split_tells_the_largest_and_how_many_there_are(door: Door, world: World, start: datetime) -> None:
    door.gauge(world.show_app, "load", [({"host": f"h{n}"}, float(n), start + s(1)) for n in range(30)])
    door.gauge(world.social_app, "load", [({"host": "theirs"}, 999.0, start + s(1))])
    found = split_of(world.show_app, "load", ("gauge",), {}, "host", "mean", start, start + timedelta(minutes=5))
    assert (found.values, len(found.parts)) == (30, 20)
    assert [part.value for part in found.parts][:2] == ["h29", "h28"]
    assert found.parts[0].series == [29, None, None, None, None]
