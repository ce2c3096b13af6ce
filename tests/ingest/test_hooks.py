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


def rows(service: Service, where: str, columns: str) -> list[Any]:
    """One row of sums over raw rows; the server must be down."""
    return service.telemetry(f"SELECT {columns} FROM samples WHERE {where}")[0]


@pytest.fixture
def reading(service: Service) -> Any:
    """A way to read the rows: the server is stopped for it, and started again afterwards."""

    def read(*asked: tuple[str, str]) -> list[Any]:
        service.stop()
        return [rows(service, where, columns) for where, columns in asked]

    yield read
    service.start()
    service.wait_for_key()


def test_srs_hears_zero_and_its_sessions_are_counted_once(service: Service, reading: Any) -> None:
    for action in ("on_connect", "on_publish", "on_publish", "on_unpublish", "on_unpublish"):
        assert srs(service, action, "push0001", tcUrl="rtmp://live.example/live") == (200, b"0")
    assert srs(service, "on_close", "push0001", recv_bytes=10_240, send_bytes=99) == (200, b"0")
    for action in ("on_play", "on_stop", "on_stop", "on_close"):
        assert srs(service, action, "play0001", send_bytes=2_048, recv_bytes=5)[0] == 200
    for action in ("on_stop", "on_play"):
        assert srs(service, action, "play0002") == (200, b"0")
    (pushed, played, opened) = reading(
        (
            "session LIKE 'srs/%/push/%'",
            "sum(opened), sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended'), "
            "sum(bytes), any(role), any(stream), any(protocol)",
        ),
        (
            "session LIKE 'srs/%/play/%'",
            "sum(opened), sumIf(sign, event = 'leave'), sum(bytes), any(role), any(stream)",
        ),
        ("session LIKE 'srs/%'", "max(length(session)), sum(play_ms), sum(stall_ms)"),
    )
    assert pushed == [1, 1, 1, 10_240, "publisher", "room-7", "rtmp"]
    assert played == [2, 2, 2_048, "audience", "room-7"]
    assert opened[0] <= 64 and opened[1:] == [0, 0]


def test_presence_is_told_while_open_and_over_a_kill(service: Service) -> None:
    began = now_ms() - 95_000
    assert hook(service, "node-media-server", play(began, "prePlay")) == (200, b"0")
    assert hook(service, "node-media-server", play(began, "postPlay")) == (200, b"0")
    service.kill()
    told = rows(service, "session = 'nms/mwsabcd1aaaaaaaa/play'", "sum(interval_ms)")[0]
    assert 80_000 <= told <= now_ms() - began
    service.start()
    service.wait_for_key()
    done = play(began, "donePlay", endtime=began + 97_531, outbytes=5_000_001)
    assert hook(service, "node-media-server", done) == (200, b"0")
    service.kill()
    service.start()
    service.wait_for_key()
    assert hook(service, "node-media-server", done) == (200, b"0")
    service.stop()
    where = "session = 'nms/mwsabcd1aaaaaaaa/play'"
    sums = "sum(interval_ms), sum(bytes), sum(opened), sumIf(sign, event = 'leave'), any(stream), any(protocol)"
    assert rows(service, where, sums) == [97_531, 5_000_001, 1, 1, "room-9", "flv"]
    (per_bucket,) = rows(service, f"{where} AND interval_ms != 0", "max(ts) - min(ts)")
    assert 80 <= per_bucket <= 98
    rolled = "SELECT sum(interval_ms), sum(bytes), sum(sessions) FROM r10s WHERE cut = 'role' AND value = 'audience'"
    assert service.telemetry(rolled)[0][0] >= 97_531
    service.start()
    service.wait_for_key()


def test_a_publisher_that_came_back_is_one_publish_with_a_break(service: Service, reading: Any) -> None:
    """As node-media-server 4 tells it: the old connection's end not at all, the new one with the old createtime."""
    began = now_ms() - 100_000
    first, second = (base36(at) + "abcdefgh" for at in (began, began + 60_000))
    for identity, action, more in (
        (first, "prePublish", {}),
        (first, "postPublish", {}),
        (second, "postPublish", {"inbytes": 700}),
        (second, "donePublish", {"inbytes": 900, "endtime": began + 90_000}),
    ):
        event = play(began, action, identity, name="room-5", **more)
        assert hook(service, "node-media-server", event) == (200, b"0")
    (found,) = reading(
        (
            "stream = 'room-5'",
            "sum(interval_ms), sum(bytes), sum(opened), sumIf(sign, event = 'push_ok'), "
            "sumIf(sign, event = 'push_broken'), sumIf(sign, event = 'push_ended')",
        )
    )
    assert found == [90_000, 900, 1, 2, 1, 1]


