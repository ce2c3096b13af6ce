"""The players of docs/sdk.md, each by the lines that the page gives: what they made a viewer see is what is told."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from aftercare.ingest.reading import read_samples
from tests.sdk.collector import KEY, Collector
from tests.sdk.flow import Flow
from tests.sdk.stage import ROOT, Stage, as_mp4, until

MODULES = ROOT / "tests" / "players" / "node_modules"
SCRIPTS = {
    "mpegts.js": "mpegts.js/dist/mpegts.js",
    "dash.js": "dashjs/dist/modern/umd/dash.all.min.js",
    "Shaka": "shaka-player/dist/shaka-player.compiled.js",
}
AGREE_MS = 150
# What the page sees for itself, begun before the player is.
WITNESS = """
  window.video = document.querySelector("video");
  window.seen = { waits: [], frames: 0 };
  let begun = 0;
  video.addEventListener("waiting", () => { if (seen.frames && !video.paused && !begun) begun = performance.now(); });
  video.addEventListener("playing", () => { if (begun) seen.waits.push(performance.now() - begun); begun = 0; });
  const frame = () => { seen.frames++; video.requestVideoFrameCallback(frame); };
  video.requestVideoFrameCallback(frame);
"""


def snippets(page: str = "docs/sdk.md") -> dict[str, str]:
    """The page's script for each player, by the first word of the line before it."""
    found = re.findall(
        r"^(?:A plain `<)?(\w[\w.]*)[^\n]*(?:\n[^\n]+)*\n\n```js\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S
    )
    return dict(found)


def install() -> str:
    """The page's lines that load the SDK."""
    return snippets()["As"]


@pytest.fixture(scope="module")
def flv(stage: Stage) -> Iterator[Flow]:
    flow = Flow(stage.segments[:10], stage.flows)
    yield flow
    flow.close()


@pytest.fixture(scope="module")
def media(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same clip for every player, under the names that the page uses."""
    folder = tmp_path_factory.mktemp("dash")
    clip = folder / "clip.mp4"
    clip.write_bytes(as_mp4(stage.segments[:10]))
    command = ["ffmpeg", "-v", "error", "-i", str(clip), "-c", "copy", "-f", "dash", "-seg_duration", "2"]
    subprocess.run([*command, str(folder / "room-1024.mpd")], check=True, timeout=60)
    for path in folder.iterdir():
        stage.files[f"/live/{path.name}"] = path.read_bytes()
    stage.files["/live/room-1024.mp4"] = clip.read_bytes()
    stage.slow.update(name for name in stage.files if re.search(r"chunk-.*-000(0[3-9]|[1-9]\d)\.m4s$", name))


def run(page: Page, stage: Stage, collector: Collector, player: str, *, stream: str = "") -> None:
    """Run the page's lines for a player, in a page of the customer's."""
    lines = install() + snippets()[player]
    lines = lines.replace("https://YOUR-SERVER/sdk", f"{stage.base}/sdk").replace("https://YOUR-SERVER", collector.base)
    lines = lines.replace("https://YOUR-STREAM/live/room-1024.m3u8", f"{stage.base}/live/index.m3u8")
    lines = lines.replace("https://YOUR-STREAM", stream or stage.base).replace("YOUR-KEY", KEY)
    page.evaluate(WITNESS)
    if player in SCRIPTS:
        page.add_script_tag(content=(MODULES / SCRIPTS[player]).read_text())
    page.add_script_tag(type="module", content=f"{lines}\nwindow.a = a; a.facts({{ scenario: 'test' }});")


def told(collector: Collector) -> dict[str, Any]:
    """Totals of what was told, and the last facts and readings."""
    samples = collector.kept()
    totals = {name: sum(sample[name] for sample in samples) for name in ("stall_ms", "stall_count", "play_ms", "bytes")}
    facts = [sample["facts"] for sample in samples if sample["facts"]][-1]
    kbps = [sample["bitrate_kbps"] for sample in samples if sample["bitrate_kbps"]]
    return {**totals, "facts": facts, "kbps": kbps, "width": max(sample["width"] for sample in samples)}


@pytest.mark.parametrize("player", ["video", "hls.js"])
def test_the_lines_of_the_page(page: Page, stage: Stage, collector: Collector, media: None, player: str) -> None:
    run(page, stage, collector, player)
    [first] = until("no first frame", lambda: collector.kept(event="first_frame"))
    assert first["elapsed_ms"] > 0
    assert told(collector)["facts"]["stream"] == "room-1024"


def test_the_lines_for_a_connection(page: Page, stage: Stage, collector: Collector) -> None:
    run(page, stage, collector, "WebRTC")
    page.wait_for_function("window.a")
    page.evaluate("a.asked(); a.step('token', 5); a.event('call_rung'); a.leave()")
    [rung] = until("no event", lambda: collector.kept(event="call_rung"))
    facts = told(collector)["facts"]
    assert (facts["call"], facts["role"], rung["elapsed_ms"] > 0) == ("call-88", "caller", True)


@pytest.mark.long
@pytest.mark.parametrize(("player", "protocol"), [("mpegts.js", "flv"), ("dash.js", "dash"), ("Shaka", "")])
def test_a_stall_of_each_player(
    page: Page, stage: Stage, collector: Collector, media: None, flv: Flow, player: str, protocol: str
) -> None:
    if player != "mpegts.js":
        stage.flows.clear()  # a clip is loaded as fast as it comes: two segments of it
    run(page, stage, collector, player, stream=flv.base if player == "mpegts.js" else "")
    shown: float = page.evaluate("video.currentTime")
    until("it did not play", lambda: page.evaluate("video.currentTime") > shown + 1)
    stage.flows.clear()
    until("it did not stall", lambda: page.evaluate("video.readyState < 3"))
    page.wait_for_timeout(2500)
    stage.flows.set()
    until("the stall did not end", lambda: page.evaluate("seen.waits.length"))
    page.wait_for_timeout(1000)
    page.evaluate("a.leave()")
    until("no leave", lambda: collector.kept(event="leave"))
    waits: list[float] = page.evaluate("seen.waits")
    seen = told(collector)
    assert seen["stall_count"] == len(waits)
    assert abs(seen["stall_ms"] - sum(waits)) < AGREE_MS
    assert (seen["facts"]["protocol"], seen["width"]) == (protocol, 640)
    assert collector.kept(event="first_frame")[0]["elapsed_ms"] > 0
    if protocol:
        assert all(300 < kbps < 800 for kbps in seen["kbps"]) and seen["kbps"]
        assert collector.kept(event="step")[0]["code"] == "first_packet"
        assert seen["facts"]["domain"] == "127.0.0.1"


@pytest.mark.long
@pytest.mark.parametrize("player", ["mpegts.js", "dash.js", "Shaka"])
def test_a_start_that_each_player_fails(page: Page, stage: Stage, collector: Collector, player: str) -> None:
    run(page, stage, collector, player, stream=f"{stage.base}/nothing")
    [failed] = until("no failure", lambda: collector.kept(event="start_failed"))
    assert failed["code"]
    assert not collector.kept(event="first_frame")


def test_the_lines_that_native_apps_send() -> None:
    [lines] = re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "sdk.md").read_text(), re.M | re.S)
    reading = read_samples(lines.encode(), now_ms=1795400110000)
    assert len(reading.samples) == 3 and not reading.refusals
