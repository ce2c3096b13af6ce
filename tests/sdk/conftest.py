"""What the SDK's tests share: one Chromium, one stream, a collector of their own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import CHROMIUM, FLAGS
from tests.sdk.collector import Collector
from tests.sdk.stage import Stage
from tests.smoke.live import make_clip

MEDIA = ["--mute-audio", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MEDIA])
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        live = Stage(make_clip(Path(folder)))
        yield live
        live.close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()
    assert not made.wrong


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, stage: Stage) -> Iterator[Page]:
    """A page of the customer's, whose every uncaught error fails the test."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{stage.base}/page")
    yield opened
    context.set_offline(False)
    stage.flows.set()
    opened.close()
    assert not errors
