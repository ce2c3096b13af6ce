"""WHEP and WHIP against a small real WebRTC server."""

import re
from collections.abc import Iterator

import pytest

from aftercare.probe.guard import Guard
from aftercare.probe.types import Failed
from aftercare.probe.webrtc import allowed_answer
from tests.probe.doubles import look
from tests.probe.webrtc_double import RtcServer


@pytest.fixture
def rtc() -> Iterator[RtcServer]:
    made = RtcServer()
    yield made
    made.close()


def test_a_viewer_sees_and_hears(rtc: RtcServer) -> None:
    outcome = look("whep", f"{rtc.base}/whep", watch_s=2)
    assert outcome.code == "ok", outcome
    assert [step.code for step in outcome.steps] == ["dns", "tcp", "first_byte", "body", "ice", "first_frame"]
    seen = outcome.seen
    assert seen.event == "first_frame" and seen.elapsed_ms >= outcome.steps[-1].at_ms
    assert seen.fields["width"] == 320 and seen.fields["frames"] > 10
    assert seen.fields["black_ms"] == 0 and seen.fields["no_sound_ms"] == 0 and seen.fields["audio_ms"] > 0
    assert rtc.goodbyes == ["/resource/1"]


def test_an_anchor_is_taken() -> None:
    """By a server that wants a token."""
    rtc = RtcServer(token="t0ken")
    try:
        outcome = look("whip", f"{rtc.base}/whip", watch_s=2, token="t0ken")
        received = rtc.run(rtc.packets())
        without = look("whip", f"{rtc.base}/whip", watch_s=2)
    finally:
        rtc.close()
    assert outcome.code == "ok", outcome
    assert outcome.seen.event == "push_ok"
    sent = outcome.seen.fields["packets"]
    assert sent > 50 and received > sent / 2
    assert rtc.goodbyes == ["/resource/1"]
    assert without.code == "signalling" and "401" in without.reason


def test_a_refusal_is_told_as_one(rtc: RtcServer) -> None:
    outcome = look("whep", f"{rtc.base}/nothing-here", watch_s=2)
    assert outcome.code == "signalling" and "404" in outcome.reason and outcome.seen.event == ""


def test_media_is_not_sent_into_a_private_network() -> None:
    """The address of the server passes; the media's is the server's own choice."""
    line = "a=candidate:1 1 udp 2130706431 {} 50000 typ host"
    sdp = "v=0\r\n" + "\r\n".join(line.format(a) for a in ("10.0.0.1", "8.8.8.8", "metadata.local")) + "\r\n"
    kept = allowed_answer(sdp, Guard())
    assert "8.8.8.8" in kept and "10.0.0.1" not in kept and "metadata" not in kept
    with pytest.raises(Failed) as refused:
        allowed_answer("v=0\r\n" + line.format("169.254.169.254") + "\r\n", Guard())
    assert refused.value.code == "private_address"


def test_a_server_of_another_name_fails_at_the_connection() -> None:
    """Its answer's fingerprint is not that of its certificate: somebody sits between."""
    rtc = RtcServer(mangle=lambda sdp: re.sub(r"(a=fingerprint:\S+) ..:..", r"\1 00:00", sdp))
    try:
        outcome = look("whep", f"{rtc.base}/whep", watch_s=2)
    finally:
        rtc.close()
    assert outcome.code == "ice" and outcome.steps[-1].code == "ice" and outcome.steps[-1].failed
    assert outcome.seen.event == "" and rtc.goodbyes
