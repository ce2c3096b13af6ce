"""In a browser: files upload while one writes, are sent once, can be taken back, and a bad one costs no words."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import CHROMIUM, FLAGS
from tests.service import Service
from tests.world import PASSWORD

pytestmark = pytest.mark.long
DROP = """([selector, name, text]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([text], name));
  document.querySelector(selector).dispatchEvent(new DragEvent("drop", { dataTransfer: moved, bubbles: true }));
}"""


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with the cast that may take its time to start."""
    running = Service(tmp_path_factory.mktemp("uploads") / "data")
    try:
        running.start(wait_s=200)
        running.seed()
        yield running
    finally:
        running.stop()


@pytest.fixture
def page(patient: Service) -> Iterator[Page]:
    """Zhao, before an empty report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(locale="en-US")
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{patient.base}/accounts/login/")
        page.fill("input[name=login]", "zhao@starlight.example")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.goto(f"{patient.base}/tickets/new")
        yield page
        browser.close()


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_it_works(page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.fill("input[name=title]", "Stutters")
    page.fill("textarea[name=body]", "Since noon")
    page.set_input_files("input[type=file]", [file("a.log", b"a"), file("<img src=x onerror=alert(1)>.log", b"b")])
    expect(page.locator("input[name=file]")).to_have_count(2)
    page.evaluate(DROP, ["form.report", "dropped.har", '{"log": {}}'])
    expect(page.locator("input[name=file]")).to_have_count(3)
    page.set_input_files("input[type=file]", [file("big.mp4", b"\0" * (26 * 1024 * 1024))])
    expect(page.locator(".upload-refused")).to_contain_text("larger than 25 MB")
    page.locator(".upload", has_text="a.log").get_by_role("button").click()
    expect(page.locator("input[name=file]")).to_have_count(2)
    page.click("button:has-text('Open the ticket')")
    page.wait_for_url(re.compile(r"/tickets/\w{12}$"))
    names = page.locator(".file-name").all_inner_texts()
    assert names == ["<img src=x onerror=alert(1)>.log", "dropped.har"]
    assert page.locator(".said img").count() == 0
    with page.expect_download() as download:
        page.click(".file-link >> text=dropped.har")
    assert download.value.suggested_filename == "dropped.har"
    assert refused == []


def test_a_kind_shows_what_it_asks_for_and_hides_nothing_that_was_written(page: Page) -> None:
    page.fill("input[name=field_bill]", "October")
    page.select_option("select[name=kind]", "black")
    assert page.locator("input[name=field_stream]").is_visible()
    assert page.locator("input[name=field_bill]").is_visible()
    assert not page.locator("textarea[name=field_steps]").is_visible()
