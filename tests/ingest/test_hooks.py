"""Media servers' hooks over HTTP: answered with leave, kept, counted once, and over a kill as if nothing had been."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.service import Service, now_ms

CAPTURE = Path(__file__).parent.parent / "captures/rtmp-webhooks_nginx-rtmp-1.2.2_node-media-server-4.4.3.jsonl"
SRS = {"server_id": "vid-0xk989d", "ip": "10.17.0.6", "vhost": "__defaultVhost__", "app": "live", "stream": "room-7"}


def hook(service: Service, server: str, body: bytes | str | dict[str, Any], rest: str = "") -> tuple[int, Any]:
    """POST one event."""
    text = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
    path = f"/v1/hooks/{server}/{service.seeded['show_secret']}{rest}"
    status, said, _ = service.request("POST", path, text, {"Content-Type": "text/plain;charset=UTF-8"})
    return status, said


def srs(service: Service, action: str, client: str, **more: Any) -> tuple[int, Any]:
    return hook(service, "srs", {"action": action, "client_id": client, **SRS, **more})


def play(began: int, action: str, identity: str = "mwsabcd1aaaaaaaa", **more: Any) -> dict[str, Any]:
    """What node-media-server 4 sends of a viewer."""
    facts = {"id": identity, "ip": "192.0.2.7:52660", "app": "live", "name": "room-9", "query": {}, "protocol": "flv"}
    return {**facts, "createtime": began, "endtime": 0, "inbytes": 0, "outbytes": 0, "action": action, **more}


def nginx(service: Service, query: str) -> tuple[int, Any]:
    """What nginx-rtmp GETs of the second customer's app."""
    path = f"/v1/hooks/nginx-rtmp/{service.seeded['social_secret']}/edge-1?{query}"
    return service.request("GET", path)[:2]


VIEWER, EVIL = "mwsabcd1aaaaaaaa", "<script>alert(1)</script>" + "é" * 300


@pytest.fixture(scope="module")
def began(service: Service) -> int:
    """Everything sent, over a kill in the middle of a viewer's time; then the server is down, its rows can be read."""
    began = now_ms() - 95_000
    send_srs(service)
    send_resumed_push(service, began)
    send_capture(service)
    assert srs(service, "on_play", EVIL, stream=EVIL, server_id=EVIL) == (200, b"0")
    assert hook(service, "node-media-server", play(began, "prePlay")) == (200, b"0")
    assert hook(service, "node-media-server", play(began, "postPlay")) == (200, b"0")
    service.kill()
    told = sums(service, f"session = 'nms/{VIEWER}/play'", "sum(interval_ms)")[0]
    assert 80_000 <= told <= now_ms() - began, "who is there shows before it is over"
    service.start()
    service.wait_for_key()
    done = play(began, "donePlay", endtime=began + 97_531, outbytes=5_000_001)
    for _ in range(2):
        assert hook(service, "node-media-server", done) == (200, b"0")
    service.stop()
    return began


def send_srs(service: Service) -> None:
    for action in ("on_connect", "on_publish", "on_publish", "on_unpublish", "on_unpublish"):
        assert srs(service, action, "push0001", tcUrl="rtmp://live.example/live") == (200, b"0")
    assert srs(service, "on_close", "push0001", recv_bytes=10_240, send_bytes=99) == (200, b"0")
    for action in ("on_play", "on_stop", "on_stop", "on_close"):
        assert srs(service, action, "play0001", send_bytes=2_048, recv_bytes=5)[0] == 200
    for action in ("on_stop", "on_play"):
        assert srs(service, action, "play0002") == (200, b"0")


def send_resumed_push(service: Service, began: int) -> None:
    """As node-media-server 4 tells it: the old connection's end not at all, the new one with the old createtime."""
    first, second = (base36(at) + "abcdefgh" for at in (began, began + 60_000))
    for identity, action, more in (
        (first, "prePublish", {}),
        (first, "postPublish", {}),
        (second, "postPublish", {"inbytes": 700}),
        (second, "donePublish", {"inbytes": 900, "endtime": began + 90_000}),
    ):
        event = play(began, action, identity, name="room-5", **more)
        assert hook(service, "node-media-server", event) == (200, b"0")


