"""What an attacker would try at a real front door: bodies that cost more than they bring, foreign keys."""

import gzip
import io
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.service import Service, now_ms

# Generous on a loaded machine; what these attacks exploit takes minutes, gigabytes or for ever.
SOON_S = 10
LEAST_GROWTH_MB = 200


def resident_mb(service: Service) -> float:
    """The server's resident memory."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(service.pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) / 1024


def answered(service: Service, work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the work returned, the seconds it took, and by how many megabytes the server grew."""
    before, begun = resident_mb(service), time.monotonic()
    got = work()
    return got, time.monotonic() - begun, resident_mb(service) - before


def is_well(service: Service) -> bool:
    """An honest sender is served at once."""
    begun = time.monotonic()
    status, _ = service.samples([{"session": "honest", "ts": now_ms(), "interval_ms": 5}])
    return status == 200 and time.monotonic() - begun < SOON_S


LINE = 'e=t,sid="x",sn=1,ts=1,v=2,'


@pytest.mark.parametrize(
    "line",
    [
        LINE + "a=(" + "a" * 60_000,
        LINE + "a=(" + "1" * 60_000 + "!",
        LINE + "a=(" + '""' * 30_000,
        LINE + "a=(" + "1 " * 30_000,
        LINE + "a=1" + ";a" * 30_000 + "!",
        LINE + 'a="' + "\\" * 60_000,
        LINE + "a" * 60_000 + "!",
        LINE + "," * 60_000,
        LINE + " " * 60_000 + "!",
        LINE + ",".join(f"k{n}={n}" for n in range(7_000)) + "!",
        "a=(" * 20_000,
    ],
)
def test_no_line_takes_longer_than_its_length(service: Service, line: str) -> None:
    (status, said), took_s, _ = answered(service, lambda: service.cmcd(line))
    assert status == 400 and "line 1" in said["error"]
    assert took_s < SOON_S
    assert is_well(service)


def test_a_line_of_over_64_kilobytes_is_refused_and_its_neighbour_kept(service: Service) -> None:
    good = f'e=t,sid="beside",sn=1,sta=p,ts={now_ms()},v=2'
    status, said = service.cmcd(f'{good},x="{"y" * 70_000}"\n{good}')
    assert (status, said["accepted"], said["rejected"]) == (200, 1, 1)
    assert "over 64 KiB" in said["first_rejected"]["reason"]
    status, _ = service.cmcd(f'e=t,sid="wide",sn=2,sta=p,ts={now_ms()},v=2,x="{"y" * 64_000}"')
    assert status == 204


@pytest.mark.parametrize(
    "body",
    [b"[" * 1_000_000, b'{"a":' * 200_000, b'[{"session":' + b"[" * 500_000, b'{"session":"' + b"\\" * 999_999 + b'"}'],
)
def test_deep_nesting_is_a_sentence(service: Service, body: bytes) -> None:
    (status, said, _), took_s, grew_mb = answered(
        service, lambda: service.request("POST", "/v1/samples", body, service.bearer())
    )
    assert status == 400 and said["error"]
    assert took_s < SOON_S and grew_mb < LEAST_GROWTH_MB
    assert is_well(service)


def test_a_gzip_bomb_is_not_unpacked(service: Service) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(1000):
            file.write(bytes(1_000_000))
    bomb = packed.getvalue()
    assert len(bomb) < 2_000_000
    headers = {**service.bearer(), "Content-Encoding": "gzip"}
    for path in ("/v1/samples", f"/v1/cmcd/{service.seeded['show_secret']}"):
        (status, said, _), took_s, grew_mb = answered(
            service, lambda path=path: service.request("POST", path, bomb, headers)
        )
        assert status in (400, 413) and "unpacked" in said["error"]
        assert took_s < SOON_S and grew_mb < LEAST_GROWTH_MB
    assert is_well(service)


def test_a_gzip_within_gzip_and_other_encodings_are_refused(service: Service) -> None:
    body = gzip.compress(gzip.compress(b"{}"))
    for encoding in ("gzip, gzip", "br", "deflate", "x" * 500):
        headers = {**service.bearer(), "Content-Encoding": encoding}
        assert service.request("POST", "/v1/samples", body, headers)[0] == 400


