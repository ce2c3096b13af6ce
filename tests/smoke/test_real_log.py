"""The real log: players that speak with their requests alone, through nginx and `aftercare tail` into sessions."""

import itertools
import json
import random
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.service import ROOT, Service
from tests.smoke.live import LiveClip
from tests.smoke.test_real_chain import (  # noqa: F401
    SLOW_BYTES_PER_S,
    Viewer,
    browser,
    clip,
    signed_in,
    until,
)
from tests.smoke.web_server import WebServer

SCRIPT = "<script>document.title='taken'</script>"


pytestmark = pytest.mark.long


@pytest.fixture
def web(clip: LiveClip, tmp_path: Path) -> Iterator[WebServer]:  # noqa: F811
    made = WebServer(tmp_path / "nginx", clip.base)
    yield made
    made.close()


begun: list["subprocess.Popen[str]"] = []


@pytest.fixture(autouse=True)
def no_tail_is_left() -> Iterator[None]:
    """A test that fails leaves none running."""
    yield
    while begun:
        begun.pop().kill()


@pytest.fixture
def up(service: Service) -> Iterator[Service]:
    """The server, which a test may leave down: the next finds it up again."""
    yield service
    service.stop()
    service.start()
    service.wait_for_key()


class LoggedViewer(Viewer):
    """A viewer whose player sends no events. What the browser asked with CMCD, and what of it came to the end."""

    def __init__(self, browser: Browser, web: WebServer, **asked: str) -> None:  # noqa: F811
        self.session = str(uuid.uuid4())
        self.page: Page = browser.new_context().new_page()
        self.asked: list[str] = []
        self.got: list[str] = []
        self.page.on("request", lambda asked: self.asked.append(asked.url) if has_cmcd(asked) else None)
        self.page.on("requestfinished", lambda asked: self.got.append(asked.url) if has_cmcd(asked) else None)
        self._network = self.page.context.new_cdp_session(self.page)
        self._network.send("Network.enable")
        self.page.goto(f"{web.base}/player.html?{urlencode({'session': self.session, **asked})}")


def has_cmcd(asked: Request) -> bool:
    """Whether the browser sent CMCD with a request; hls.js does not yet with its very first."""
    return "CMCD=" in asked.url or "cmcd-session" in asked.headers


def tail(log: Path, service: Service, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "aftercare.serve.cli", "tail", str(log), "--server", service.base]
    command += ["--key", service.seeded["show_secret"], "--state", str(log.parent), "--json", *words]
    begun.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
    return begun[-1]


def logged(web: WebServer, session: str) -> list[dict[str, str]]:
    """The session's lines of the log, of the stream alone."""
    lines = (json.loads(line) for line in web.log.read_text().splitlines() if session in line)
    return [line for line in lines if line["request_uri"].startswith("/live/")]


def stalls_told(web: WebServer, session: str) -> int:
    """How often the states in the log's own text turn to rebuffering."""
    lines = logged(web, session)
    lines.sort(key=lambda line: float(line["msec"]) - float(line["request_time"]))
    states = [line["request_uri"].partition("sta%3D")[2][:1] for line in lines]
    return sum(state == "r" for state, _ in itertools.groupby(states))