def send_capture(service: Service) -> None:
    """Twice, the second time backwards, with the second server's times moved to the present."""
    sent = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
    shift = now_ms() - 30_000 - int(1000 * max(entry["t"] for entry in sent))
    for entry in sent + sent[::-1]:
        if entry["method"] == "GET":
            assert nginx(service, urlsplit(entry["path"]).query) == (200, b"0")
            continue
        event = json.loads(entry["body"])
        event["createtime"] += shift
        event["id"] = base36(int(event["id"][:8], 36) + shift) + event["id"][8:]
        path = f"/v1/hooks/node-media-server/{service.seeded['social_secret']}/edge-2"
        assert service.request("POST", path, json.dumps(event).encode())[:2] == (200, b"0")


def sums(service: Service, where: str, columns: str) -> list[Any]:
    """One row of sums over raw rows; the server must be down."""
    return service.telemetry(f"SELECT {columns} FROM samples WHERE {where}")[0]


PUSHES = "sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended'), sumIf(sign, event = 'push_broken')"


def test_srs_sessions_are_counted_once(service: Service, began: int) -> None:
    pushed = f"sum(opened), {PUSHES}, sum(bytes), any(role), any(stream), any(protocol)"
    found = sums(service, "session LIKE 'srs/%/push/%' AND stream = 'room-7'", pushed)
    assert found == [1, 1, 1, 0, 10_240, "publisher", "room-7", "rtmp"]
    played = "sum(opened), sumIf(sign, event = 'leave'), sum(bytes), any(role), any(stream)"
    found = sums(service, "session LIKE 'srs/%/play/%' AND stream = 'room-7'", played)
    assert found == [2, 2, 2_048, "audience", "room-7"]


def test_a_viewers_time_is_exact_over_a_kill(service: Service, began: int) -> None:
    where = f"session = 'nms/{VIEWER}/play'"
    columns = "sum(interval_ms), sum(bytes), sum(opened), sumIf(sign, event = 'leave'), any(stream), any(protocol)"
    assert sums(service, where, columns) == [97_531, 5_000_001, 1, 1, "room-9", "flv"]
    assert sums(service, where, "sum(play_ms), sum(stall_ms)") == [0, 0]


def test_nobody_is_present_twice_in_any_ten_seconds(service: Service, began: int) -> None:
    slices = "SELECT session, intDiv(toUnixTimestamp(ts), 10) AS slice, sum(interval_ms) AS ms FROM samples"
    worst = service.telemetry(f"SELECT max(ms), min(ms) FROM ({slices} GROUP BY session, slice)")
    assert worst == [[10_000, 0]]


def test_rollups_agree_with_raw_rows(service: Service, began: int) -> None:
    raw = sums(service, "1", "sum(interval_ms), sum(bytes), sum(opened), sumIf(sign, event = 'push_ok')")
    for table in ("r10s", "r1m", "r1h"):
        columns = "sum(interval_ms), sum(bytes), sum(sessions), sum(pushes_ok)"
        assert service.telemetry(f"SELECT {columns} FROM {table} WHERE cut = ''") == [raw], table


def test_a_publisher_that_came_back_is_one_publish_with_a_break(service: Service, began: int) -> None:
    found = sums(service, "stream = 'room-5'", f"sum(interval_ms), sum(bytes), sum(opened), {PUSHES}")
    assert found == [90_000, 900, 1, 2, 1, 1]


def test_the_capture_counts_as_its_content_says(service: Service, began: int) -> None:
    """A push that ended, one that began and went on to a second server by a relay, where it came back."""
    app = f"app = {service.seeded['social_app']}"
    assert sums(service, f"{app} AND edge = 'edge-1'", f"sum(opened), {PUSHES}, any(stream)") == [2, 1, 1, 0, "room1"]
    assert sums(service, f"{app} AND edge = 'edge-2'", f"sum(opened), {PUSHES}, any(stream)") == [1, 1, 0, 1, "room1"]
    assert sums(service, f"{app} AND role = 'audience'", "count()") == [0]


def test_script_text_and_long_names_stay_text(service: Service, began: int) -> None:
    found = sums(service, "startsWith(stream, '<script>')", "count() > 0, max(lengthUTF8(stream))")
    assert found == [1, 128]
    assert sums(service, "1", "max(length(session)) <= 64") == [1]


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