def test_the_capture_counts_as_its_content_says(service: Service, reading: Any) -> None:
    """Twice, the second time backwards: a push that ended, one that began and came to a second server by a relay."""
    sent = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
    # What the second server tells was told an hour after the publish had begun: moved to the present with the rest.
    shift = now_ms() - 30_000 - int(1000 * max(entry["t"] for entry in sent))
    for entry in sent + sent[::-1]:
        if entry["method"] == "GET":
            path = f"/v1/hooks/nginx-rtmp/{service.seeded['social_secret']}/edge-1?{urlsplit(entry['path']).query}"
            assert service.request("GET", path)[:2] == (200, b"0")
        else:
            event = json.loads(entry["body"])
            event["createtime"] += shift
            event["id"] = base36(int(event["id"][:8], 36) + shift) + event["id"][8:]
            path = f"/v1/hooks/node-media-server/{service.seeded['social_secret']}/edge-2"
            assert service.request("POST", path, json.dumps(event).encode())[:2] == (200, b"0")
    app = f"app = {service.seeded['social_app']}"
    events = "sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended'), sumIf(sign, event = 'push_broken')"
    nginx, relayed, viewers = reading(
        (f"{app} AND edge = 'edge-1'", f"sum(opened), {events}, any(stream)"),
        (f"{app} AND edge = 'edge-2'", f"sum(opened), {events}, any(stream)"),
        (f"{app} AND role = 'audience'", "count()"),
    )
    assert nginx == [2, 1, 1, 0, "room1"]
    assert relayed == [1, 1, 0, 1, "room1"]  # it came back to a publish of 45 minutes ago
    assert viewers == [0]


def test_nobody_is_kept_off_the_air_by_our_troubles(service: Service) -> None:
    secret = service.change_key("limit", quota=1)["secret"]
    body = json.dumps({"action": "on_publish", "client_id": "c", **SRS}).encode()
    service.wait_until(lambda: service.request("POST", f"/v1/hooks/srs/{secret}", body)[0] == 200)
    for _ in range(30):
        assert service.request("POST", f"/v1/hooks/srs/{secret}", body)[:2] == (200, b"0")
    service.change_key("revoke")
    service.wait_until(lambda: service.samples([], key="social_secret")[0] == 410)
    assert service.request("POST", f"/v1/hooks/srs/{service.seeded['social_secret']}", body)[:2] == (200, b"0")


def test_what_is_no_event_hears_a_sentence(service: Service) -> None:
    for server, body, sentence in (
        ("srs", b"{", "not JSON"),
        ("srs", b"[1]", "no object"),
        ("srs", {"action": "on_play", **SRS}, "client_id is missing"),
        ("nginx-rtmp", b"call=publish&clientid=1", "name is missing"),
        ("nginx-rtmp", b"&".join(b"a%d=1" % i for i in range(300)), "over 200 arguments"),
        ("node-media-server", {"action": "postPlay", "name": "x"}, "id is missing"),
    ):
        status, said = hook(service, server, body)
        assert status == 400 and sentence in said["error"], (server, body)
    assert service.request("POST", "/v1/hooks/srs/ak_wrong", b"{}")[0] == 401
    assert service.request("PUT", f"/v1/hooks/srs/{service.seeded['show_secret']}", b"{}")[0] == 405
    assert hook(service, "srs", b"x" * (2 << 20))[0] == 413


def test_script_text_and_long_names_stay_text(service: Service, reading: Any) -> None:
    evil = "<script>alert(1)</script>" + "é" * 300
    assert srs(service, "on_play", evil, stream=evil, server_id=evil) == (200, b"0")
    (found,) = reading(("startsWith(stream, '<script>')", "count(), max(length(session)), max(lengthUTF8(stream))"))
    assert found[0] >= 1 and found[1] <= 64 and found[2] == 128


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