def test_a_log_tells_what_the_page_saw(up: Service, web: WebServer, browser: Browser) -> None:  # noqa: F811
    following = tail(web.log, up)
    by_query = LoggedViewer(browser, web)
    by_header = LoggedViewer(browser, web, version="1", headers="1")
    viewers = (by_query, by_header)
    for viewer in viewers:
        until("the clip did not play", lambda viewer=viewer: viewer.played_s() > 4, viewer.wait)
        viewer.slow_down(SLOW_BYTES_PER_S)
    for viewer in viewers:
        until("the page did not see a stall", lambda viewer=viewer: viewer.stalls(over=False), viewer.wait)
    by_query.page.wait_for_timeout(2500)  # its next look at the playlist falls into the stall
    for viewer in viewers:
        viewer.slow_down(-1)
    for viewer in viewers:
        until("the stall did not end", lambda viewer=viewer: viewer.stalls(), viewer.wait)
        resumed_s = viewer.played_s()
        until("it did not go on", lambda v=viewer, s=resumed_s: v.played_s() > s + 3, viewer.wait)
    cmcd = quote(f'sid="forged",cid="{SCRIPT}",sn=0,sta=p,v=2')
    forged = urllib.request.Request(f"{web.base}/live/0.ts?CMCD={cmcd}", headers={"User-Agent": SCRIPT})  # noqa: S310
    urllib.request.urlopen(forged, timeout=10).read()  # noqa: S310
    for viewer in viewers:
        viewer.page.evaluate("window.quit()")
    for viewer in viewers:
        until("nginx did not log it", lambda viewer=viewer: len(logged(web, viewer.session)) >= len(viewer.got))
    following.terminate()
    assert following.wait(30) == 0
    assert tail(web.log, up, "--once").wait(60) == 0
    # What was sent already, sent again under another name, counts no more.
    again = web.log.with_name("again.log")
    again.write_text(web.log.read_text())
    out, _ = tail(again, up, "--once").communicate(timeout=60)
    told = json.loads(out.splitlines()[-1])
    assert told["duplicates"] == told["accepted"] > 0 and told["rejected"] == 0

    engineer = signed_in(browser, up, "lin@provider.example", f"/apps/{up.seeded['show_app_ref']}/sessions/forged")
    expect(engineer.locator("main")).to_contain_text(SCRIPT)
    assert engineer.title() != "taken"
    engineer.goto(f"/apps/{up.seeded['show_app_ref']}/sessions/{by_query.session}")
    expect(engineer.locator("main")).to_contain_text("room-1")

    counted = stalls_told(web, by_query.session)
    measured = len(by_query.stalls())
    browser.close()
    up.stop()
    rows = {
        row[0]: row[1:]
        for row in up.telemetry(
            "SELECT session, count(), sum(opened), sum(stall_count), sum(stall_ms), sum(play_ms), sum(bytes), "
            "any(stream), any(protocol) FROM samples WHERE source = 'cmcd-log' GROUP BY session"
        )
    }
    for viewer in viewers:
        count, opened, _, _, played_ms, size, stream, protocol = rows[viewer.session]
        assert (count, opened, stream, protocol) == (len(logged(web, viewer.session)), 1, "room-1", "hls")
        assert len(viewer.got) <= count <= len(viewer.asked)  # one is broken off where the player is taken down
        assert played_ms > 4000 and size > 100_000
    # hls.js tells of no stall by version 1 where it does not know what kind of object it asks for.
    starved = sum("bs" in line["http_cmcd_status"].split(",") for line in logged(web, by_header.session))
    assert rows[by_header.session][2] == starved
    assert rows[by_query.session][2] == counted and 1 <= counted <= measured
    assert rows[by_query.session][3] > 0, "the states of version 2 tell how long"


def test_kills_on_both_sides_lose_and_repeat_nothing(up: Service, tmp_path: Path) -> None:
    """A log that grows while its reader and the server are killed by turns: every line is stored, once."""
    log, written = tmp_path / "media.log", 0
    following = tail(log, up)
    chance = random.Random(7)
    for turn in range(6):
        with log.open("a") as file:
            for _ in range(chance.randint(200, 1500)):
                cmcd = quote(f'sid="s-{written % 40}",sn={written},sta=p,ot=v,v=2')
                told = {"msec": time.time() - 60 + written / 1000, "status": 200, "bytes_sent": 1000, "request_time": 0}
                file.write(json.dumps({**told, "uri": f"/live/{written}.ts?CMCD={cmcd}"}) + "\n")
                written += 1
        if turn == 3:
            log.rename(log.with_name("media.log.1"))
        time.sleep(chance.uniform(0.5, 2))
        if turn % 2:
            up.kill()
            up.start()
        else:
            following.kill()
            following.wait()
            following = tail(log, up)
    following.terminate()
    assert following.wait(60) == 0
    assert tail(log, up, "--once").wait(60) == 0
    up.stop()
    counted = "count(), uniqExact(session, toInt64OrZero(JSONExtractRaw(detail, 'sn'))), sum(bytes), sum(opened)"
    rows = up.telemetry(f"SELECT {counted} FROM samples WHERE source = 'cmcd-log' AND session LIKE 's-%'")
    assert rows == [[written, written, 1000 * written, 40]]
