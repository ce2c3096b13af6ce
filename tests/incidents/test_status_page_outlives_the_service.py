"""The status page stands with every engine stopped: a real service is killed with its database in the middle of its
work, and what it last told is read by whoever asks, from a web server that knows nothing of it; it goes on by itself.
"""

import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.service import Service, free_port

CSRF = "a" * 32
TITLE, TITLE_ZH = "Playback stalls in East China", "华东播放卡顿"


@contextmanager
def plain_server(folder: Path) -> Iterator[int]:
    """Python's own web server in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: read(port, "/public/status.json") is not None)
        yield port
    finally:
        process.kill()
        process.wait()


def read(port: int, path: str) -> str | None:
    """What a web server answers; None while nothing is there."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        text = answer.read().decode()
    except OSError:
        return None
    finally:
        asked.close()
    return text if answer.status == 200 else None


def until(holds: Callable[[], bool]) -> None:
    """Wait for other processes; fails after 90 s: a page that a killed writer held is free again after 60."""
    ends = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < ends, "it never came to hold"
        time.sleep(0.05)


class Ada:
    """The manager at her browser."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.cookies = f"sessionid={service.add_chat()['ada']}; csrftoken={CSRF}; django_language=en"

    def post(self, path: str, **said: str) -> str:
        """Send a form; where it leads."""
        body = urlencode({"csrfmiddlewaretoken": CSRF, **said}).encode()
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        status, text, answered = self.service.request("POST", path, body, headers)
        assert status == 302, (path, status, text[-2000:])
        return {name.lower(): value for name, value in answered.items()}["location"]

    def tells(self, incident: str, text: str, seen: int) -> None:
        """An update of the incident, for everybody."""
        said = {
            "stage": "identified",
            "body": text,
            "body_zh": f"{text}（中文）",
            "next_within": "30",
            "seen": str(seen),
        }
        public = {"is_public": "on", "public_title": TITLE, "public_title_zh": TITLE_ZH}
        self.post(f"{incident}/updates", action="send", token=secrets.token_hex(16), **said, **public)


@pytest.fixture
def service() -> Iterator[Service]:
    """A running service of this test's own: it is killed."""
    with tempfile.TemporaryDirectory(prefix="aftercare-status-") as place:
        running = Service(Path(place) / "data")
        running.start()
        running.seed()
        yield running
        running.stop()
        running.close_reader()


def kill_everything(service: Service) -> None:
    """kill -9 of the service, and of its database, which might outlive it."""
    [kept] = service.folder.rglob("postmaster.pid")
    database = int(kept.read_text().split("\n", 1)[0])
    service.kill()
    try:
        os.kill(database, signal.SIGKILL)
    except ProcessLookupError:
        return
    until(lambda: has_ended(database))


def has_ended(process: int) -> bool:
    """Whether it is gone, or waits for somebody to bury it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.long
@pytest.mark.timeout(240)
def test_it_is_read_when_all_is_dead_and_goes_on_afterwards(service: Service) -> None:
    ada, page = Ada(service), "/status/public/en.html"
    ada.post("/status-pages/public", name="Provider", name_zh="服务商", timezone="Asia/Shanghai")
    facts = {"title": "Edges drop", "title_zh": "节点异常", "severity": "red", "token": secrets.token_hex(16)}
    incident = ada.post("/incidents/new", **facts)
    ada.tells(incident, "We look into it.", 0)
    until(lambda: "We look into it." in (read(service.port, page) or ""))
    ada.tells(incident, "One edge is out.", 1)
    kill_everything(service)  # whether that update was written by now, nobody knows
    assert read(service.port, page) is None, "nothing of Aftercare answers"

    with plain_server(service.folder / "status") as port:
        for name in ("index.html", "en.html", "en.atom", "zh.atom", "status.json"):
            text = read(port, f"/public/{name}")
            assert text and (TITLE in text or TITLE_ZH in text), name
        english = read(port, "/public/en.html") or ""
        assert "We look into it." in english and english.endswith("</html>\n")
        assert json.loads(read(port, "/public/status.json") or "")["incidents"][0]["title"] == TITLE
        assert not re.search(r"<script|<link[^>]+stylesheet|<img", english), "it needs nothing else to be read"

        service.start(wait_s=120)
        until(lambda: "One edge is out." in (read(port, "/public/en.html") or ""))
        told = json.loads(read(port, "/public/status.json") or "")["incidents"]
    assert [[one["body"] for one in each["updates"]] for each in told] == [["One edge is out.", "We look into it."]]
