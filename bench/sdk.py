"""The browser SDK: its size, and what it costs a page that plays, in Chromium."""

import gzip
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.figures import Figure, spread
from tests.browser import CHROMIUM, FLAGS
from tests.sdk.collector import KEY, Collector
from tests.sdk.stage import Stage, attach

ROOT = Path(__file__).parents[1]
LARGEST = 8 * 1024
FPS = 30
PAIRS = 6
SETTLE_S = 3.0
WATCH_S = 15.0
# What the SDK does is too little to be told from the browser's own noise, so the page's main thread is measured, where
# all of it runs; the browser's processes together stand beside.
MOST_PERCENT = 0.5
AIM_PERCENT = 0.25


def clip() -> bytes:
    """A minute of a moving picture and a tone, as a `<video>` plays it."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate={FPS}:duration=60"]
    command += ["-f", "lavfi", "-i", "sine=frequency=440:duration=60", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-b:v", "800k", "-c:a", "aac", "-movflags", "faststart", "-f", "mp4"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        subprocess.run([*command, str(path)], check=True, timeout=120)
        return path.read_bytes()


def browser_cpu_s(session: CDPSession) -> float:
    """CPU seconds of all of the browser's processes so far."""
    processes: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(float(process["cpuTime"]) for process in processes)


def watch(browser: Browser, stage: Stage, collector: Collector, *, with_sdk: bool) -> tuple[float, float]:
    """Play for WATCH_S; what the page's main thread and the whole browser took, each in per cent of a core."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stage.base}/page")
    line = "a.video(video);" if with_sdk else ""
    attach(
        page, "/sdk/aftercare.js", f"{line} video.src = '/clip.mp4'; await video.play();", url=collector.base, key=KEY
    )
    thread, whole = context.new_cdp_session(page), browser.new_browser_cdp_session()
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})  # CPU time, whatever else the machine does

    def spent() -> tuple[float, float, float]:
        found = {each["name"]: float(each["value"]) for each in thread.send("Performance.getMetrics")["metrics"]}
        return time.monotonic(), found["TaskDuration"], browser_cpu_s(whole)

    page.wait_for_timeout(SETTLE_S * 1000)
    begun = spent()
    page.wait_for_timeout(WATCH_S * 1000)
    ended = spent()
    assert page.evaluate("!video.paused && video.currentTime") > WATCH_S, "it did not play all the time"
    context.close()
    seconds = ended[0] - begun[0]
    return 100 * (ended[1] - begun[1]) / seconds, 100 * (ended[2] - begun[2]) / seconds


def cpu() -> Figure:
    """What the SDK adds, from pairs of the same playback with and without it, one after the other."""
    stage, collector = Stage([]), Collector()
    stage.files["/clip.mp4"] = clip()
    added_thread, added_whole, bare = [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--mute-audio"])
        for _ in range(PAIRS):
            without = watch(browser, stage, collector, with_sdk=False)
            with_it = watch(browser, stage, collector, with_sdk=True)
            added_thread.append(with_it[0] - without[0])
            added_whole.append(with_it[1] - without[1])
            bare.append(without[1])
        browser.close()
    stage.close()
    collector.close()
    assert collector.kept(event="first_frame") and not collector.wrong
    return Figure(
        name="sdk_cpu",
        value=statistics.median(added_thread),
        unit="% of a core",
        must=MOST_PERCENT,
        aim=AIM_PERCENT,
        better="lower",
        detail=f"main thread of the page, {FPS} fps, {PAIRS} pairs of {WATCH_S:g} s: {spread(added_thread, 2)}; "
        f"all processes: {spread(added_whole, 2)}, beside {statistics.median(bare):.0f} without it",
    )


def size() -> Figure:
    """The larger of the module and its classic twin."""
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (ROOT / "sdk").glob("*.js")}
    told = ", ".join(f"{name} {count:,}" for name, count in sorted(sizes.items()))
    return Figure(
        name="sdk_size", value=max(sizes.values()), unit="bytes", must=LARGEST, aim=LARGEST, better="lower",
        detail=f"gzip -9: {told}",
    )  # fmt: skip


def measure() -> list[Figure]:
    """Both figures."""
    return [size(), cpu()]
