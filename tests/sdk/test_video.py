"""What the SDK tells of a stream that hls.js plays: what the page itself saw, and what is stored."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.sdk.collector import KEY, Collector
from tests.sdk.stage import Stage, attach, until
from tests.service import Service

AGREE_MS = 150
PLAY = """
  window.seen = { waits: [], first: 0 };
  let begun = 0;
  video.addEventListener("waiting", () => { if (seen.first && !video.paused && !begun) begun = performance.now(); });
  video.addEventListener("playing", () => { if (begun) seen.waits.push(performance.now() - begun); begun = 0; });
  const asked = performance.now();
  video.requestVideoFrameCallback(() => { seen.first = performance.now() - asked; });
  const hls = window.hls = new Hls({ liveSyncDurationCount: 2, maxBufferLength: 4 });
  a.asked();
  a.hls(hls);
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  hls.loadSource("/live/index.m3u8");
  hls.attachMedia(video);
"""


def throttle(page: Page, bytes_per_s: float) -> None:
    """Slow this page's network down; -1 frees it."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    asked = {"offline": False, "latency": 0, "downloadThroughput": bytes_per_s, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", asked)


def test_a_stall_is_told_as_the_page_saw_it_and_stored(service: Service, stage: Stage, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{stage.base}/page")
    options = {"url": service.base, "key": service.seeded["show_secret"], "stream": "room-sdk", "interval": 2}
    attach(page, f"{service.base}/sdk/aftercare.js", PLAY, **options)
    session = page.evaluate("a.id()")
    until("it did not play", lambda: page.evaluate("video.currentTime > 2".replace("video", "document.querySelector('video')")))
    page.evaluate("performance.mark('slow')")
    throttle(page, 8000)
    until("no stall", lambda: page.evaluate("a && document.querySelector('video').readyState < 3"))
    page.wait_for_timeout(2500)
    throttle(page, -1)
    until("the stall did not end", lambda: page.evaluate("seen.waits.length"))
    page.wait_for_timeout(1500)
    page.evaluate("a.leave()")
    page.wait_for_timeout(600)
    seen: dict[str, Any] = page.evaluate("seen")
    page.context.close()
    service.stop()
    where = f"FROM samples WHERE session = '{session}'"
    [[stalled, stalls, frozen, shown, gaps]] = service.telemetry(
        f"SELECT sum(stall_ms), sum(stall_count), sum(arraySum(video_gaps)), sum(video_ms), groupArrayArray(video_gaps) {where}"
    )
    print(seen, stalled, stalls, frozen, shown, gaps)
    print(service.telemetry(f"SELECT toUnixTimestamp64Milli(ts), event, code, elapsed_ms, interval_ms, play_ms, stall_ms, stall_count, video_ms, video_gaps, toString(fps), toString(bitrate_kbps), toString(buffer_ms), bytes, frames, frames_dropped, width, os, device, sdk, network, domain, protocol, toString(delay_ms), detail {where} ORDER BY ts"))
    assert stalls == len(seen["waits"])
    assert abs(stalled - sum(seen["waits"])) < AGREE_MS