def test_many_slow_bodies_hold_up_nobody(service: Service) -> None:
    head = f"POST /v1/samples HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.seeded['show_secret']}\r\n"
    slow = []
    try:
        for number in range(400):
            link = socket.create_connection(("127.0.0.1", service.port), timeout=10)
            length = "Content-Length: 1000000" if number % 2 else "Transfer-Encoding: chunked"
            link.sendall(f"{head}{length}\r\n\r\n".encode() + (b"{" if number % 2 else b"1\r\n{\r\n"))
            slow.append(link)
        assert is_well(service)
        assert service.request("GET", "/accounts/login/")[0] == 200
    finally:
        for link in slow:
            link.close()
    assert is_well(service)


def test_a_body_that_says_it_is_huge_is_refused_before_it_comes(service: Service) -> None:
    for length in ("99999999999", "17000000"):
        with socket.create_connection(("127.0.0.1", service.port), timeout=SOON_S) as link:
            head = f"POST /v1/samples HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.seeded['show_secret']}\r\n"
            link.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + b"x" * 1000)
            assert b" 413 " in link.recv(200)


def test_a_chunked_body_without_end_is_cut_off(service: Service) -> None:
    def send() -> bytes:
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as link:
            head = f"POST /v1/samples HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.seeded['show_secret']}\r\n"
            link.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
            try:
                for _ in range(60):
                    link.sendall(piece)
            except OSError:
                return b"cut off"
            return link.recv(200)

    got, _, grew_mb = answered(service, send)
    assert got == b"cut off" or b" 413 " in got
    assert grew_mb < LEAST_GROWTH_MB
    assert is_well(service)


def test_a_request_with_two_lengths_is_not_two_requests(service: Service) -> None:
    """Smuggling: a body that another server in front would read as the next request."""
    inner = b"POST /v1/samples HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", service.port), timeout=SOON_S) as link:
        head = b"POST /v1/samples HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        link.sendall(head + b"0\r\n\r\n" + inner)
        link.settimeout(2)
        got = b""
        try:
            while piece := link.recv(4096):
                got += piece
        except TimeoutError:
            pass
    assert b" 200 " not in got


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic abc", "Bearer " + "x" * 7000, "Bearer ak_", "Bearer \xff\xfe", "bearer 'or 1=1"],
)
def test_no_key_is_no_entry(service: Service, header: str) -> None:
    status, said, _ = service.request("POST", "/v1/samples", b"{}", {"Authorization": header})
    assert status == 401 and "not known" in said["error"]


def test_a_key_writes_into_its_own_customer_alone(service: Service) -> None:
    """The same session of two customers stays two; what the body says of itself decides nothing."""
    at = now_ms()
    own = {"session": "same", "ts": at, "interval_ms": 5000, "play_ms": 5000, "facts": {"stream": "ours"}}
    assert service.samples([own])[0] == 200
    theirs = {"session": "same", "ts": at, "interval_ms": 5000, "stall_ms": 5000, "facts": {"stream": "theirs"}}
    assert service.samples([theirs], key="social_secret")[0] == 200
    for forged in ({"customer": 1}, {"app": 1}, {"keep_days": 9999}, {"sign": -1}, {"source": "derived"}):
        status, said = service.samples([{**theirs, **forged}], key="social_secret")
        assert status == 400 and "unknown field" in said["error"]
    line = f'e=ps,sid="same",sn=1,sta=r,ts={at},v=2,customer=1,app={service.seeded["show_app"]}'
    assert service.cmcd(line, key="social_secret", query="?app=1&customer=1&keep_days=9")[0] in (200, 204)
    service.stop()
    asked = (
        "SELECT DISTINCT customer, app, stream FROM samples WHERE session = 'same' AND stream != '' ORDER BY customer"
    )
    found = service.telemetry(asked)
    seeded = service.seeded
    wanted = sorted([[seeded["show"], seeded["show_app"], "ours"], [seeded["social"], seeded["social_app"], "theirs"]])
    assert found == wanted
    by_customer = service.telemetry(
        "SELECT customer, sum(stall_ms) FROM samples WHERE session = 'same' GROUP BY customer"
    )
    assert dict(map(tuple, by_customer)) == {seeded["show"]: 0, seeded["social"]: 5000}
    assert service.telemetry("SELECT count() FROM samples WHERE sign != 1 OR keep_days > 1000") == [[0]]
