"""Takes docs/pictures: starts a demo, makes the real stream stall in Chromium, and shoots the pages that tell of it."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "pictures"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
]
WIDTHS = {1280: 860, 390: 844}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def demo() -> Iterator[str]:
    """A fresh demo; gives the address that signs one in."""
    with tempfile.TemporaryDirectory(prefix="aftercare-pictures-") as place:
        command = [sys.executable, "-m", "aftercare.serve.cli", "demo", "--data", f"{place}/data"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            for line in process.stdout or ():
                found = re.search(r"(http://\S+/demo/enter/lin\?key=\S+)", line)
                if found:
                    yield found[1]
                    break
        finally:
            process.terminate()
            process.wait(30)


def stall(page: Page, base: str) -> dict[str, str]:
    """Play the try-it stream, make it stall, wait for the ticket; returns the paths that the pictures show."""
    page.goto(f"{base}/try")
    while page.evaluate("document.querySelector('video').currentTime") < 4:
        page.wait_for_timeout(200)
    page.click("[data-try-slow]")
    page.wait_for_selector("#story a[href^='/tickets/']", timeout=90_000)
    page.wait_for_timeout(8000)
    links = {name: f"#story a[href^='/{name}s/']" for name in ("incident", "ticket")}
    paths = {name: str(page.get_attribute(selector, "href")) for name, selector in links.items()}
    paths["session"] = str(page.get_attribute("#story a[href*='/sessions/']", "href"))
    page.click("[data-try-free]")
    page.wait_for_timeout(7000)
    page.goto(f"{base}/apps")
    cards = page.locator("a[href^='/apps/']").filter(has_text="Starlight Live")
    paths["app"] = str(cards.first.get_attribute("href"))
    return {"now": "/", "try": "/try", **paths}


def shoot(browser: Browser, enter: str, paths: dict[str, str]) -> None:
    """Every page in every width, language and theme."""
    base = enter.split("/demo/", 1)[0]
    for width, height in WIDTHS.items():
        for language, code in LANGUAGES.items():
            for theme in THEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, timezone_id="Asia/Shanghai"
                )
                page = context.new_page()
                page.goto(enter)
                context.add_cookies([{"name": "django_language", "value": code, "url": base}])
                for name, path in paths.items():
                    page.goto(base + path)
                    page.wait_for_timeout(6000 if name == "try" else 2500)
                    page.screenshot(path=str(FOLDER / f"{name}-{width}-{language}-{theme}.png"))
                context.close()
                print(f"{width} {language} {theme}")


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as enter, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(enter)
        time.sleep(1)
        paths = stall(page, enter.split("/demo/", 1)[0])
        page.close()
        shoot(browser, enter, paths)
        browser.close()
    for language in LANGUAGES:
        (FOLDER / f"now-{language}.png").write_bytes((FOLDER / f"now-1280-{language}-light.png").read_bytes())


if __name__ == "__main__":
    main()
