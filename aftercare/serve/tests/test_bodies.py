"""What is too large is refused before it is taken in: no memory and no disk for it, and a sentence that says so."""

import asyncio
import http.client
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aftercare.serve.bodies import FORM_BYTES, LARGE_BODIES, BoundedBodies
from tests.service import Service
from tests.world import PASSWORD

MB = 1024 * 1024


class Pages:
    """Reads a body to its end, as Django does, and says how long it was."""

    def __init__(self) -> None:
        self.read: list[int] = []
        self.wait: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message["body"])
            more = message.get("more_body", False)
        if self.wait is not None:
            await self.wait.wait()
        self.read.append(size)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def scope(length: int | None, *, files: bool = True) -> dict[str, Any]:
    kind = b"multipart/form-data; boundary=x" if files else b"application/json"
    headers = [(b"content-type", kind)]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http", "method": "POST", "path": "/files", "headers": headers}


async def ask(gate: BoundedBodies, length: int | None, sent: int, *, files: bool = True) -> tuple[int, int]:
    """The status, and how many bytes were asked for."""
    given, statuses = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal given
        given += MB
        return {"type": "http.request", "body": b"x" * MB, "more_body": given < sent}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status"))

    await gate(scope(length, files=files), receive, send)
    return statuses[0], given


def test_it_works() -> None:
    pages = Pages()
    gate = BoundedBodies(pages, file_max_bytes=25 * MB)
    assert asyncio.run(ask(gate, 20 * MB, 20 * MB)) == (200, 20 * MB)
    assert pages.read == [20 * MB]


def test_a_length_beyond_the_limit_is_refused_unread() -> None:
    gate = BoundedBodies(Pages(), file_max_bytes=25 * MB)
    assert asyncio.run(ask(gate, 200 * MB, 200 * MB)) == (413, 0)
    assert asyncio.run(ask(gate, FORM_BYTES + 1, FORM_BYTES, files=False)) == (413, 0)
    assert asyncio.run(ask(gate, int("9" * 19), MB)) == (413, 0)


def test_a_body_without_a_length_is_cut_off() -> None:
    pages = Pages()
    gate = BoundedBodies(pages, file_max_bytes=25 * MB)
    status, given = asyncio.run(ask(gate, None, 10_000 * MB))
    assert (status, given) == (413, 102 * MB)
    assert pages.read == []


def test_few_large_bodies_at_a_time() -> None:
    async def crowd() -> list[int]:
        pages = Pages()
        pages.wait = asyncio.Event()
        gate = BoundedBodies(pages, file_max_bytes=25 * MB)
        large = [asyncio.create_task(ask(gate, 11 * MB, 11 * MB)) for _ in range(LARGE_BODIES + 2)]
        await asyncio.sleep(0.1)
        small = asyncio.create_task(ask(gate, MB, MB))
        pages.wait.set()
        told = [(await task)[0] for task in large]
        assert (await small)[0] == 200
        assert (await ask(gate, 11 * MB, 11 * MB))[0] == 200, "and room again afterwards"
        return told

    assert sorted(asyncio.run(crowd())) == [200] * LARGE_BODIES + [503] * 2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("bodies") / "data")
    running.start()
    try:
        running.seed()
        yield running
    finally:
        running.stop()


def signed_in(server: Service) -> dict[str, str]:
    """Zhao's cookies, and the token that a form sends."""
    _status, page, headers = server.request("GET", "/accounts/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    cookie = re.search(r"csrftoken=\w+", headers.get("set-cookie", ""))
    assert token and cookie
    body = f"login=zhao@starlight.example&password={PASSWORD.replace(' ', '+')}&csrfmiddlewaretoken={token[1].decode()}"
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie[0], "Referer": server.base}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/accounts/login/", body, form)
    answer = connection.getresponse()
    answer.read()
    cookies = dict(re.findall(r"(csrftoken|sessionid)=(\w+)", str(answer.headers)))
    connection.close()
    assert answer.status == 302 and "sessionid" in cookies
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
        "Referer": server.base,
    }


def part(name: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()


MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_two_hundred_megabytes_fill_nothing(server: Service) -> None:
    headers = signed_in(server) | MULTIPART
    files = server.folder / "files"
    before = memory_of(server.pid)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/files")
    for name, value in {**headers, "Content-Length": str(200 * MB)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    began = time.monotonic()
    answer = connection.getresponse()
    words = answer.read().decode()
    assert (answer.status, time.monotonic() - began < 5) == (413, True)
    assert "too large" in words and "过大" in words
    connection.close()
    assert not files.exists() or size_of(files) == 0
    assert memory_of(server.pid) - before < 64 * MB


def test_a_file_goes_in_and_comes_out_by_the_real_server(server: Service) -> None:
    headers = signed_in(server)
    content = bytes(range(256)) * 4096 * 5
    body = part("dump.bin") + content + b"\r\n--b--\r\n"
    status, told, _ = server.request("POST", "/files", body, headers | MULTIPART)
    assert status == 200
    (kept,) = told["files"]
    assert (kept["size"], kept["refused"]) == (len(content), "")
    status, got, answered = server.request("GET", kept["url"], headers=headers)
    assert (status, got) == (200, content)
    assert answered["content-disposition"] == 'attachment; filename="dump.bin"'
    assert answered["content-security-policy"] == "sandbox; default-src 'none'"
    body = part("big.bin") + b"\0" * (26 * MB) + b"\r\n--b--\r\n"
    status, told, _ = server.request("POST", "/files", body, headers | MULTIPART)
    assert "larger than a file may be" in told["files"][0]["refused"]
    assert size_of(server.folder / "files") == len(content)


def test_an_export_comes_in_pieces_by_the_real_server(server: Service) -> None:
    status, text, answered = server.request("GET", "/tickets/export?format=csv", headers=signed_in(server))
    assert status == 200
    assert answered["content-disposition"].startswith("attachment")
    assert text.startswith("\ufeffnumber,ref".encode())


def memory_of(pid: int) -> int:
    """Bytes of a process in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
