"""What the SDK tells of a stream that hls.js plays: what the page itself saw, and what is stored."""

from typing import Any

from playwright.sync_api import Browser

from tests.sdk.stage import Stage, attach, until
from tests.service import Service

AGREE_MS = 150
PLAY = """
  window.seen = { waits: [], gaps: [], first: 0, start: 0 };
  let begun = 0, last = 0;
  video.addEventListener("waiting", () => { if (seen.first && !video.paused && !begun) begun = performance.now(); });
  video.addEventListener("playing", () => { if (begun) seen.waits.push(performance.now() - begun); begun = 0; });
  const asked = performance.now();
  const frame = (at) => {
    if (!seen.first) seen.start = video.currentTime;
    seen.first ||= performance.now() - asked;
    if (last && at - last >= 500) seen.gaps.push(at - last);
    last = at;
    video.requestVideoFrameCallback(frame);
  };
  video.requestVideoFrameCallback(frame);
  const hls = new Hls({ liveSyncDurationCount: 2, maxBufferLength: 3 });
  a.asked();
  a.hls(hls);
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  hls.loadSource("/live/index.m3u8");
  hls.attachMedia(video);
"""
STORED = """SELECT sum(stall_ms), sum(stall_count), sum(arraySum(g -> if(g >= 500, g, 0), video_gaps)), sum(play_ms),
  sum(interval_ms), sum(bytes), max(width), anyIf(elapsed_ms, event = 'first_frame'), countIf(event = 'leave'),
  avgIf(fps, fps > 0), maxIf(bitrate_kbps, bitrate_kbps > 0), groupUniqArray((stream, domain, protocol, sdk)),
  max(stall_ms > 0 AND detail LIKE 'frozen for%')
  FROM samples WHERE session = '{}'"""


def test_a_stall_is_told_as_the_page_saw_it_and_stored(service: Service, stage: Stage, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{stage.base}/page")
    options = {"url": service.base, "key": service.seeded["show_secret"], "stream": "room-sdk", "interval": 1}
    attach(page, f"{service.base}/sdk/aftercare.js", PLAY, **options)
    until("it did not play", lambda: page.evaluate("seen.first && video.currentTime - seen.start > 1.5"))
    stage.flows.clear()
    until("it did not stall", lambda: page.evaluate("video.readyState < 3"))
    page.wait_for_timeout(2500)
    stage.flows.set()
    until("the stall did not end", lambda: page.evaluate("seen.waits.length"))
    page.wait_for_timeout(700)
    session = page.evaluate("a.id()")
    page.evaluate("a.leave()")
    page.wait_for_timeout(500)
    seen: dict[str, Any] = page.evaluate("seen")
    page.context.close()

    service.stop()
    [row] = service.telemetry(STORED.format(session))
    stalled, stalls, frozen, played, told, size, width, first, left, fps, kbps, facts, open_told = row
    assert stalls == len(seen["waits"]) and left == 1
    assert abs(stalled - sum(seen["waits"])) < AGREE_MS, (row, seen)
    assert abs(frozen - sum(seen["gaps"])) < AGREE_MS, (row, seen)
    assert abs(first - seen["first"]) < AGREE_MS, (row, seen)
    assert played + stalled <= told and told - played - stalled < seen["first"] + AGREE_MS, row
    assert open_told, "the freeze was not told while it was open"
    assert (width, facts[0][1:]) == (640, ["127.0.0.1", "hls", "web Chrome"]), row
    assert 8 < fps < 20 and 350 < kbps < 700 and size > 100_000, row
