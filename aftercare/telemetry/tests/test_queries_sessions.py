"""Session search and timelines."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.accounts.queries import user_hash
from aftercare.kernel.clock import epoch_ms
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries import search_sessions, session_timeline, worst_sessions
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.tests.made import crowd, playback, row
from tests.world import World


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=30), 60)


def names(found: Any) -> list[str]:
    return [session["session"] for session in found]


def test_the_worst_come_first(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "fine", start)))
    telemetry.add(list(playback(world.show_app, "bad", start, stall_ms=4000, province="广东", country="CN")))
    telemetry.add(list(playback(world.show_app, "slow", start, first_frame_ms=3000)))
    telemetry.add([row(world.show_app, "dead", start, event="start_failed")])
    worst = worst_sessions(world.show_app, start, world.now, 10)
    assert names(worst) == ["dead", "bad", "slow"]
    bad = worst[1]
    assert (bad["stall_ms"], bad["stall_count"], bad["play_ms"], bad["region"]) == (4000, 1, 56_000, "CN 广东")
    assert bad["started_at"] == start
    assert names(worst_sessions(world.show_app, start, world.now, 10, {"province": "广东"})) == ["bad"]


@pytest.mark.parametrize("roll", [True, False], ids=["rolled up", "raw"])
def test_freezes_and_failures_are_time_lost_too(telemetry: Any, world: World, start: datetime, roll: bool) -> None:
    gaps = {"interval_ms": 5000, "video_ms": 5000, "audio_ms": 5000}
    told: dict[str, dict[str, Any]] = {
        "call": {"event": "call_failed"},
        "push": {"event": "push_broken"},
        "video": {**gaps, "video_gaps": [599, 2000, 1000]},
        "audio": {**gaps, "audio_gaps": [199, 900]},
        "both": {**gaps, "stall_ms": 800, "stall_count": 1, "video_gaps": [800], "audio_gaps": [400]},
        "fine": {**gaps, "video_gaps": [599], "audio_gaps": [199]},
    }
    telemetry.add([row(world.social_app, name, start, **columns) for name, columns in told.items()], roll=roll)
    worst = worst_sessions(world.social_app, start, world.now, 10)
    lost = {"call": 10_000, "push": 10_000, "video": 3000, "audio": 900, "both": 800}
    assert {session["session"]: session["lost_ms"] for session in worst} == lost
    page = world.client("eng").get(f"/apps/{world.social_app.ref}/sessions").content.decode()
    assert "video frozen 3 s" in page and "audio frozen 900 ms" in page
    alone = world.client("eng").get(f"/apps/{world.social_app.ref}/sessions/video").content.decode()
    assert "video frozen 3 s" in alone


def test_rows_not_yet_rolled_are_found_too(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "old", start)))
    telemetry.add(list(playback(world.show_app, "young", start, stall_ms=3000)), roll=False)
    more = row(world.show_app, "old", start + timedelta(seconds=70), stall_ms=500, stall_count=1, interval_ms=5000)
    telemetry.add([more], roll=False)
    found = search_sessions(world.show_app, start=start, end=world.now)
    assert names(found.rows) == ["young", "old"]
    assert [session["stall_ms"] for session in found.rows] == [3000, 500]
    assert session_timeline(world.show_app, "young", now=world.now) is not None


def test_a_user_is_found_by_the_plain_identifier(telemetry: Any, world: World, start: datetime) -> None:
    hashed = user_hash(world.show, "alice").hex()
    telemetry.add(list(playback(world.show_app, "hashed", start, user=hashed)))
    telemetry.add(list(playback(world.show_app, "plain", start, user="alice")))
    telemetry.add(list(playback(world.show_app, "other", start, user="bob")))
    for asked in ({"filters": {"user": "alice"}}, {"text": "alice"}):
        found = search_sessions(world.show_app, start=start, end=world.now, order="newest", **asked)  # type: ignore[arg-type]
        assert sorted(names(found.rows)) == ["hashed", "plain"]


def test_facts_and_text_narrow(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "a", start, stream="room1", device="iPhone15")))
    telemetry.add(list(playback(world.show_app, "b", start, stream="room2", device="iPhone15")))
    search = lambda **more: names(search_sessions(world.show_app, start=start, end=world.now, **more).rows)  # noqa: E731
    assert search(filters={"stream": "room1"}) == ["a"]
    assert search(text="room2") == ["b"]
    assert search(text="a") == ["a"]
    assert sorted(search(filters={"device": "iPhone15"})) == ["a", "b"]
    assert search(filters={"device": "' OR 1=1 --"}) == []
    with pytest.raises(Refused, match="cannot be found"):
        search(filters={"keep_days": "1"})


def test_pages(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 7, seconds=10))
    first = search_sessions(world.show_app, start=start, end=world.now, per_page=3)
    third = search_sessions(world.show_app, start=start, end=world.now, per_page=3, page=3)
    assert (len(first.rows), first.total) == (3, 7)
    assert (len(third.rows), third.total) == (1, 7)
    assert not set(names(first.rows)) & set(names(third.rows))


def test_only_sessions_of_the_time(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "early", start - timedelta(minutes=20))))
    telemetry.add(list(playback(world.show_app, "during", start)))
    assert names(search_sessions(world.show_app, start=start, end=world.now).rows) == ["during"]


def test_another_apps_sessions_do_not_exist(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.social_app, "theirs", start, stall_ms=1000)))
    assert worst_sessions(world.show_app, start, world.now) == []
    assert search_sessions(world.show_app, start=start, end=world.now, text="theirs").rows == []
    assert session_timeline(world.show_app, "theirs", now=world.now) is None


def cmcd(world: World, at: datetime, code: str, sequence: int, **more: Any) -> dict[str, Any]:
    return row(
        world.show_app, "one", at, source="cmcd", event="state" if code else "", code=code,
        detail=f'{{"sn": {sequence}}}', **more,
    )  # fmt: skip


def test_a_timeline_of_told_states(telemetry: Any, world: World, start: datetime) -> None:
    at = lambda seconds: start + timedelta(seconds=seconds)  # noqa: E731
    telemetry.add(
        [
            cmcd(world, at(0), "s", 1, opened=1),
            cmcd(world, at(0.7), "p", 2, interval_ms=700),
            row(world.show_app, "one", at(0.7), event="first_frame", elapsed_ms=700, source="derived"),
            cmcd(world, at(10), "r", 3, interval_ms=9300, play_ms=9300, stall_count=1, bitrate_kbps=1800.0),
            cmcd(world, at(14), "p", 4, interval_ms=4000, stall_ms=4000),
            cmcd(world, at(20), "", 5, interval_ms=6000, play_ms=6000),
            cmcd(world, at(25), "a", 6, interval_ms=5000, play_ms=5000),
            cmcd(world, at(30), "e", 7, interval_ms=5000),
        ]
    )
    found = session_timeline(world.show_app, "one", now=world.now)
    assert found is not None
    assert [(interval.state, interval.length_ms) for interval in found.intervals] == [
        ("starting", 700),
        ("playing", 9300),
        ("stalled", 4000),
        ("playing", 11_000),
        ("paused", 5000),
    ]
    assert (found.stall_count, found.stall_ms, found.first_frame_ms) == (1, 4000, 700)
    assert found.start == epoch_ms(start)
    assert not found.estimated
    assert [value for _at, value in found.readings["bitrate_kbps"]] == [1800]


def test_a_minus_row_takes_an_event_back(telemetry: Any, world: World, start: datetime) -> None:
    moved = start + timedelta(seconds=1)
    telemetry.add(
        [
            row(world.show_app, "one", start, event="first_frame", elapsed_ms=900),
            row(world.show_app, "one", start, event="first_frame", elapsed_ms=900, sign=-1, source="derived"),
            row(world.show_app, "one", moved, event="first_frame", elapsed_ms=400, source="derived"),
            row(world.show_app, "one", moved, stall_ms=3000, stall_count=1, interval_ms=5000, play_ms=2000),
            row(world.show_app, "one", moved, stall_ms=-1000, play_ms=1000, source="derived"),
        ]
    )
    found = session_timeline(world.show_app, "one", now=world.now)
    assert found is not None
    assert [(event.name, event.at, event.elapsed_ms) for event in found.events] == [
        ("first_frame", epoch_ms(moved), 400)
    ]
    assert (found.stall_ms, found.totals["play_ms"]) == (2000, 3000)


def test_reports_without_states_give_lengths_and_gaps(telemetry: Any, world: World, start: datetime) -> None:
    at = lambda seconds: start + timedelta(seconds=seconds)  # noqa: E731
    telemetry.add(
        [
            row(world.show_app, "one", at(5), interval_ms=5000, play_ms=5000),
            row(world.show_app, "one", at(10), interval_ms=5000, play_ms=4000, stall_ms=1000, stall_count=1),
            row(world.show_app, "one", at(60), interval_ms=5000, play_ms=5000),
        ]
    )
    found = session_timeline(world.show_app, "one", now=world.now)
    assert found is not None and found.estimated
    assert found.start == epoch_ms(start)
    assert [(interval.state, interval.length_ms, interval.placed) for interval in found.intervals] == [
        ("playing", 5000, True),
        ("playing", 4000, False),
        ("stalled", 1000, False),
        ("unknown", 45_000, True),
        ("playing", 5000, True),
    ]
