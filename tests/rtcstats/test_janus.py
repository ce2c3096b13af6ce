"""POST /v1/janus/<key>: a Janus server's own events become the server's view of the session that `opaque_id` names."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service import Service, now_ms

CAPTURE = Path(__file__).parents[1] / "captures" / "janus-1.1.2_sampleevh_echotest.jsonl"
# Of the captured call: 20 statistics, 10 of ICE, path, DTLS and hang-up, 2 of media, 2 descriptions, 1 attaching.
ROWS = 35
Event = dict[str, Any]


def captured(session: str) -> list[Event]:
    """The events that Janus sent of one call, moved to the present and to this session."""
    bodies = [json.loads(line)["body"] for line in CAPTURE.read_text().splitlines()]
    events = [event for body in bodies for event in json.loads(body.replace("call-77", session))]
    shift_us = (now_ms() - 60_000) * 1000 - min(event["timestamp"] for event in events)
    return [{**event, "timestamp": event["timestamp"] + shift_us} for event in events]


def stats(session: str, **figures: Any) -> Event:
    told = {"mid": "1", "media": "video", "rtt": 40, "lost": 0, "lost-by-remote": 0, "jitter-local": 3, **figures}
    ids = {"session_id": 1, "handle_id": 2, "opaque_id": session}
    return {"emitter": "sfu-1", "type": 32, "subtype": 3, "timestamp": now_ms() * 1000, **ids, "event": told}


def post(service: Service, body: Any, key: str = "show_secret", **headers: str) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    status, said, _ = service.request("POST", f"/v1/janus/{service.seeded[key]}", sent, named)
    return status, said


def test_names_what_is_no_event_and_keeps_what_is(service: Service) -> None:
    cases: list[tuple[Any, str]] = [
        ("text", "this is no Janus event"),
        ({"type": 32}, "missing required field `timestamp`"),
        ({"type": "32", "timestamp": 1}, "this is no Janus event"),
        ({**stats("a"), "timestamp": 1}, "more than 7 days ago"),
        ({**stats("a"), "timestamp": 1 << 61}, "10 minutes ahead"),
        ({**stats("a"), "handle_id": -1}, "this is no Janus event"),
        ({**stats("a"), "opaque_id": 7}, "this is no Janus event"),
    ]
    for bad, sentence in cases:
        status, said = post(service, [stats("a"), bad, stats("b")])
        assert (status, said["accepted"], said["rejected"]) == (200, 2, 1), (bad, said)
        assert said["first_rejected"]["line"] == 2 and sentence in said["first_rejected"]["reason"], said


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 200_000, b'[{"a":' * 50_000, b"\xff", b'[NaN, {"a"', b"[" * 9000 + b"NaN", b'"\\ud800NaN"']
)
def test_rejects_what_is_not_json(service: Service, body: bytes) -> None:
    status, said = post(service, body)
    assert status == 400 and "not JSON" in said["error"]


def test_events_about_no_call_are_taken_and_make_no_rows(service: Service) -> None:
    about_the_server = [event for event in captured("x") if not event.get("handle_id")]
    assert {event["type"] for event in about_the_server} == {1, 128, 256}
    assert post(service, about_the_server) == (200, {"accepted": 0, "duplicates": 0, "rejected": 0})
    assert post(service, stats("single"))[1]["accepted"] == 1


def test_a_key_is_needed(service: Service) -> None:
    assert service.request("POST", "/v1/janus/stranger", json.dumps(stats("x")).encode())[0] == 401


@pytest.fixture(scope="module")
def stored(service: Service) -> Iterator[Callable[[str], list[list[Any]]]]:
    """Calls told in several ways; the server is down, its rows can be read."""
    told = captured("whole")
    assert post(service, told)[0] == 200
    assert post(service, gzip.compress(json.dumps(told).encode()), Content_Encoding="gzip")[1]["duplicates"] == ROWS
    pieces = captured("in pieces")
    random.Random(4).shuffle(pieces)
    for piece in (pieces[:9], pieces[5:20], pieces[5:], pieces):
        assert post(service, piece)[0] == 200
    service.kill()
    service.start()
    assert post(service, told)[1]["duplicates"] == ROWS
    # The client's own word of the same session; and another customer's call of the same name.
    mine = {"session": "whole", "ts": now_ms(), "interval_ms": 5000, "packets": 500, "packets_lost": 7, "rtt_ms": 48}
    assert service.samples([mine])[0] == 200
    assert post(service, captured("whole"), key="social_secret")[1]["duplicates"] == 0
    nan = json.dumps(stats("no number", **{"in-link-quality": float("nan"), "lost-by-remote": 5}))
    assert "NaN" in nan
    status, said = post(service, f"[{nan}, {json.dumps(stats('no number', mid='0'))}]".encode())
    assert (status, said["accepted"], said["rejected"]) == (200, 2, 1)
    assert "in-link-quality: NaN is no number" in said["first_rejected"]["reason"]
    bad = {"rtt": 1e30, "lost": -1, "packets-received": 4294967295, "jitter-local": "x", "mid": ["1"]}
    assert post(service, stats("figures", media="<script>", **bad))[1]["accepted"] == 1
    nameless = [{**stats(""), "opaque_id": name, "emitter": "e" * 100} for name in ("", "x" * 65, "a\u0000b")]
    assert post(service, nameless)[1] == {"accepted": 3, "duplicates": 2, "rejected": 0}
    service.stop()
    yield service.telemetry
    service.start()


def test_the_servers_view_adds_nothing_to_the_clients_totals(stored: Callable[[str], list[list[Any]]]) -> None:
    (row,) = stored(
        "SELECT sum(interval_ms), sum(packets), sum(packets_lost), sum(bytes), sum(opened), any(edge), count() "
        "FROM samples WHERE session = 'whole' AND app = (SELECT min(app) FROM samples)"
    )
    assert row == [5000, 500, 7, 0, 1, "sfu-1", ROWS + 1]


def test_any_order_and_any_repetition_gives_the_same_rows(stored: Callable[[str], list[list[Any]]]) -> None:
    columns = "event, code, detail, round(rtt_ms), round(jitter_ms)"
    whole, pieces = (
        stored(
            f"SELECT {columns} FROM samples WHERE session = '{name}' AND source = 'janus' "
            "AND app = (SELECT min(app) FROM samples) ORDER BY ts, event, code, detail"
        )
        for name in ("whole", "in pieces")
    )
    assert len(whole) == ROWS and str(whole) == str(pieces)
    told = [f"{event} {code}" for event, code, *_ in whole if event]
    assert told[0] == "server attached" and told[-1] == "server hangup Janus API"
    for state in ("server ICE connected", "server DTLS connected", "server host – host, udp", "server remote offer"):
        assert state in told


def test_what_is_no_figure_is_unknown(stored: Callable[[str], list[list[Any]]]) -> None:
    rows = stored("SELECT detail, isNaN(rtt_ms), isNaN(jitter_ms) FROM samples WHERE session = 'figures'")
    # No loss is told of a stream of which the client has said nothing yet.
    told = {"handle": "2", "media": "<script>", "mid": ""}
    assert [json.loads(rows[0][0]), *rows[0][1:]] == [told, 1, 1]
    first, second = stored("SELECT detail FROM samples WHERE session = 'no number' ORDER BY detail")
    assert "quality_up" not in first[0] + second[0] and json.loads(second[0])["lost_down"] == 5
    (refused,) = stored("SELECT count() FROM rejects WHERE reason LIKE 'in-link-quality%'")
    assert refused == [1]


def test_without_an_opaque_id_the_session_is_the_handle(stored: Callable[[str], list[list[Any]]]) -> None:
    rows = stored("SELECT DISTINCT session FROM samples WHERE session LIKE 'janus/%'")
    assert len(rows) == 1 and len(rows[0][0]) <= 64


def test_no_address_and_no_sdp_is_stored(stored: Callable[[str], list[list[Any]]]) -> None:
    text = str(stored("SELECT groupArray(toString(tuple(*))) FROM samples WHERE source = 'janus'"))
    assert "fd00::2" in CAPTURE.read_text() and "v=0" in CAPTURE.read_text()
    assert not any(told in text for told in ("fd00::2", "192.0.2.2", "127.0.0.1", "a=candidate", "fingerprint"))
