"""The real rtcstats client in Chromium, set up by the docs' own lines: what it says it saw is what is stored."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.rtcstats.page import call_page
from tests.rtcstats.test_dump import upload
from tests.service import Service
from tests.smoke.test_real_chain import CHROMIUM, FLAGS

DOCS = Path(__file__).parents[2] / "docs" / "webrtc.md"
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
CALL_S = 5


def code_of_docs(beginning: str) -> str:
    """The one code block of the docs that has this in it."""
    (found,) = (code for code in re.findall(r"^```\w*\n(.*?)^```", DOCS.read_text(), re.S | re.M) if beginning in code)
    return found


def set_up(service: Service) -> str:
    """The docs' lines that set the client up, with this server and its key in them."""
    code = code_of_docs('require("rtcstats/trace-ws")').replace("wss://YOUR-SERVER", f"ws://127.0.0.1:{service.port}")
    return code.replace("YOUR-KEY", service.seeded["show_secret"])


def recorded(service: Service, session: str) -> list[list[Any]]:
    """Plays a call in one page, and gives the lines that the client sent while it went on."""
    with call_page() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FAKE_DEVICES])
        page = browser.new_page()
        page.goto(address)
        page.evaluate("([setUp, session]) => both(setUp, session)", [set_up(service), session])
        page.wait_for_function("document.getElementById('remote').videoWidth > 0", timeout=60_000)
        page.wait_for_timeout(CALL_S * 1000)
        page.evaluate("end()")
        page.wait_for_function("window.trace && document.readyState === 'complete'")
        page.wait_for_timeout(500)
        lines: list[list[Any]] = [json.loads(text) for text in page.evaluate("window.sent")]
        browser.close()
    return lines


def last_told(lines: list[list[Any]], peer: str) -> dict[str, dict[str, Any]]:
    """The last value of every counter that the client told of a connection's received streams, by their ids."""
    found: dict[str, dict[str, Any]] = {}
    for method, name, value, *_ in lines:
        if method == "getstats" and name == peer:
            for key, change in value.items():
                if isinstance(change, dict):
                    found.setdefault(key, {}).update(change)
    return {key: told for key, told in found.items() if told.get("type") == "inbound-rtp"}


@pytest.mark.long
def test_a_call_in_chromium(service: Service) -> None:
    lines = recorded(service, "chromium-call")
    told = last_told(lines, "PC_1").values()
    assert {stream["kind"] for stream in told} == {"video", "audio"}
    # The same lines as a dump have nothing to add to what was stored while they came.
    head = 'RTCStatsDump\n{"fileFormat":2}\n'
    dump = head + "\n".join(json.dumps(line) for line in lines if line[1] == "PC_1")
    status, said = upload(service, dump.encode())
    assert (status, said["rejected"]) == (200, 0) and said["duplicates"] == said["accepted"] > 5
    service.stop()
    (sums,) = service.telemetry(
        "SELECT sum(bytes), sum(packets), sum(frames), sum(packets_lost), max(width), max(height), sum(video_ms), "
        "groupUniqArray(code), countIf(event = 'join_ok'), countIf(event = 'leave'), any(stream), "
        "countIf(isNaN(rtt_ms)) < count() FROM samples WHERE session = 'chromium-call'"
    )
    lost = sum(stream["packetsLost"] for stream in told)
    assert sums[0] == sum(stream["bytesReceived"] for stream in told) > 10_000
    assert sums[1:4] == [
        sum(stream["packetsReceived"] for stream in told) + lost,
        sum(stream.get("framesDecoded", 0) for stream in told),
        lost,
    ]
    assert sums[4:6] == [320, 240] and sums[6] >= (CALL_S - 2) * 1000
    assert {"ice", "dtls"} <= set(sums[7]) and sums[8:] == [1, 1, "room-1024", 1]
    text = service.telemetry("SELECT groupArray(toString(tuple(*))) FROM samples WHERE source = 'rtcstats'")
    assert not re.search(r"127\.0\.0\.1|\.local\b", str(text))
    service.start()
