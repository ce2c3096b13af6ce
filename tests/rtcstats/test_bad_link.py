"""Calls over a link that loses, between real ends: what the browser and the server say they saw is what is stored."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.rtcstats.debian_janus import running, write_settings
from tests.rtcstats.forwarder import forwarded
from tests.rtcstats.link import FAR, NEAR, Link, bad_link
from tests.rtcstats.page import HERE, call_page
from tests.rtcstats.test_client import FAKE_DEVICES, code_of_docs, last_told, set_up
from tests.service import Service
from tests.smoke.test_real_chain import CHROMIUM, FLAGS, signed_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
NETWORK = "10.213.1."
PATIENCE_MS = 60_000
# A report of RTCP is on its way for up to a second or two: what was lost just before the end may be in one of the two.
SETTLE_MS = 4000


@pytest.fixture
def link() -> Iterator[Link]:
    with bad_link() as made:
        yield made


@contextmanager
def chromium(playwright: Playwright, program: str = CHROMIUM) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *FAKE_DEVICES])
    yield browser
    browser.close()


def begin(page: Page, address: str, code: str | None, session: str) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.evaluate("([setUp, session]) => begin(setUp, session)", [code, session])


def seen(page: Page) -> None:
    page.wait_for_function("document.getElementById('remote').videoWidth > 0")


def ended(page: Page) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Ends a recorded leg; gives what the browser counted, and the last counters that the client told of it."""
    page.wait_for_timeout(SETTLE_MS)
    counted: dict[str, Any] = page.evaluate("counted()")
    page.wait_for_timeout(1500)
    page.evaluate("end()")
    page.wait_for_timeout(1500)
    lines = [json.loads(text) for text in page.evaluate("window.sent")]
    return counted, list(last_told(lines, "PC_0").values())


def of(told: list[dict[str, Any]], name: str) -> float:
    return sum(stream.get(name, 0) for stream in told)


def test_two_browsers_over_a_bad_link(service: Service, link: Link, tmp_path: Path) -> None:
    far_program = tmp_path / "chromium-far"
    far_program.write_text(f'#!/bin/sh\nexec ip netns exec {link.namespace} {CHROMIUM} "$@"\n')
    far_program.chmod(0o755)
    with (
        sync_playwright() as playwright,
        call_page() as address,
        chromium(playwright) as near_browser,
        chromium(playwright, str(far_program)) as far_browser,
    ):
        near, far = near_browser.new_page(), far_browser.new_page()
        begin(near, address, set_up(service), "bad-link")
        begin(far, (HERE / "call.html").as_uri(), None, "")
        offer = far.evaluate("network => offer(network)", NETWORK)
        answer = near.evaluate("([remote, network]) => answer(remote, network)", [offer, NETWORK])
        far.evaluate("remote => accept(remote)", answer)
        seen(near)
        near.wait_for_timeout(5000)
        link.change(loss=0.2)
        near.wait_for_timeout(8000)
        link.change()
        near.wait_for_timeout(3000)
        link.change(loss=1.0)
        near.wait_for_timeout(3000)
        link.change()
        frames = near.evaluate("counted()")["framesDecoded"]
        near.wait_for_function("async frames => (await counted()).framesDecoded > frames", arg=frames)
        counted, told = ended(near)
    service.stop()
    (sums,) = service.telemetry(
        "SELECT sum(packets_lost), sum(packets), sum(frames), arraySum(groupArrayArray(video_gaps)), "
        "arrayMax(groupArrayArray(video_gaps)), length(groupArrayArray(video_gaps)), countIf(event = 'join_ok') "
        "FROM samples WHERE session = 'bad-link'"
    )
    lost, frozen_ms = of(told, "packetsLost"), 1000 * of(told, "totalFreezesDuration")
    assert lost == counted["packetsLost"] and lost >= 20
    # Lost packets are counted up to the most ever told; late ones are taken back by the browser, and not by us.
    assert lost <= sums[0] <= lost * 1.1 + 5
    assert sums[1] - sums[0] == of(told, "packetsReceived") and sums[2] == of(told, "framesDecoded")
    assert abs(sums[3] - frozen_ms) <= of(told, "freezeCount") and sums[4] >= 2000
    assert sums[5] == of(told, "freezeCount") and sums[6] == 1
    service.start()


def test_client_and_janus_meet_in_one_session(service: Service, link: Link, tmp_path: Path) -> None:
    with (
        forwarded(NEAR, service.port) as port,
        running(settled(tmp_path, service, port), link.namespace, FAR) as api,
        sync_playwright() as playwright,
        call_page() as address,
        chromium(playwright) as browser,
    ):
        page = browser.new_page()
        begin(page, address, set_up(service), "janus-call")
        page.evaluate("([api, id, network]) => echo(api, id, network)", [api, "janus-call", NETWORK])
        seen(page)
        page.wait_for_timeout(3000)
        link.change(loss=0.15, delay_s=0.04)
        page.wait_for_timeout(10_000)
        link.change(delay_s=0.04)
        counted, told = ended(page)
        shown = signed_in(browser, service, "zhao@starlight.example", session_path(service))
        words = shown.inner_text(".server-view")
    assert "Server view" in words and "agree on loss" in words and "differ" not in words, words
    service.stop()
    (client,) = service.telemetry(
        "SELECT sum(packets_lost), sum(packets), any(edge), sum(opened) FROM samples "
        "WHERE session = 'janus-call' AND source = 'rtcstats'"
    )
    rows = service.telemetry(
        "SELECT JSONExtractString(detail, 'mid') AS mid, max(JSONExtractInt(detail, 'lost_down')), "
        "max(JSONExtractInt(detail, 'packets_down')), sum(packets), "
        "maxIf(rtt_ms, NOT isNaN(rtt_ms)), max(JSONHas(detail, 'lost_down')) FROM samples "
        "WHERE session = 'janus-call' AND source = 'janus' AND event = '' GROUP BY mid ORDER BY mid"
    )
    events = service.telemetry("SELECT groupArray(event || ' ' || code) FROM samples WHERE source = 'janus'")[0][0]
    server_lost = sum(row[1] for row in rows)
    assert counted["packetsLost"] == of(told, "packetsLost") >= 20
    # Of sound this Janus hears nothing from Chromium, which is unknown and not none.
    pictures = [stream for stream in told if stream["kind"] == "video"]
    assert server_lost == of(pictures, "packetsLost") >= 5
    assert [row[5] for row in rows] == [0, 1]
    assert client[0] >= of(told, "packetsLost") and sum(row[3] for row in rows) == 0
    assert 60 <= max(row[4] for row in rows) < 400
    assert {"server DTLS connected", "server connected"} <= set(events)
    assert any(event.startswith("server_slow ") for event in events)
    assert sum(service.telemetry("SELECT sum(opened) FROM samples WHERE session = 'janus-call'")[0]) == 1
    service.start()


def settled(folder: Path, service: Service, port: int) -> Path:
    """Janus' settings, those of the docs with the way to this server in them."""
    handler = code_of_docs("backend =").replace("https://YOUR-SERVER", f"http://{NEAR}:{port}")
    handler = handler.replace("YOUR-KEY", service.seeded["show_secret"])
    write_settings(folder, FAR, handler=handler, events=code_of_docs("stats_period"))
    return folder


def session_path(service: Service) -> str:
    """The address of the Janus call's page."""
    return f"/apps/{service.seeded['show_app_ref']}/sessions/janus-call"
