"""The page of a call that client and server both told of: lanes of each, and whether they saw the same."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.telemetry.queries import session_timeline
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.tests.made import row
from tests.world import World


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=20), 60)


def client(world: World, start: datetime, *, lost: int, rtt_ms: float = 50, seconds: int = 20) -> list[dict[str, Any]]:
    """The client's word of a call: how it joined, then 100 packets a second, some of them lost."""
    steps = [("step", "signalling", 200, 200), ("step", "ice", 150, 350), ("step", "dtls", 60, 410),
             ("join_ok", "", 450, 410), ("first_frame", "", 300, 700)]  # fmt: skip
    rows = [
        row(world.show_app, "call", start + timedelta(milliseconds=at), event=event, code=code, elapsed_ms=elapsed)
        for event, code, elapsed, at in steps
    ]
    for second in range(1, seconds + 1):
        told = {"interval_ms": 1000, "play_ms": 1000, "packets": 100, "packets_lost": lost, "rtt_ms": rtt_ms}
        rows.append(row(world.show_app, "call", start + timedelta(seconds=second), source="rtcstats", **told))
    return rows


def server(world: World, start: datetime, *, lost: int, rtt_ms: float = 55, seconds: int = 20) -> list[dict[str, Any]]:
    """The server's word of the same call: cumulative counts of two streams, and what it did."""
    rows = [
        row(world.show_app, "call", start, source="janus", event="server", code="DTLS connected"),
        row(world.show_app, "call", start, source="janus", event="server_slow", code="video uplink"),
    ]
    for second in range(1, seconds + 1):
        for place, media in enumerate(("audio", "video")):
            told = {"handle": "7", "mid": str(place), "media": media}
            told |= {"packets_down": 50 * second, "lost_down": lost * second * place, "packets_up": 40 * second}
            at = start + timedelta(seconds=second, milliseconds=place)
            rows.append(
                row(world.show_app, "call", at, source="janus", rtt_ms=rtt_ms, jitter_ms=3.0, detail=json.dumps(told))
            )
    return rows


def page(world: World, language: str = "en") -> str:
    world.viewer.language = language
    world.viewer.save()
    return world.client("viewer").get(f"/apps/{world.show_app.ref}/sessions/call").content.decode()


def test_it_works(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add([*client(world, start, lost=2), *server(world, start, lost=2)])
    told = page(world)
    assert "Server view" in told and "Loss to the client" in told
    assert "Client and server agree on loss: 2.0% (40 packets), 2.0% (40)." in told
    assert "agree on the round trip: 50 ms and 55 ms" in told
    assert "DTLS connected" in told and "Server: slow link" in told
    assert told.count("join-bar") == 5 and "Signalling" in told
    zh = page(world, "zh-hans")
    assert "服务端视角" in zh and "进房过程" in zh and "丢包一致" in zh and "服务端：弱网" in zh


def test_says_where_the_two_differ(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add([*client(world, start, lost=0, rtt_ms=30), *server(world, start, lost=8, rtt_ms=240)])
    told = page(world)
    assert "differ on loss: the client counted 0.0% (0 packets), the server 8.0% (160)" in told
    assert "differ on the round trip: the client saw 30 ms, the server 240 ms" in told
    assert "state-warning" in told or "warning" in told
    assert "丢包不一致" in page(world, "zh-hans")


def test_the_servers_figures_are_not_among_the_clients(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add([*client(world, start, lost=2), *server(world, start, lost=9)])
    found = session_timeline(world.show_app, "call", now=world.now)
    assert found is not None and found.server is not None
    assert (found.totals["packets"], found.totals["packets_lost"]) == (2000, 40)
    assert {value for _at, value in found.readings["rtt_ms"]} == {50.0}
    assert {value for _at, value in found.server.readings["rtt_ms"]} == {55.0}
    assert (found.server.packets["down"], found.server.lost["down"]) == (2000, 180)
    assert [event.name for event in found.events] == ["step", "step", "step", "join_ok", "first_frame"]


def test_a_stream_that_begins_again_counts_from_zero(telemetry: Any, world: World, start: datetime) -> None:
    later = server(world, start + timedelta(seconds=30), lost=1)
    telemetry.add([*server(world, start, lost=1), *later])
    found = session_timeline(world.show_app, "call", now=world.now)
    assert found is not None and found.server is not None
    assert (found.server.packets["down"], found.server.lost["down"]) == (4000, 40)


def test_of_a_call_that_only_the_server_told_of_the_rest_is_unknown(
    telemetry: Any, world: World, start: datetime
) -> None:
    telemetry.add(server(world, start, lost=1))
    told = page(world)
    assert "Only the server told of this session" in told and "No stalls" not in told
    assert "nothing that can be compared" in told
    assert world.client("stranger").get(f"/apps/{world.show_app.ref}/sessions/call").status_code == 404


def test_of_sound_that_the_server_heard_nothing_of_only_the_picture_is_compared(
    telemetry: Any, world: World, start: datetime
) -> None:
    sound = json.dumps({"audio_packets": 50, "audio_lost": 30})
    ours = [{**told, "detail": sound} if "packets" in told else told for told in client(world, start, lost=31)]
    theirs = server(world, start, lost=1)
    for told in theirs:
        if '"audio"' in told.get("detail", ""):
            told["detail"] = json.dumps({k: v for k, v in json.loads(told["detail"]).items() if k != "lost_down"})
    telemetry.add([*ours, *theirs])
    assert "agree on loss: 2.0% (20 packets), 2.0% (20). Of the picture alone" in page(world)
    assert "仅比较视频" in page(world, "zh-hans")


def test_few_packets_give_no_verdict(telemetry: Any, world: World, start: datetime) -> None:
    one = row(world.show_app, "call", start, interval_ms=1000, packets=10, packets_lost=5)
    telemetry.add([one, *server(world, start, lost=0)])
    assert "on loss" not in page(world)


def test_a_frozen_picture_is_a_standstill_that_reaches_back_from_where_it_is_told(
    telemetry: Any, world: World, start: datetime
) -> None:
    told = {"interval_ms": 1000, "play_ms": 1000, "video_ms": 1000, "source": "rtcstats"}
    gaps = {6: [4112, 321]}
    telemetry.add(
        [
            row(world.show_app, "call", start + timedelta(seconds=at), video_gaps=gaps.get(at, []), **told)
            for at in range(1, 9)
        ]
    )
    found = session_timeline(world.show_app, "call", now=world.now)
    assert found is not None
    lengths = [(interval.state, interval.length_ms) for interval in found.intervals]
    assert sum(length for state, length in lengths if state == "stalled") == 4112
    assert sum(length for state, length in lengths if state == "playing") == 8000 - 4112
    assert [state for state, _length in lengths if state == "unknown"] == []


def test_a_servers_words_are_shown_as_words(telemetry: Any, world: World, start: datetime) -> None:
    bad = json.dumps({"handle": "<script>", "media": "<script>", "packets_down": 500, "lost_down": 1})
    telemetry.add(
        [
            row(world.show_app, "call", start, source="janus", event="server", code="<script>alert(1)</script>"),
            row(world.show_app, "call", start, source="janus", detail=bad),
            row(world.show_app, "call", start, event="step", code="<img src=x>", elapsed_ms=5),
            row(world.show_app, "call", start, event="step", code="ice", elapsed_ms=5),
        ]
    )
    told = page(world)
    assert "<script>alert" not in told and "<img src=x" not in told and "&lt;img" in told
