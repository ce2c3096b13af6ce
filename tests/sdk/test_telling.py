"""What the SDK tells of a page's player, to a collector that takes it."""

import gzip
import itertools
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from bin.checks.sdk_twin import MODULE, TWIN, twin_of
from tests.sdk.collector import KEY, Collector
from tests.sdk.stage import Stage, as_mp4, attach, until

LARGEST = 8 * 1024
# A hidden tab as Chromium has one: no frame is told of, while playing goes on.
HIDING = """
  let hidden = false, held = [];
  Object.defineProperty(document, "hidden", { get: () => hidden });
  const ask = video.requestVideoFrameCallback.bind(video);
  video.requestVideoFrameCallback = (f) => ask((...given) => (hidden ? held.push(() => f(...given)) : f(...given)));
  window.hide = (now) => {
    hidden = now;
    document.dispatchEvent(new Event("visibilitychange"));
    if (!hidden) for (const f of held.splice(0)) ask((...given) => f(...given));
  };
"""


@pytest.fixture
def clip(stage: Stage) -> str:
    """The address of a clip."""
    stage.files.setdefault("/clip.mp4", as_mp4(stage.segments[:8]))
    return "/clip.mp4"


def play(page: Page, collector: Collector, script: str = "a.video(video); video.src = '/clip.mp4'; await video.play();",
         **options: Any) -> None:  # fmt: skip
    """Attach to the page's video and play."""
    given = {"url": collector.base, "key": KEY, "stream": "room-1", "interval": 1, **options}
    attach(page, "/sdk/aftercare.js", script, **given)


def test_it_is_small_and_has_a_twin() -> None:
    assert TWIN.read_text() == twin_of(MODULE.read_text())
    for path in (MODULE, TWIN):
        assert len(gzip.compress(path.read_bytes(), 9)) <= LARGEST, path


def test_the_version_is_one() -> None:
    told = re.search(r'VERSION = "(.+?)"', MODULE.read_text())
    assert told and json.loads((MODULE.parent / "package.json").read_text())["version"] == told[1]


def test_a_pause_and_a_hidden_tab_are_no_freezes(page: Page, collector: Collector, clip: str) -> None:
    play(page, collector, HIDING + "a.video(video); video.src = '/clip.mp4'; await video.play();")
    until("no first frame", lambda: collector.kept(event="first_frame"))
    page.wait_for_timeout(400)
    page.evaluate("video.pause()")
    page.wait_for_timeout(900)
    page.evaluate("video.play()")
    page.wait_for_timeout(400)
    page.evaluate("hide(true)")
    page.wait_for_timeout(900)
    page.evaluate("hide(false)")
    page.wait_for_timeout(500)
    page.evaluate("a.leave()")
    [left] = until("no leave", lambda: collector.kept(event="leave"))
    told = collector.kept()
    assert [gap for sample in told for gap in sample["video_gaps"] if gap >= 500] == []
    assert sum(sample["stall_ms"] for sample in told) == 0
    played, shown = (sum(sample[name] for sample in told) for name in ("play_ms", "video_ms"))
    first = collector.kept(event="first_frame")[0]
    assert abs(left["ts"] - first["ts"] - played - 900) < 200, "the pause counts as neither played nor stalled"
    assert 800 < played - shown < 1200, "a hidden picture is not a picture that was seen"
    facts = next(sample["facts"] for sample in told if sample["facts"])
    assert facts["stream"] == "room-1" and facts["sdk_version"] and not facts["user"]


def test_playing_on_after_the_end_is_another_session(page: Page, collector: Collector, clip: str) -> None:
    play(page, collector)
    until("no first frame", lambda: collector.kept(event="first_frame"))
    page.wait_for_timeout(500)
    page.evaluate("video.dispatchEvent(new Event('ended'))")
    until("no second session", lambda: len(collector.kept(event="first_frame")) == 2)
    page.wait_for_timeout(300)
    page.evaluate("a.leave()")
    until("no second end", lambda: len(collector.kept(event="leave")) == 2)
    first, second = collector.kept(event="first_frame")
    assert first["session"] != second["session"]
    assert first["elapsed_ms"] > 0 and second["elapsed_ms"] == 0, "nobody asked for the second"
    told = collector.kept(session=second["session"])
    assert sum(sample["play_ms"] for sample in told) <= told[-1]["ts"] - second["ts"] + 300


def test_lines_kept_while_offline_arrive_once(page: Page, collector: Collector, clip: str) -> None:
    play(page, collector)
    until("no report", lambda: collector.kept(event=""))
    page.context.set_offline(True)
    page.evaluate("a.error('e1', 'told offline')")
    page.wait_for_timeout(1500)
    assert not collector.kept(event="error")
    page.context.set_offline(False)
    [error] = until("the error did not arrive", lambda: collector.kept(event="error"))
    assert (error["code"], error["detail"]) == ("e1", "told offline")
    page.evaluate("a.leave()")
    until("no leave", lambda: collector.kept(event="leave"))
    intervals = collector.kept(event="")
    ends = sorted((sample["ts"] - sample["interval_ms"], sample["ts"]) for sample in intervals)
    assert all(after[0] >= before[1] - 30 for before, after in itertools.pairwise(ends)), "time told twice"


