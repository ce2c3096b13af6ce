"""Every metric of the catalog by example: raw rows, and the value they must give by roll-ups and by raw rows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.reading import floored, reading
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measures import CELL
from tests.world import World

Rows = list[dict[str, Any]]
MINUTE = timedelta(minutes=1)
# A time read from a histogram is at most half a cell off.
HALF_A_CELL = math.sqrt(CELL) - 1 + 1e-9
# No roll-up holds this pair of dimensions: raw rows answer.
RARE = {"os": "iOS 18", "device": "iPhone15"}


@dataclass(frozen=True)
class Place:
    """An app as telemetry knows it."""

    customer_id: int
    pk: int


def events(name: str, *waits_ms: int, **facts: Any) -> Rows:
    """One event of this name for each wait; 0 is a wait that nobody told."""
    return [{"event": name, "elapsed_ms": ms, **facts} for ms in waits_ms]


def times(number: int, **columns: Any) -> Rows:
    return [columns] * number


def taken_back(rows: Iterable[dict[str, Any]]) -> Rows:
    return [{**row, "sign": -1, "source": "derived"} for row in rows]


# Three of four attempts came in, one within 5 s, one after 6 s, one without telling; a fifth was told and taken back.
JOINS = [
    *events("join_ok", 900, 6000, 0, 700),
    *events("join_failed", 0),
    *taken_back(events("join_ok", 700)),
]
# Five first frames of which one without its time, one error, one who waited, one who swiped past, one unknown exit.
STARTS = [
    *events("first_frame", 400, 700, 1000, 3000, 0),
    *events("start_failed", 0),
    *events("start_left", 2500, 800, 0),
]
# Four calls: one connects in 500 ms by the word of both legs, one in 900 ms whose callee says nothing, one in a time
# that its caller does not tell, one fails by the word of both. A fifth leg does not say whose it is.
CALLS = [
    *events("call_rung", 200, 300, 400, role="caller"),
    *events("call_rung", 9000, role="callee"),
    *events("call_answered", 350, 800, role="caller"),
    *events("call_connected", 500, 900, 0, role="caller"),
    *events("call_connected", 100, role="callee"),
    *events("call_connected", 50),
    *events("call_failed", 0, role="caller"),
    *events("call_failed", 0, role="callee"),
]
GAPS = {
    "video_ms": 10_000,
    "video_gaps": [100, 200, 500, 600, 1000],
    "audio_ms": 8000,
    "audio_gaps": [199, 200, 300],
    "no_sound_ms": 2000,
    "black_ms": 500,
}
# Half a minute of two viewers and a quarter by a third; one stalled twice, one was away for a while.
WATCHED = [
    {"user": "a", "interval_ms": 30_000, "play_ms": 27_000, "stall_ms": 3000, "stall_count": 2, "opened": 1},
    {"user": "b", "interval_ms": 30_000, "play_ms": 20_000, "stall_ms": 0, "bytes": 7_500_000, "opened": 1},
    {"user": "c", "interval_ms": 15_000, "play_ms": 15_000, "bytes": 7_500_000},
    {"user": "a", "interval_ms": 0, "stall_ms": 1000, "stall_count": 1, "sign": 1},
]
READINGS = [
    {"interval_ms": 10_000, "fps": 30.0, "bitrate_kbps": 2000.0, "rtt_ms": 40.0, "jitter_ms": 4.0, "delay_ms": 500.0},
    {"interval_ms": 30_000, "fps": 10.0, "bitrate_kbps": 1000.0, "rtt_ms": 80.0, "jitter_ms": 8.0, "delay_ms": 400.0},
    {"interval_ms": 20_000, "packets": 900, "packets_lost": 9},
    {"interval_ms": 0, "packets": 100, "packets_lost": 11},
]
PUSHES = [
    *events("push_ok", 0, 0, 0),
    *events("push_failed", 0),
    *events("push_ended", 0, 0, 0, 0),
    *events("push_broken", 0),
]
# Two servers, then a CDN: neither counts as a session, and a probe's rows count for nobody.
SERVERS = [
    {"event": "request", "elapsed_ms": 80, "requests": 70},
    {"event": "request", "elapsed_ms": 900, "requests": 30, "requests_failed": 5},
    {"event": "request", "requests": 100, "requests_failed": 3},
    {"load_ms": 30_000, "cpu_pct": 20.0, "memory_pct": 50.0},
    {"load_ms": 10_000, "cpu_pct": 60.0},
    {"event": "request", "elapsed_ms": 5000, "requests": 900, "requests_failed": 900, "role": "probe"},
]
EDGES = [
    {"event": "served", "elapsed_ms": 20, "requests": 1, "served_bytes": 4_000_000, "session": "v1"},
    {"event": "served", "elapsed_ms": 20, "requests": 1, "served_bytes": 3_000_000, "session": "v1"},
    {"event": "served", "elapsed_ms": 300, "requests": 1, "requests_failed": 1, "served_bytes": 500, "session": "v2"},
    {"event": "served", "requests": 1, "session": "v3"},
]
CASES: dict[str, tuple[Rows, float]] = {
    "sessions": (WATCHED, 2),
    "concurrent": (WATCHED, 75 / 60),
    "users": (WATCHED, 3),
    "minutes": (WATCHED, 75 / 60),
    "traffic": (WATCHED, 15_000_000),
    "bandwidth": (WATCHED, 15_000_000 * 8 / 60 / 1e6),
    "join_success": (JOINS, 75),
    "join_success_5s": (JOINS, 100 / 3),
    "video_freeze_600": (times(2, **GAPS), 16),
    "video_freeze_500": (times(2, **GAPS), 21),
    "video_freeze_200": (times(2, **GAPS), 23),
    "audio_freeze_200": (times(3, **GAPS), 6.25),
    "rebuffering_ratio": (WATCHED, 100 * 4 / 66),
    "stall_rate": (WATCHED, 100 * 4 / 75),
    "stalls_per_100s": (WATCHED, 3 / 66 * 100),
    "users_stalled": (WATCHED, 100 / 3),
    "no_sound": (times(2, **GAPS), 25),
    "black_picture": (times(2, **GAPS), 5),
    "start_success": (STARTS, 100 * 5 / 6),
    "start_failures": (STARTS, 100 / 6),
    "exits_before_start": (STARTS, 100 / 7),
    "instant_start": (STARTS, 75),
    "first_frame_p50": (STARTS, 700),
    "first_frame_p95": (STARTS, 3000),
    "push_success": (PUSHES, 75),
    "stream_break": (PUSHES, 20),
    "call_connect": (CALLS, 75),
    "callee_connect": (CALLS, 50),
    "call_connect_best": (CALLS, 500),
    "call_connect_p50": (CALLS, 500),
    "call_connect_p95": (CALLS, 900),
    "call_connect_600": (CALLS, 50),
    "call_ring_p50": (CALLS, 300),
    "call_ring_p95": (CALLS, 400),
    "call_answer_p50": (CALLS, 350),
    "call_answer_p95": (CALLS, 800),
    "fps": (READINGS, 15),
    "bitrate": (READINGS, 1250),
    "rtt": (READINGS, 70),
    "jitter": (READINGS, 7),
    "loss": (READINGS, 2),
    "delay_over_400": (READINGS, 25),
    "api_requests": (SERVERS, 200),
    "api_errors": (SERVERS, 4),
    "api_latency_p50": (SERVERS, 80),
    "api_latency_p95": (SERVERS, 900),
    "server_cpu": (SERVERS, 30),
    "server_memory": (SERVERS, 50),
    "cdn_requests": (EDGES, 4),
    "cdn_viewers": (EDGES, 3),
    "cdn_errors": (EDGES, 25),
    "cdn_first_byte_p50": (EDGES, 20),
    "cdn_first_byte_p95": (EDGES, 300),
    "cdn_bandwidth": (EDGES, 7_000_500 * 8 / 60 / 1e6),
}
# Apps are numbered by their case; numbers of real ones begin at 1.
FIRST = 50_001


def test_every_metric_has_its_case() -> None:
    assert list(CASES) == list(METRICS)


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_every_metric_gives_its_value(telemetry: Any, world: World, backwards: bool) -> None:
    start = floored(world.now - timedelta(minutes=30), 60)
    places = {key: Place(world.show.pk, FIRST + number) for number, key in enumerate(CASES)}
    rows = [
        {
            "customer": place.customer_id,
            "app": place.pk,
            "session": f"s{at}",
            "ts": start + timedelta(seconds=at),
            **told,
        }
        for key, place in places.items()
        for at, told in enumerate({**RARE, **told} for told in CASES[key][0])
    ]
    rows = rows[::-1] if backwards else rows
    # Two commits and two steps: sums must not care how rows were parted.
    telemetry.add(rows[::2])
    telemetry.add(rows[1::2])
    expected = {
        key: pytest.approx(value, rel=HALF_A_CELL if METRICS[key].cells else 1e-6) for key, (_, value) in CASES.items()
    }
    for filters, table in ((None, "r10s"), ({"os": RARE["os"]}, "r10s"), (RARE, "samples")):
        assert reading(places["fps"], start, start + MINUTE, filters=filters, now=world.now).table == table
        found = {
            key: metric_series(place, key, start, start + MINUTE, filters, 60, now=world.now)[0][1]
            for key, place in places.items()
        }
        assert found == expected, table


def test_a_time_that_nobody_told_gives_no_value(telemetry: Any, world: World) -> None:
    start = floored(world.now - timedelta(minutes=30), 60)
    place = Place(world.show.pk, FIRST)
    silent = [*events("first_frame", 0), *events("join_ok", 0), *events("call_connected", 0, role="caller")]
    rows = [{"customer": place.customer_id, "app": place.pk, "session": "s", "ts": start, **told} for told in silent]
    telemetry.add(rows)
    timed = [
        key for key in METRICS if METRICS[key].cells or key in ("join_success_5s", "instant_start", "call_connect_600")
    ]
    found = {key: metric_series(place, key, start, start + MINUTE, None, 60)[0][1:] for key in timed}
    assert found == dict.fromkeys(timed, (None, 0))
    assert metric_series(place, "call_connect", start, start + MINUTE, None, 60)[0][1] == 100
