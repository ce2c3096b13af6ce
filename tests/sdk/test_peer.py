"""Both legs of one call in one page: what the SDK tells of it is what getStats and the picture say."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.sdk.collector import KEY, Collector
from tests.sdk.stage import attach, until

CALL = """
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 }, audio: true });
  const near = (window.near = new RTCPeerConnection()), far = (window.far = new RTCPeerConnection());
  near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
  far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate);
  far.ontrack = ({ streams }) => { video.srcObject = streams[0]; video.play().catch(() => {}); };
  window.gaps = [];
  let last = 0;
  const frame = (at) => {
    if (last && at - last >= 400) gaps.push(at - last);
    last = at;
    video.requestVideoFrameCallback(frame);
  };
  video.requestVideoFrameCallback(frame);
  a.asked();
  a.step("token", 12);
  window.caller = a.peer(near, { call: "call-7", role: "caller" });
  window.callee = a.peer(far, { call: "call-7", role: "callee" });
  for (const track of media.getTracks()) near.addTrack(track, media);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  window.cut = (kinds, ms) => Promise.all(near.getSenders().filter(({ track }) => kinds.includes(track.kind)).map(
    async (sender) => { const { track } = sender; await sender.replaceTrack(null);
      await new Promise((done) => setTimeout(done, ms)); await sender.replaceTrack(track); }));
"""
COUNTED = """async () => { const told = {}; for (const stat of (await far.getStats()).values())
  if (stat.type === "inbound-rtp")
  for (const name of ["bytesReceived", "packetsReceived", "framesDecoded", "concealedSamples"])
    told[name] = (told[name] ?? 0) + (stat[name] ?? 0); return told; }"""


@pytest.mark.long
def test_both_legs_of_a_call(page: Page, collector: Collector) -> None:
    attach(page, "/sdk/aftercare.js", CALL, url=collector.base, key=KEY, interval=1)
    until("no first frame", lambda: collector.kept(event="first_frame"))
    page.wait_for_timeout(1200)
    page.evaluate("cut(['audio', 'video'], 1500)")
    page.wait_for_timeout(500)
    seen: list[float] = page.evaluate("gaps.splice(0)")
    page.evaluate("cut(['video'], 3000)")
    page.wait_for_timeout(1200)
    rested: list[float] = page.evaluate("gaps.splice(0)")
    counted: dict[str, int] = page.evaluate(COUNTED)
    caller, callee = page.evaluate("[caller.id(), callee.id()]")
    page.wait_for_timeout(1100)
    page.evaluate("near.close(); far.close()")
    until("the legs did not end", lambda: len(collector.kept(event="leave")) == 2)

    facts = {sample["session"]: sample["facts"] for sample in collector.kept() if sample["facts"]}
    assert {(facts[leg]["call"], facts[leg]["role"]) for leg in (caller, callee)} == {
        ("call-7", "caller"),
        ("call-7", "callee"),
    }
    steps = collector.kept(session=callee, event="step")
    waits = {sample["code"]: sample["elapsed_ms"] for sample in steps}
    assert list(waits) == sorted(waits, key=lambda name: waits[name]), waits
    assert set(waits) == {"signalling", "ice", "dtls", "first_packet"}
    [token] = collector.kept(session=caller, event="step", code="token")
    assert token["elapsed_ms"] == 12
    [join], [first] = (collector.kept(session=callee, event=name) for name in ("join_ok", "first_frame"))
    assert waits["dtls"] <= join["elapsed_ms"] <= first["elapsed_ms"] + 200

    told = collector.kept(session=callee, event="")
    total = {name: sum(sample[name] for sample in told) for name in ("bytes", "packets", "packets_lost", "frames")}
    assert counted["bytesReceived"] <= total["bytes"] <= 1.5 * counted["bytesReceived"]
    assert counted["packetsReceived"] <= total["packets"] - total["packets_lost"] <= 1.5 * counted["packetsReceived"]
    assert counted["framesDecoded"] <= total["frames"] <= 1.5 * counted["framesDecoded"]

    frozen = [gap for sample in told for gap in sample["video_gaps"] if gap >= 400]
    assert len(seen) == 1 and abs(sum(frozen) - seen[0]) < 150, "only what nobody sent on purpose is a freeze"
    assert rested, "the picture rested"
    holes = [gap for sample in told for gap in sample["audio_gaps"]]
    assert 1100 < sum(holes) <= counted["concealedSamples"] / 48 + 300, "of concealed sound, what is long enough"
    readings: dict[str, Any] = told[-2]
    assert readings["width"] == 320 and readings["rtt_ms"] is not None and readings["jitter_ms"] is not None
    assert 0 < readings["bitrate_kbps"] < 5000 and 5 < readings["fps"] < 35 and readings["buffer_ms"] > 0
    assert "host udp" in readings["detail"]
    assert all(sample["fps"] is None or sample["frames"] for sample in collector.kept(session=caller, event=""))
