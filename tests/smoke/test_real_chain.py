"""The real chain: a clip that ffmpeg makes, a browser that plays it, a slow network, and everyone who is told."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import CHROMIUM, FLAGS
from tests.service import Service
from tests.smoke.live import LiveClip, Pager, make_clip
from tests.world import PASSWORD

# The stream needs some 500 kbit/s; a viewer with this much stalls within its buffer's length and recovers at once.
SLOW_BYTES_PER_S = 80_000 / 8
PATIENCE_S = 90
AGREE_MS = 100


def until(what: str, look: Callable[[], Any], wait: Callable[[], Any] = lambda: time.sleep(0.1)) -> Any:
    """What `look` finds, once it finds something; fails with the sentence when patience ends."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        if found := look():
            return found
        wait()
    raise AssertionError(f"{what} within {PATIENCE_S} s")


@pytest.fixture
def clip(tmp_path: Path) -> Iterator[LiveClip]:
    live = LiveClip(make_clip(tmp_path))
    yield live
    live.close()


@pytest.fixture
def pager() -> Iterator[Pager]:
    made = Pager()
    yield made
    made.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def signed_in(browser: Browser, service: Service, email: str, path: str) -> Page:
    """A browser window of somebody who signed in by the form and was sent on to where they were going."""
    page = browser.new_context(base_url=service.base, viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(path)
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form.form button[type=submit]")
    page.wait_for_url(f"**{path}")
    return page


class Viewer:
    """A viewer of the clip in a window of their own, on another origin than the collector's."""

    def __init__(self, browser: Browser, clip: LiveClip, collector: str) -> None:
        self.session = str(uuid.uuid4())
        self.page = browser.new_context().new_page()
        self.answers: list[tuple[str, int]] = []
        self.page.on("response", lambda got: self.answers.append((got.request.method, got.status)) if
                     "/v1/cmcd/" in got.url else None)  # fmt: skip
        self._network = self.page.context.new_cdp_session(self.page)
        self._network.send("Network.enable")
        self.page.goto(f"{clip.base}/player.html?{urlencode({'session': self.session, 'collector': collector})}")

    def slow_down(self, bytes_per_s: float) -> None:
        """Throttle this window's network; -1 frees it."""
        asked = {"offline": False, "latency": 0, "downloadThroughput": bytes_per_s, "uploadThroughput": -1}
        self._network.send("Network.emulateNetworkConditions", asked)

    def stalls(self, *, over: bool = True) -> list[dict[str, int]]:
        """The stalls the page measured; only those that are over, or all."""
        found: list[dict[str, int]] = self.page.evaluate("window.stalls")
        return [stall for stall in found if stall["end"] is not None or not over]

    def played_s(self) -> float:
        """How far it has played."""
        return float(self.page.evaluate("document.querySelector('video').currentTime"))

    def wait(self) -> None:
        """Let the browser go on for a moment."""
        self.page.wait_for_timeout(100)


def stored_stalls(service: Service, session: str) -> list[tuple[int, int]]:
    """Begin and length of each stall as the player's states were stored, in milliseconds. The server must be down."""
    rows = service.telemetry(
        "SELECT toUnixTimestamp64Milli(ts), code FROM samples "
        f"WHERE session = '{session}' AND event = 'state' ORDER BY ts, JSONExtractInt(detail, 'sn')"
    )
    found, begun = [], None
    for at, state in rows:
        if state == "r":
            begun = begun or at
        elif begun:
            found.append((begun, at - begun))
            begun = None
    return found


def test_a_stall_becomes_a_page_and_a_ticket(service: Service, clip: LiveClip, pager: Pager, browser: Browser) -> None:
    service.wake_by_webhook(pager.address)
    service.lower_floor("rebuffering_ratio", 10_000)
    app = service.seeded["show_app_ref"]
    engineer = signed_in(browser, service, "lin@provider.example", "/phone")
    customer = signed_in(browser, service, "zhao@starlight.example", "/tickets")

    collector = f"{service.base}/v1/cmcd/{service.seeded['show_secret']}?user=viewer-1&province=Guangdong"
    viewer = Viewer(browser, clip, collector)
    until("the clip did not play", lambda: viewer.played_s() > 6, viewer.wait)
    assert not pager.pages, "somebody was woken about a healthy stream"
    expect(engineer.locator(".phone-page")).to_have_count(0)

    viewer.slow_down(SLOW_BYTES_PER_S)
    until("the page did not see a stall", lambda: viewer.stalls(over=False), viewer.wait)
    until("the engineer was not paged", lambda: pager.pages, viewer.wait)
    told = pager.pages[0]["data"]
    assert told["repeat"] is False and "Starlight Live" in told["title"]

    # The phone in the console rings too, and its button takes the page.
    waiting = engineer.locator(".phone-page.phone-open")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Starlight Live")
    waiting.get_by_role("button", name="Acknowledge").click()
    expect(engineer.locator(".phone-page.phone-acknowledged")).to_contain_text("You have it.")

    viewer.slow_down(-1)
    until("the stall did not end", lambda: viewer.stalls() == viewer.stalls(over=False), viewer.wait)
    resumed_s = viewer.played_s()
    until("playing did not go on", lambda: viewer.played_s() > resumed_s + 2, viewer.wait)
    measured = viewer.stalls()

    # What the console says of this very viewer.
    engineer.goto(f"/apps/{app}/sessions/{viewer.session}")
    count = len(measured)
    words = re.compile(rf"\b{count} stalls?\b")
    until(
        "the session's page did not show its stalls",
        lambda: words.search(engineer.inner_text("main")),
        lambda: (engineer.wait_for_timeout(500), engineer.reload()),
    )
    expect(engineer.locator("main")).to_contain_text("room-1")
    expect(engineer.locator("main")).to_contain_text("Guangdong")

    # The customer finds the ticket that opened by itself, with the session in its evidence; words go both ways.
    customer.reload()
    customer.locator("main a[href^='/tickets/']", has_text="Starlight Live").first.click()
    customer.wait_for_url(re.compile(r"/tickets/[0-9a-z]+"))
    until(
        "the evidence of the ticket did not name the session",
        lambda: viewer.session in customer.content(),
        lambda: (customer.wait_for_timeout(500), customer.reload()),
    )
    ticket = re.search(r"/tickets/[0-9a-z]+", customer.url)
    assert ticket
    say(customer, "Our viewers are shouting. What is it?")
    engineer.goto(ticket[0])
    expect(engineer.locator("#thread")).to_contain_text("Our viewers are shouting.")
    say(engineer, "Found it, it is flowing again.")
    customer.reload()
    expect(customer.locator("#thread")).to_contain_text("Found it, it is flowing again.")
    assert len({page["data"]["subject"] for page in pager.pages}) == 1, "one fault, one page"
    assert all(page["data"]["details"]["page"] == told["details"]["page"] for page in pager.pages)

    viewer.page.evaluate("window.quit()")
    measured = viewer.stalls()
    posts = [status for method, status in viewer.answers if method == "POST"]
    assert posts and set(posts) <= {200, 204}, "the collector refused a player's report"
    browser.close()
    assert service.stop() < 10
    stored = stored_stalls(service, viewer.session)
    assert len(stored) == len(measured)
    for (begun, length), seen in zip(stored, measured, strict=True):
        assert abs(length - (seen["end"] - seen["begin"])) <= AGREE_MS, (stored, measured)
        assert abs(begun - seen["begin"]) <= AGREE_MS, (stored, measured)
    sums = service.telemetry(f"SELECT sum(stall_ms), sum(stall_count) FROM samples WHERE session = '{viewer.session}'")
    assert sums == [[sum(length for _, length in stored), len(stored)]]


def say(page: Page, words: str) -> None:
    """Reply on the ticket that is open."""
    page.fill("#composer-body", words)
    page.locator("#composer").get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#thread")).to_contain_text(words)
