"""Two people in two browsers chat while one loses the network: nothing lost, nothing doubled, the order kept."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from tests.browser import CHROMIUM, FLAGS
from tests.service import Service, free_port, service  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("service")


class Site:
    """A customer's page with the one script tag."""

    def __init__(self, tag: str, port: int) -> None:
        page = f"<!doctype html><html lang=en><title>Console</title><h1>Console</h1>{tag}".encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.base = f"http://localhost:{port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def chat(service: Service) -> dict[str, str]:  # noqa: F811
    """A widget on a site of its own, and an agent who is signed in."""
    port = free_port()
    return service.add_chat(f"http://localhost:{port}") | {"port": str(port)}


@pytest.fixture(scope="module")
def site(service: Service, chat: dict[str, str]) -> Iterator[Site]:  # noqa: F811
    made = Site(f'<script async src="{service.base}/chat/{chat["site_key"]}.js"></script>', int(chat["port"]))
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Visitor:
    """A person on the customer's page."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.context: BrowserContext = browser.new_context()
        self.page = self.context.new_page()
        self.errors = errors_of(self.page)
        self.site = site
        self.open()

    def open(self) -> None:
        self.page.goto(self.site.base)
        self.page.get_by_role("button", name="Chat with support").click()
        expect(self.window.locator("#chat-composer[data-live]")).to_be_visible()

    @property
    def window(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def say(self, text: str) -> None:
        self.window.locator("#chat-body").fill(text)
        self.window.locator("#chat-body").press("Enter")

    def words(self) -> list[str]:
        return self.window.locator("#chat-words .word-body").all_inner_texts()

    def wait_until_kept(self) -> None:
        """Until the server has all that was sent from here."""
        expect(self.window.locator(".word-mine:not([data-ref])")).to_have_count(0, timeout=30_000)


class Agent:
    """A colleague in the console."""

    def __init__(self, browser: Browser, service: Service, cookie: str) -> None:  # noqa: F811
        self.context: BrowserContext = browser.new_context()
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": service.base}])
        self.page = self.context.new_page()
        self.errors = errors_of(self.page)
        self.base = service.base

    def open(self, title: str) -> None:
        self.page.goto(f"{self.base}/tickets")
        self.page.get_by_role("link", name=title).click()
        expect(self.page.locator("#composer[data-live]")).to_be_visible()

    def say(self, text: str) -> None:
        self.page.locator("#composer-body").fill(text)
        self.page.locator("#composer-body").press("Enter")

    def words(self) -> list[str]:
        return self.page.locator(".conversation-thread .said-body").all_inner_texts()

    def wait_until_kept(self) -> None:
        """Until the server has all that was sent from here."""
        expect(self.page.locator("#chat-newest > .said-pending")).to_have_count(0, timeout=30_000)


def errors_of(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def wait_for_words(page: Page, person: Visitor | Agent, wanted: list[str], seconds: float = 20) -> None:
    for _ in range(int(seconds * 10)):
        if person.words() == wanted:
            return
        page.wait_for_timeout(100)
    assert person.words() == wanted


def talk(browser: Browser, site: Site, agent: Agent, opening: str, offline_s: float, who: str) -> None:
    visitor = Visitor(browser, site)
    visitor.say(opening)
    expect(visitor.window.locator(".word-mine[data-ref]")).to_have_count(1)
    agent.open(opening)
    said = [opening, "Hello, Wang here", "My stream is black"]
    agent.say(said[1])
    wait_for_words(agent.page, visitor, said[:2])
    visitor.say(said[2])
    wait_for_words(visitor.page, agent, said)

    cut, there = (visitor, agent) if who == "visitor" else (agent, visitor)
    cut.context.set_offline(True)
    for n in range(3):
        there.say(f"{opening} while you were away {n}")
        cut.say(f"{opening} written without a network {n}")
        cut.page.wait_for_timeout(offline_s * 1000 / 3)
    away = [f"{opening} while you were away {n}" for n in range(3)]
    wait_for_words(there.page, there, said + away)
    there.wait_until_kept()
    cut.context.set_offline(False)
    everything = said + away + [f"{opening} written without a network {n}" for n in range(3)]
    for person in (visitor, agent):
        wait_for_words(person.page, person, everything)

    visitor.open()  # the page is loaded anew: the chat is still there
    wait_for_words(visitor.page, visitor, everything)
    agent.page.reload()
    wait_for_words(agent.page, agent, everything)
    assert visitor.errors == [] and agent.errors == []
    visitor.context.close()


@pytest.fixture
def agent(browser: Browser, service: Service, chat: dict[str, str]) -> Iterator[Agent]:  # noqa: F811
    made = Agent(browser, service, chat["agent"])
    yield made
    made.context.close()


def test_it_works_while_the_visitor_is_cut_off(browser: Browser, site: Site, agent: Agent) -> None:
    talk(browser, site, agent, "Question", 1, "visitor")


@pytest.mark.long
def test_it_works_while_the_agent_is_cut_off(browser: Browser, site: Site, agent: Agent) -> None:
    talk(browser, site, agent, "Question to an agent", 1, "agent")


@pytest.mark.long
@pytest.mark.parametrize("who", ["visitor", "agent"])
def test_half_a_minute_without_a_network(browser: Browser, site: Site, agent: Agent, who: str) -> None:
    talk(browser, site, agent, f"A long question of a {who}", 30, who)


def test_signs_pass_both_ways(browser: Browser, site: Site, agent: Agent) -> None:
    visitor = Visitor(browser, site)
    visitor.say("Are signs seen")
    expect(visitor.window.locator(".word-mine[data-ref]")).to_have_count(1)
    agent.open("Are signs seen")
    expect(visitor.window.locator(".word-state")).to_have_text("Read")
    agent.page.locator("#composer-body").press_sequentially("He")
    expect(visitor.window.locator("#chat-typing")).to_have_text("Wang is typing…")
    agent.say("Yes")
    expect(agent.page.locator(".said-read")).to_be_visible()
    visitor.window.locator("#chat-body").press_sequentially("Go")
    expect(agent.page.locator("#chat-sign")).to_be_visible()
    expect(agent.page.locator("#chat-sign")).to_contain_text("is typing")
    visitor.context.close()


def test_the_inbox_renews_itself_and_disturbs_nobody(browser: Browser, site: Site, agent: Agent) -> None:
    visitors = [Visitor(browser, site), Visitor(browser, site)]
    visitors[0].say("The first of two")
    visitors[0].wait_until_kept()
    page = agent.page
    page.clock.install()
    page.goto(f"{agent.base}/tickets")
    box = page.locator("tr", has_text="The first of two").locator("input[type=checkbox]")
    box.check()
    kept = box.element_handle()
    with page.expect_response(lambda answer: "/tickets/rows" in answer.url) as nothing:
        page.clock.fast_forward(15_000)
    assert nothing.value.status == 204
    assert kept is not None and kept.is_checked()  # nothing was new: the very same rows stand there
    visitors[1].say("The second of two")
    visitors[1].wait_until_kept()
    page.clock.fast_forward(15_000)
    expect(page.get_by_role("link", name="The second of two", exact=True)).to_be_visible()
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.locator(".bulk-bar")).to_be_visible()
    assert agent.errors == []
    for visitor in visitors:
        visitor.context.close()


def test_a_frame_on_another_site_stays_empty(browser: Browser, service: Service, chat: dict[str, str]) -> None:  # noqa: F811
    port = free_port()
    thief = Site(f'<iframe src="{service.base}/chat/{chat["site_key"]}"></iframe>', port)
    page = browser.new_context().new_page()
    page.goto(thief.base)
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").locator("#chat-body").count() == 0
    page.context.close()
    thief.server.shutdown()
    thief.server.server_close()
