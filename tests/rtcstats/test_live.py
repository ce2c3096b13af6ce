"""WebSocket /v1/rtcstats: a recording line by line is stored while it goes on, as a page's client sends it."""

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.rtcstats.recording import Recording, joined
from tests.rtcstats.test_dump import call, upload
from tests.service import Service, now_ms

PROTOCOL = Subprotocol("rtcstats#5.0")
# What the docs promise of a crash: nothing that was sent longer ago than this is lost.
KEPT_AFTER_S = 2.0
# And this is what a busy machine may take to write it down.
COMMIT_S = 3.0


@contextlib.contextmanager
def opened(service: Service, path: str, **more: Any) -> Iterator[ClientConnection]:
    address = f"ws://127.0.0.1:{service.port}{path}"
    with connect(address, subprotocols=[PROTOCOL], origin=None, max_size=None, **more) as socket:
        yield socket


def send_all(socket: ClientConnection, recording: Recording) -> None:
    for line in recording.lines:
        socket.send(json.dumps(line))


def closed_with(service: Service, path: str, *lines: str) -> tuple[int, str]:
    """How the server closes a socket on which these lines are sent."""
    with opened(service, path) as socket, pytest.raises(ConnectionClosed) as caught:
        for line in lines:
            socket.send(line)
        socket.recv(timeout=20)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


@pytest.fixture(scope="module")
def begun() -> int:
    """When these tests began, epoch milliseconds."""
    return now_ms()


def counted(service: Service, session: str) -> list[list[Any]]:
    return service.telemetry(
        "SELECT sum(packets_lost), sum(frames), arraySort(groupArrayArray(video_gaps)), any(stream), countIf(event = "
        f"'join_ok'), countIf(event = 'leave'), sum(opened) FROM samples WHERE session = '{session}'"
    )


def test_the_key_comes_in_the_path_or_as_the_clients_token(service: Service) -> None:
    key = service.seeded["show_secret"]
    for path in (f"/v1/rtcstats/{key}", f"/v1/rtcstats/{key}/page.html", f"/v1/rtcstats?rtcstats-token={key}"):
        with opened(service, path) as socket:
            assert socket.subprotocol == PROTOCOL


@pytest.mark.parametrize("path", ["", "/", "/stranger", "/stranger/page.html", "?rtcstats-token=stranger"])
def test_a_bad_key_is_closed_with_1008(service: Service, path: str) -> None:
    assert closed_with(service, f"/v1/rtcstats{path}")[0] == 1008


@pytest.mark.parametrize("path", ["/", "/v1/samples", "/v1/cmcd/x", "/events", "/v1/rtcstatsx"])
def test_nothing_else_speaks_websocket(service: Service, path: str) -> None:
    with pytest.raises(InvalidStatus) as caught, opened(service, path):
        pass
    assert caught.value.response.status_code == 403


def test_a_key_opens_only_so_many(service: Service) -> None:
    path = f"/v1/rtcstats/{service.seeded['social_secret']}"
    with contextlib.ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(opened(service, path, ping_interval=None))
        assert closed_with(service, path)[0] == 1013
        # Another key has room.
        with opened(service, f"/v1/rtcstats/{service.seeded['show_secret']}") as other:
            assert other.ping().wait(10)
    with opened(service, path) as again:
        assert again.ping().wait(10)


BAD_LINES = ("", "[]", "{", "[" * 50_000, '["g","PC_0",{"t":NaN},1]', '["create","PC_0",null,-1]', "\x00", b"\xff\xfe")


def test_a_message_over_the_limit_ends_the_socket(service: Service) -> None:
    address = f"/v1/rtcstats/{service.seeded['show_secret']}"
    with opened(service, address) as socket, pytest.raises(ConnectionClosed) as caught:
        socket.send("x" * (2 << 20))
        socket.recv(timeout=20)
    # The server does not read on: a sender that still writes may find the connection gone before it reads why.
    assert caught.value.rcvd is None or caught.value.rcvd.code == 1009


