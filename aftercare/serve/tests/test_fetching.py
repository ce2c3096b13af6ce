"""The call to a target: to the host that was checked and no other, within its time and size, telling nothing raw."""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from aftercare.serve.scraping import fetching
from aftercare.serve.scraping.fetching import LARGEST_BODY, TOO_LATE, Call, Unfetched, fetch
from tests.exporters import Exporter, exporter

CALL = Call("", 2, may_be_private=True)


@pytest.fixture
def target() -> Iterator[Exporter]:
    with exporter(b"a 1\n") as made:
        yield made


def to(target: Exporter, **more: Any) -> Call:
    return replace(CALL, address=target.address, **more)


def refusal(call: Call) -> Unfetched:
    with pytest.raises(Unfetched) as caught:
        fetch(call)
    return caught.value


def test_it_works(target: Exporter) -> None:
    assert fetch(to(target)).body == b"a 1\n"
    asked = target.asked[0]
    assert asked["host"] == f"127.0.0.1:{target.port}" and "openmetrics" in asked["accept"]
    assert "authorization" not in asked


def test_takes_gzip(target: Exporter) -> None:
    target.body, target.headers["Content-Encoding"] = gzip.compress(b"a 2\n"), "gzip"
    assert fetch(to(target)).body == b"a 2\n"


def test_says_who_asks(target: Exporter) -> None:
    fetch(to(target, bearer="token"))
    fetch(to(target, username="u", password="p"))
    assert [asked["authorization"] for asked in target.asked] == ["Bearer token", "Basic dTpw"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9100/metrics",
        "http://localhost:9100/",
        "http://2130706433:9100/",
        "http://10.1.2.3:9100/",
        "http://192.168.1.1:9100/",
        "http://[::1]:9100/",
        "http://[::ffff:127.0.0.1]:9100/",
        "http://[fd00::1]:9100/",
        "http://100.64.0.1:9100/",
    ],
)
def test_private_addresses_are_not_called(address: str) -> None:
    assert "private network" in refusal(replace(CALL, address=address, may_be_private=False)).sentence


@pytest.mark.parametrize("may_be_private", [True, False])
@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "168.63.129.16", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1", "0.0.0.0"],  # noqa: S104
)
def test_a_clouds_own_addresses_are_never_called(host: str, may_be_private: bool) -> None:
    call = replace(CALL, address=f"http://{host}/latest/meta-data/", may_be_private=may_be_private)
    assert "private network" in refusal(call).sentence


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 3306, 11211])
def test_ports_of_other_protocols_are_not_called(port: int) -> None:
    assert "port" in refusal(replace(CALL, address=f"http://127.0.0.1:{port}/")).sentence


def test_a_name_that_turns_private_after_the_check_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, called = iter(["93.184.215.14", "127.0.0.1"]), []

    def resolve(*args: Any, **more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    def connect(address: Any, **more: Any) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    error = refusal(replace(CALL, address="http://rebinds.example:9100/", may_be_private=False))
    assert called == [("93.184.215.14", 9100)] and error.detail == "Connection refused"
    assert "private network" in refusal(replace(CALL, address="http://rebinds.example/", may_be_private=False)).sentence
    assert len(called) == 1


def test_a_redirect_is_not_followed_and_gets_no_token(target: Exporter) -> None:
    with exporter(b"secret 1\n") as inner:
        target.status, target.headers["Location"] = 302, inner.address
        error = refusal(to(target, bearer="token"))
        assert ("redirect" in error.sentence, error.detail, inner.asked) == (True, "HTTP 302", [])


def test_an_error_tells_its_status_and_nothing_of_its_text(target: Exporter) -> None:
    target.status, target.body = 500, b"stack trace with a password"
    error = refusal(to(target))
    assert (error.detail, "password" in error.sentence) == ("HTTP 500", False)


def bomb(handler: BaseHTTPRequestHandler) -> None:
    packed = gzip.compress(b"a 1\n" * (8 * LARGEST_BODY))
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(packed)


def huge(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(LARGEST_BODY // 1000):
        handler.wfile.write(b"a 1\n" * 500)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"a")
        time.sleep(0.1)


def test_large_answers_are_cut_off(target: Exporter) -> None:
    for answer in (bomb, huge):
        target.answer = answer
        assert "too large" in refusal(to(target, timeout_s=20)).sentence


def test_a_broken_gzip_and_half_an_answer_are_named(target: Exporter) -> None:
    target.body, target.headers["Content-Encoding"] = b"no gzip", "gzip"
    assert "cannot be unpacked" in refusal(to(target)).sentence
    target.body = gzip.compress(b"a 1\n")[:-6]
    assert "ends before its end" in refusal(to(target)).sentence


def test_a_target_that_answers_forever_is_cut_off_in_time(target: Exporter) -> None:
    target.answer = drip
    begun = time.monotonic()
    assert refusal(to(target, timeout_s=1)).sentence == TOO_LATE
    assert time.monotonic() - begun < 3


def test_a_handshake_that_drips_is_cut_off_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip_tls() -> None:
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                link.sendall(b"\x16\x03\x03\x3f\xff")
                for _ in range(100):
                    link.sendall(b"\x02")
                    time.sleep(0.1)

        threading.Thread(target=drip_tls, daemon=True).start()
        begun = time.monotonic()
        address = f"https://127.0.0.1:{server.getsockname()[1]}/"
        assert refusal(replace(CALL, address=address, timeout_s=1)).sentence == TOO_LATE
        assert time.monotonic() - begun < 3


def test_nobody_there(target: Exporter) -> None:
    target.close()
    error = refusal(to(target))
    assert (error.sentence, error.detail) == ("No connection", "Connection refused")


def test_a_time_used_up_by_the_name_alone(monkeypatch: pytest.MonkeyPatch, target: Exporter) -> None:
    real = fetching.checked

    def slowly(call: Call) -> Any:
        time.sleep(0.3)
        return real(call)

    monkeypatch.setattr(fetching, "checked", slowly)
    assert refusal(to(target, timeout_s=0.2)).sentence == TOO_LATE
    assert target.asked == []
