"""Figure `chat`: from a key press in one browser to the words in the other, while 500 chats are open and talk."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure, quantile, spread
from bench.tree import cpu_s
from tests.browser import CHROMIUM, FLAGS
from tests.service import Service

CHATS, AGENTS = 500, 20
PER_S = 500 / 60  # every chat has a line a minute, as often a visitor's as an agent's
SAMPLES = 60  # each way
PATIENCE_MS = 10_000
# Notes when Enter goes down, and when words that were waited for are drawn; both on the machine's one clock.
WATCH = """() => {
  window.pressed = 0; window.drawn = {};
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.pressed = performance.timeOrigin + event.timeStamp;
  }, true);
  new MutationObserver(() => {
    if (window.wanted && !window.drawn[window.wanted] && document.body.innerText.includes(window.wanted))
      window.drawn[window.wanted] = performance.timeOrigin + performance.now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def measure() -> Figure:
    """Both ways, one after the other."""
    with tempfile.TemporaryDirectory(prefix="aftercare-bench-") as place:
        service = Service(Path(place) / "data", AFTERCARE_LOG_LEVEL="ERROR")
        service.start(wait_s=180)
        try:
            service.seed()
            keys = service.add_chat()
            others = service.open_chats(keys["site_key"], CHATS, AGENTS)
            with crowd(service, keys["site_key"], others) as told, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                before = cpu_s(service.pid)
                took = talk(browser, service, keys)
                busy_s = cpu_s(service.pid) - before
                browser.close()
        finally:
            service.stop()
    every = [*took["visitor"], *took["agent"]]
    detail = (
        f"{spread(every)} ms; p95 visitor to agent {quantile(took['visitor'], 0.95):.0f}, agent to visitor "
        f"{quantile(took['agent'], 0.95):.0f}, {SAMPLES} each way in Chromium; beside {CHATS} open chats of {AGENTS} "
        f"agents with {PER_S:.1f} lines/s ({told['said']} said, {told['refused']} refused, {told['heard']} heard); "
        f"the server used {busy_s:.0f} CPU-s; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return Figure("chat", round(quantile(every, 0.95)), "ms, p95", 300, 100, "lower", detail)


@contextmanager
def crowd(service: Service, site_key: str, others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The others, in a process of their own; what they did is in the mapping afterwards."""
    plan = {"port": service.port, "site_key": site_key, "per_s": PER_S, **others}
    told: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.desk_crowd"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n", "the other chats could not be opened"
        yield told
        process.stdin.close()
        told |= json.loads(process.stdout.readline())


def talk(browser: Browser, service: Service, keys: dict[str, str]) -> dict[str, list[float]]:
    """Milliseconds from Enter to the words, by who said them."""
    visitor = browser.new_context().new_page()
    visitor.goto(f"{service.base}/chat/{keys['site_key']}?lang=en")
    visitor.wait_for_selector("#chat-composer[data-live]")
    visitor.fill("#chat-body", "A chat that is measured")
    visitor.press("#chat-body", "Enter")
    visitor.wait_for_selector(".word-mine[data-ref]")
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": keys["agent"], "url": service.base}])
    agent = context.new_page()
    agent.goto(f"{service.base}/tickets")
    agent.click("text=A chat that is measured")
    agent.wait_for_selector("#composer[data-live]")
    for page in (visitor, agent):
        page.evaluate(WATCH)
    took: dict[str, list[float]] = {"visitor": [], "agent": []}
    for number in range(SAMPLES):
        took["visitor"].append(one(visitor, "#chat-body", agent, f"asked-{number:04}"))
        took["agent"].append(one(agent, "#composer-body", visitor, f"answered-{number:04}"))
        visitor.wait_for_timeout(700)
    return took


def one(sender: Page, field: str, receiver: Page, words: str) -> float:
    """One message."""
    receiver.evaluate("words => { window.wanted = words; }", words)
    sender.fill(field, words)
    sender.press(field, "Enter")
    receiver.wait_for_function("words => window.drawn[words]", arg=words, timeout=PATIENCE_MS, polling=20)
    return float(receiver.evaluate("words => window.drawn[words]", words)) - float(sender.evaluate("window.pressed"))
