"""Hooks while the store is slow or full, ticks by a turned clock, restarts: docs/decisions/0008."""

import json
import time
from typing import Any

import pytest

from aftercare.ingest.presence import book
from tests.ingest.door import APP, FrontDoor

CLIENT: dict[str, Any] = {"client_id": "abc", "server_id": "vid-1", "vhost": "v", "app": "live", "stream": "room-1"}
SUMS = "sum(interval_ms), sum(opened), sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended')"


def srs(door: FrontDoor, action: str, **more: Any) -> tuple[int, Any]:
    body = json.dumps({"action": action, **CLIENT, **more}).encode()
    return door.send("POST", "/v1/hooks/srs/key", body)


def wait_until(door: FrontDoor, columns: str, expected: list[Any]) -> None:
    """Until the committing thread has come to it: it looks once a second."""
    ends = time.monotonic() + 10
    while door.rows(columns) != expected and time.monotonic() < ends:
        time.sleep(0.02)
    assert door.rows(columns) == expected


@pytest.fixture(autouse=True)
def key(door: FrontDoor) -> str:
    return door.key("key")


def test_an_anchor_waits_a_second_at_most_for_a_slow_store(door: FrontDoor) -> None:
    door.store.goes_on.clear()
    begun = time.monotonic()
    assert srs(door, "on_publish") == (200, b"0")
    assert 0.9 < time.monotonic() - begun < 2.5
    assert door.rows("count()") == [0]
    door.store.goes_on.set()
    wait_until(door, SUMS, [0, 1, 1, 0])


def test_what_a_full_disk_did_not_take_is_kept_when_there_is_room_again(door: FrontDoor) -> None:
    door.store.fails = True
    assert srs(door, "on_publish") == (200, b"0")
    published = door.now
    door.now += 30
    assert srs(door, "on_unpublish") == (200, b"0")
    native = b'{"session": "s", "ts": %d}' % int(door.now * 1000)
    status, said = door.send("POST", "/v1/samples", native, {"Authorization": "Bearer key"})
    assert status == 503 and "nothing of it was kept" in said["error"], "whoever can wait is told the truth"
    door.now += 300
    door.store.fails = False
    wait_until(door, SUMS, [30_000, 1, 1, 1])
    assert door.rows("toUnixTimestamp64Milli(min(ts))") == [int(published * 1000)], (
        "by when it came, not when it was stored"
    )


def test_presence_is_told_every_ten_seconds_and_goes_on_after_a_restart(door: FrontDoor) -> None:
    assert srs(door, "on_publish") == (200, b"0")
    begun = door.now
    for second in (12, 25, 38):
        door.now = begun + second
        expected = (int(door.now) // 10 * 10 - int(begun)) * 1000 - 1
        wait_until(door, "sum(interval_ms)", [max(expected, 0)])
    door.stop()
    door.now = begun + 75
    door.start()
    door.ring.reload()
    wait_until(door, "sum(interval_ms)", [(int(door.now) // 10 * 10 - int(begun)) * 1000 - 1])
    assert srs(door, "on_unpublish") == (200, b"0")
    assert door.rows(SUMS) == [75_000, 1, 1, 1]
    assert door.rows("max(interval_ms), min(interval_ms) >= 0, uniqExact(role), any(role)") == [
        10_000,
        1,
        1,
        "publisher",
    ]


def test_heartbeats_of_nginx_keep_a_session_and_their_absence_ends_it(door: FrontDoor) -> None:
    begun = door.now
    arguments = "app=live&flashver=FMLE&addr=192.0.2.1&clientid=7&name=room-2"
    assert door.send("GET", f"/v1/hooks/nginx-rtmp/key/edge-1?call=publish&{arguments}") == (200, b"0")
    for beat in range(1, 4):
        door.now = begun + 30 * beat
        form = f"call=update_publish&time={30 * beat}&timestamp=1&{arguments}".encode()
        assert door.send("POST", "/v1/hooks/nginx-rtmp/key/edge-1", form) == (200, b"0")
    door.now = begun + 600
    heard_ms = 90_000
    ends = time.monotonic() + 10
    while not heard_ms - 10_000 < door.rows("sum(interval_ms)")[0] <= heard_ms and time.monotonic() < ends:
        time.sleep(0.02)
    assert heard_ms - 10_000 < door.rows("sum(interval_ms)")[0] <= heard_ms
    assert door.rows("sumIf(sign, event LIKE 'push_%'), any(edge)") == [1, "edge-1"], "silence is no break"


def test_a_nodes_own_key_keeps_its_sessions_apart(door: FrontDoor) -> None:
    door.key("node", app=0, resource="edge-sh-01")
    body = json.dumps({"action": "on_publish", **CLIENT}).encode()
    assert door.send("POST", "/v1/hooks/srs/node", body) == (200, b"0")
    assert srs(door, "on_publish") == (200, b"0")
    assert door.rows("uniqExact(session), countIf(startsWith(session, 'edge-sh-01/'))", "event != ''") == [2, 1]


def test_a_flood_of_sessions_is_stored_and_not_followed(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_HELD", 20)
    monkeypatch.setattr(book, "MOST_OPEN", 10)
    begun = door.now
    for number in range(30):
        assert srs(door, "on_play", client_id=f"c{number}", stream=f"stream-{number}") == (200, b"0")
    door.now = begun + 60
    wait_until(door, "uniqExactIf(session, interval_ms > 0), sum(opened)", [10, 30])
    assert srs(door, "on_stop", client_id="c15") == (200, b"0")
    assert door.rows("sum(interval_ms)", "session LIKE '%/c15/%'") == [60_000], "told at its end, where it was held"
    assert door.committer._making.book._held[APP] == 20


def test_nobody_is_kept_off_the_air_by_our_troubles(door: FrontDoor) -> None:
    """Over quota, or with a key that was revoked: not kept, but let go on. Only a key that never was is refused."""
    for name, facts in (("slow", {"quota": 0.1}), ("revoked", {"revoked_at": 1.0}), ("expired", {"expires_at": 1.0})):
        door.key(name, **facts)
        for server in ("srs", "nginx-rtmp", "node-media-server"):
            for _ in range(3):
                body = json.dumps({"action": "on_play", **CLIENT}).encode() if server == "srs" else b"call=connect"
                body = b'{"action": "prePlay"}' if server == "node-media-server" else body
                assert door.send("POST", f"/v1/hooks/{server}/{name}", body) == (200, b"0"), (name, server)
    assert door.send("POST", "/v1/hooks/srs/ak_wrong", b"{}")[0] == 401


def test_what_is_no_event_hears_a_sentence(door: FrontDoor) -> None:
    for server, event, sentence in (
        ("srs", b"{", "not JSON"),
        ("srs", b"[1]", "no object"),
        ("srs", {**CLIENT, "action": "on_play", "client_id": ""}, "client_id is missing"),
        ("nginx-rtmp", b"call=publish&clientid=1", "name is missing"),
        ("nginx-rtmp", b"&".join(b"a%d=1" % i for i in range(300)), "over 200 arguments"),
        ("node-media-server", {"action": "postPlay", "name": "x"}, "id is missing"),
    ):
        body = json.dumps(event).encode() if isinstance(event, dict) else event
        status, said = door.send("POST", f"/v1/hooks/{server}/key", body)
        assert status == 400 and sentence in said["error"], (server, event)
    assert door.send("PUT", "/v1/hooks/srs/key", b"{}")[0] == 405
    assert door.send("POST", "/v1/hooks/srs/key", b"x" * (2 << 20))[0] == 413
    assert door.send("POST", "/v1/hooks/nobody/key", b"{}")[0] == 404