def test_a_full_queue_drops_the_oldest_reports_and_says_how_many(page: Page, collector: Collector) -> None:
    collector.answer = 503
    collector.headers = {"Retry-After": "1"}
    script = "a.video(video); a.error('first'); for (let i = 0; i < 700; i++) a.event('error', { code: `${i}` });"
    play(page, collector, script)
    until("nothing was tried", lambda: collector.deliveries)
    collector.answer = 200
    until("the newest did not arrive", lambda: collector.kept(code="699"))
    told = [sample for sample in collector.kept() if "dropped" in sample["detail"]]
    lost = sum(int(re.findall(r"dropped: (\d+)", sample["detail"])[0]) for sample in told)
    assert lost + len(collector.kept(event="error")) == 701
    names = [delivery.name for delivery in collector.deliveries]
    assert len(names) > len(set(names)), "what is sent again keeps its name"


def test_a_page_that_goes_tells_its_end(page: Page, collector: Collector, clip: str) -> None:
    play(page, collector, interval=30)
    page.wait_for_timeout(700)
    page.goto("about:blank")
    until("the leave did not arrive", lambda: collector.kept(event="leave"))
    [interval] = collector.kept(event="")
    assert interval["play_ms"] > 300


@pytest.mark.parametrize("status", [pytest.param(401, marks=pytest.mark.long), 410])
def test_a_key_that_is_no_good_ends_the_reports(page: Page, collector: Collector, clip: str, status: int) -> None:
    collector.answer = status
    play(page, collector)
    until("nothing was sent", lambda: collector.deliveries)
    page.wait_for_timeout(1200)
    page.evaluate("a.leave()")
    page.wait_for_timeout(250)
    assert len(collector.deliveries) == 1


def test_a_quota_is_waited_for(page: Page, collector: Collector, clip: str) -> None:
    collector.answer, collector.headers = 429, {"Retry-After": "2"}
    play(page, collector)
    first = until("nothing was sent", lambda: collector.deliveries)[0]
    page.wait_for_timeout(1500)
    assert len(collector.deliveries) == 1, "the pause that was asked for was not kept"
    collector.answer = 200
    until("it was not sent again", lambda: collector.kept(event="first_frame"))
    assert collector.deliveries[1].name == first.name and collector.deliveries[1].samples == first.samples


def test_a_start_that_fails_and_one_that_is_left(page: Page, collector: Collector) -> None:
    play(page, collector, """const hls = new Hls(); a.asked(); a.hls(hls); hls.attachMedia(video);
        hls.loadSource('/nothing.m3u8');""")  # fmt: skip
    [failed] = until("no failure", lambda: collector.kept(event="start_failed"))
    assert failed["code"] == "manifestLoadError"
    page.evaluate("a.leave(); a.video(document.createElement('video')); a.asked()")
    page.wait_for_timeout(300)
    page.evaluate("a.leave()")
    [left] = until("no exit", lambda: collector.kept(event="start_left"))
    assert left["session"] != failed["session"] and left["elapsed_ms"] >= 300
    assert len(collector.kept(event="start_failed")) == 1


def test_nothing_is_thrown_into_the_page(page: Page, collector: Collector) -> None:
    page.evaluate("""async () => {
      const { aftercare } = await import("/sdk/aftercare.js");
      for (const options of [undefined, null, {}, { url: 5, key: {} }, { url: "nowhere:", key: "k", interval: "x" }]) {
        const a = aftercare(options);
        for (const attach of [a.video, a.hls, a.mpegts, a.dash, a.peer]) {
          for (const target of [undefined, null, {}, 7, "x", document.body]) attach(target, null).leave();
        }
        a.asked(); a.step(); a.step({}); a.event(); a.event(5, null); a.error(); a.facts(); a.facts(null);
        a.leave(); a.leave();
      }
    }""")
    page.wait_for_timeout(300)
    assert not collector.deliveries


def test_a_session_that_is_not_in_the_sample_says_nothing(page: Page, collector: Collector, clip: str) -> None:
    play(page, collector, sample=0)
    page.wait_for_timeout(300)
    page.evaluate("a.error('e'); a.leave()")
    page.wait_for_timeout(300)
    assert not collector.deliveries


def test_the_classic_script_does_the_same(page: Page, collector: Collector, clip: str) -> None:
    page.add_script_tag(url="/sdk/aftercare.classic.js")
    given = json.dumps({"url": collector.base, "key": KEY, "user": 42})
    page.evaluate(f"window.a = aftercare({given}); v = document.querySelector('video'); a.video(v); v.src = '{clip}'")
    page.evaluate("v.play()")
    [sample] = until("no first frame", lambda: collector.kept(event="first_frame"))
    assert sample["elapsed_ms"] > 0
    assert next(each["facts"]["user"] for each in collector.kept() if each["facts"]) == "42"