@pytest.mark.long
def test_what_was_sent_two_seconds_ago_survives_a_kill_and_is_counted_as_the_same_dump(service: Service) -> None:
    recording, key = call(told={"session": "live-1", "stream": "room-9"}), service.seeded["show_secret"]
    halves = Recording(), Recording()
    place = len(recording.lines) // 2
    halves[0].lines, halves[1].lines = recording.lines[:place], recording.lines[place:]
    other = joined("PC_0", now_ms() - 1000, told={"session": "live-2"})
    with opened(service, f"/v1/rtcstats/{key}?country=CN") as socket:
        send_all(socket, halves[0])
        time.sleep(0.3)
        send_all(socket, halves[1])
        assert socket.ping().wait(30)
    with contextlib.suppress(ConnectionClosed), opened(service, f"/v1/rtcstats/{key}") as socket:
        send_all(socket, other)
        assert socket.ping().wait(30)
        time.sleep(KEPT_AFTER_S + COMMIT_S)
        service.kill()
    service.start()
    # The same recording as a file has nothing new to tell: its samples are the same ones.
    status, said = upload(service, recording.dump())
    assert status == 200 and said["duplicates"] == said["accepted"]
    service.stop()
    assert counted(service, "live-1") == [[177, 789, [313, 321, 4112], "room-9", 1, 1, 1]]
    assert counted(service, "live-2")[0][4:] == [1, 0, 1]
    assert service.telemetry("SELECT DISTINCT country FROM samples WHERE session = 'live-1'") == [["CN"]]
    service.start()


def test_a_server_that_stops_keeps_what_was_sent(service: Service, begun: int) -> None:
    with opened(service, f"/v1/rtcstats/{service.seeded['show_secret']}") as socket:
        for bad in BAD_LINES:
            socket.send(bad)
        send_all(socket, call(told={"session": "live-bad"}))
    with opened(service, f"/v1/rtcstats/{service.seeded['show_secret']}") as socket:
        send_all(socket, joined("PC_0", now_ms() - 1000, told={"session": "live-stop"}))
        assert socket.ping().wait(10)
        took_s = service.stop()
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
    assert counted(service, "live-stop")[0][4:] == [1, 0, 1] and took_s < 10
    # What was bad cost nothing that was good.
    assert counted(service, "live-bad")[0][:2] == [177, 789]
    (refused,) = service.telemetry(
        f"SELECT count() FROM rejects WHERE source = 'rtcstats' AND toUnixTimestamp64Milli(received) >= {begun}"
    )
    assert refused == [8]
    service.start()


@pytest.mark.long
def test_over_the_quota_nothing_is_lost_while_the_page_stays(service: Service) -> None:
    slow = service.change_key("limit", quota=20)["secret"]
    service.wait_until(lambda: service.request("POST", f"/v1/samples/{slow}", b"")[0] != 401)
    with opened(service, f"/v1/rtcstats/{slow}") as socket:
        recording = call(told={"session": "live-slow"})
        # A bucket holds ten seconds' worth of lines: these are more, and wait for it.
        for number in range(260):
            recording.add(":filler", "PC_0", None, now_ms() - 1000 + number)
        send_all(socket, recording)
        assert socket.ping().wait(30)
        time.sleep(8)
    service.stop()
    (row,) = service.telemetry(
        "SELECT sum(packets_lost), countIf(event = 'custom') FROM samples WHERE session = 'live-slow'"
    )
    assert row == [177, 260]
    service.start()


def test_a_revoked_key_ends_its_sockets(service: Service) -> None:
    lines = [json.dumps(line) for line in joined("PC_0", now_ms() - 1000).lines]
    with opened(service, f"/v1/rtcstats/{service.seeded['social_secret']}") as socket:
        service.change_key("revoke")
        with pytest.raises(ConnectionClosed) as caught:
            for _ in range(100):
                socket.send(lines[0])
                with contextlib.suppress(TimeoutError):
                    socket.recv(timeout=0.2)
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1008
    # The other tests of this folder go on with a key of the same app.
    service.seeded["social_secret"] = service.change_key("limit", quota=100_000)["secret"]
    probe = service.bearer("social_secret")
    service.wait_until(lambda: service.request("POST", "/v1/samples", b"", probe)[0] != 401)
