"""The mini-program's reporter, under node with a strict double of `wx`: component codes in, samples out."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aftercare.ingest.reading import read_samples

ROOT = Path(__file__).parents[2]
REPORTER = ROOT / "sdk" / "miniprogram" / "aftercare.js"
MADE = ["make", {"url": "https://collector.example", "key": "k1", "stream": "room-1", "interval": 5}]


def run(*steps: list[Any]) -> dict[str, Any]:
    """Play these steps; the requests that were made, and the timers left."""
    command = ["node", str(Path(__file__).with_name("wx.cjs")), str(REPORTER)]
    done = subprocess.run(command, input=json.dumps(steps), capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def samples(told: dict[str, Any], *, status: int = 200) -> list[dict[str, Any]]:
    """What was taken, read as strictly as the front door reads."""
    found = []
    for request in told["asked"]:
        assert request["url"].startswith("https://collector.example/v1/samples/k1?batch=")
        assert request["header"] == {"content-type": "text/plain"}
        reading = read_samples(request["data"].encode(), now_ms=int(time.time() * 1000))
        assert not reading.refusals
        if request["status"] == status:
            found += [msgspec.to_builtins(sample) for sample in reading.samples]
    return found


def named(found: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """The events, in order."""
    return [(each["event"], each["code"], each["elapsed_ms"]) for each in found if each["event"]]


def test_a_player_that_stalls() -> None:
    told = run(
        MADE, ["player"], ["wait", 100], ["state", 2001], ["state", 2002], ["wait", 200], ["state", 2003],
        ["wait", 50], ["state", 2008], ["state", 2004], ["net", {"videoBitrate": 800, "audioBitrate": 64,
        "videoFPS": 25, "videoWidth": 720, "videoHeight": 1280, "netSpeed": 900}], ["wait", 2000], ["state", 2007],
        ["state", 2105], ["wait", 5000], ["state", 2004], ["state", 2005], ["wait", 1000], ["call", "leave"],
        ["wait", 60_000],
    )  # fmt: skip
    found = samples(told)
    assert named(found) == [
        ("step", "connect", 100),
        ("step", "signalling", 100),
        ("step", "first_packet", 300),
        ("first_frame", "", 350),
        ("leave", "", 0),
    ]
    totals = {name: sum(each[name] for each in found) for name in ("play_ms", "stall_ms", "stall_count")}
    assert totals == {"play_ms": 3000, "stall_ms": 5000, "stall_count": 1}
    first = next(each for each in found if each["interval_ms"])
    assert (first["stall_ms"], first["play_ms"]) == (2650, 2000), "a stall that is open is told as far as it went"
    assert (first["bitrate_kbps"], first["fps"], first["width"], first["detail"]) == (864, 25, 720, "2105 video lags")
    facts = found[0]["facts"]
    assert (facts["stream"], facts["os"], facts["device"], facts["network"]) == (
        "room-1",
        "Android 14",
        "phone",
        "wifi",
    )
    assert not facts["user"] and told["timers"] == 0


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [(-2301, "start_failed", "error"), (-2302, "start_failed", "error")],
)
def test_a_player_that_gives_up(code: int, before: str, after: str) -> None:
    assert named(samples(run(MADE, ["player"], ["state", code]))) == [(before, str(code), 0), ("leave", "", 0)]
    found = named(samples(run(MADE, ["player"], ["wait", 9], ["state", 2004], ["state", 2103], ["state", code])))
    assert found == [("first_frame", "", 9), ("error", "2103", 0), (after, str(code), 0), ("leave", "", 0)]


def test_a_start_that_is_left() -> None:
    found = named(samples(run(MADE, ["player"], ["wait", 1500], ["call", "leave"], ["call", "leave"])))
    assert found == [("start_left", "", 1500), ("leave", "", 0)]


@pytest.mark.parametrize("code", [-1301, -1302, -1303, -1304, -1305, -1306, -1307, -1308, -1309, -1310])
def test_a_push_that_fails_or_breaks(code: int) -> None:
    assert named(samples(run(MADE, ["pusher"], ["state", code]))) == [("push_failed", str(code), 0), ("leave", "", 0)]
    found = named(samples(run(MADE, ["pusher"], ["wait", 400], ["state", 1002], ["state", code])))
    assert found == [("push_ok", "", 400), ("push_broken", str(code), 0), ("leave", "", 0)]


def test_a_push_on_a_busy_network() -> None:
    told = run(
        MADE, ["pusher"], ["wait", 300], ["state", 1001], ["state", 1002],
        ["net", {"videoBitrate": 500, "videoFPS": 12}], ["state", 1101], ["state", 1102], ["network", "4g"],
        ["wait", 10_000], ["call", "leave"],
    )  # fmt: skip
    found = samples(told)
    assert named(found) == [
        ("step", "connect", 300),
        ("push_ok", "", 300),
        ("error", "1102", 0),
        ("push_ended", "", 0),
        ("leave", "", 0),
    ]
    intervals = [each for each in found if each["interval_ms"]]
    assert [(each["interval_ms"], each["play_ms"], each["bitrate_kbps"]) for each in intervals] == [
        (5000, 0, 500),
        (5000, 0, 500),
        (300, 0, 500),
    ]
    assert intervals[0]["detail"] == "1101 network busy" and intervals[0]["facts"]["network"] == "4g"


def test_what_is_put_aside_is_neither_played_nor_stalled() -> None:
    found = samples(run(MADE, ["player"], ["state", 2004], ["wait", 2000], ["state", 6000], ["hide"], ["wait", 100_000],
                        ["state", 2004], ["wait", 1000], ["call", "leave"]))  # fmt: skip
    assert sum(each["play_ms"] for each in found) == 3000
    assert sum(each["stall_ms"] for each in found) == 0


def test_keeps_what_could_not_be_sent_and_sends_it_once() -> None:
    told = run(MADE, ["answer", 0], ["player"], ["state", 2004], ["wait", 12_000], ["answer", 200, {}],
               ["wait", 20_000], ["call", "leave"])  # fmt: skip
    names = {request["url"] for request in told["asked"] if request["status"] == 0}
    assert len(names) == 1, "what is sent again keeps its name"
    assert names & {request["url"] for request in told["asked"] if request["status"] == 200}
    assert sum(each["play_ms"] for each in samples(told)) == 32_000


def test_waits_as_it_is_told() -> None:
    told = run(MADE, ["answer", 429, {"Retry-After": "7"}], ["player"], ["state", 2004], ["wait", 11_000])
    first, second = told["asked"][:2]
    assert 7000 <= second["at"] - first["at"] <= 10_600


@pytest.mark.parametrize("status", [401, 410])
def test_a_key_that_is_no_good_ends_the_reports(status: int) -> None:
    told = run(MADE, ["answer", status, {}], ["player"], ["state", 2004], ["wait", 60_000], ["call", "leave"])
    assert len(told["asked"]) == 1


def test_nothing_is_thrown_into_the_program() -> None:
    told = run(["make", None], ["player"], ["state", None], ["state", "x"], ["net", None], ["call", "event"],
               ["call", "facts", None], ["call", "onState", None], ["call", "leave"], ["wait", 60_000])  # fmt: skip
    assert told["asked"] == []


def test_the_lines_of_the_page(tmp_path: Path) -> None:
    """docs/sdk.md: the script, and the component's handlers that it names."""
    text = (ROOT / "docs" / "sdk.md").read_text().split("## WeChat mini-programs")[1]
    [script], [component] = (re.findall(rf"^```{kind}\n(.*?)^```", text, re.M | re.S) for kind in ("js", "html"))
    shutil.copytree(REPORTER.parent, tmp_path / "miniprogram")
    page = tmp_path / "page.js"
    page.write_text(script.replace("https://YOUR-SERVER", "https://collector.example").replace("YOUR-KEY", "k1"))
    states, net = (re.findall(rf'{name}="(\w+)"', component)[0] for name in ("bindstatechange", "bindnetstatus"))
    found = samples(run(["page", str(page)], ["on", "onReady"], ["wait", 70], ["on", states, {"code": 2004}],
                        ["on", net, {"info": {"videoBitrate": 300}}], ["wait", 6000], ["on", "onUnload"]))  # fmt: skip
    assert named(found) == [("first_frame", "", 70), ("leave", "", 0)]
    assert sum(each["play_ms"] for each in found) == 6000
    assert {each["bitrate_kbps"] for each in found if each["interval_ms"]} == {300}
