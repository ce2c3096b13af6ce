"""Real media played from loopback: healthy, throttled, broken, hostile."""

import asyncio
import http.client
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from aftercare.probe.guard import Guard
from aftercare.probe.http import Asked, fetch
from aftercare.probe.playing import view
from aftercare.probe.proxy import GuardedProxy
from aftercare.probe.run import Run
from aftercare.probe.runner import run_target
from aftercare.probe.types import Failed, Target
from tests.probe.doubles import Web, inside, look, make_ladder, make_media, slowly

KBPS = 1000 / 8


@pytest.mark.parametrize(("kind", "path"), [("hls", "index.m3u8"), ("flv", "clip.flv")])
def test_it_works(web: Web, kind: str, path: str) -> None:
    outcome = look(kind, f"{web.base}/{path}", watch_s=2, content=True)
    assert outcome.code == "ok", outcome
    codes = [step.code for step in outcome.steps]
    assert codes[:3] == ["dns", "tcp", "first_byte"] and codes[-3:] == ["open", "first_packet", "first_frame"]
    assert all(step.took_ms >= 0 and not step.failed for step in outcome.steps)
    fields, detail = outcome.seen.fields, outcome.seen.detail
    assert outcome.seen.event == "first_frame" and 0 < outcome.seen.elapsed_ms <= outcome.took_ms
    assert 1500 < fields["play_ms"] < 4000 and fields["stall_count"] == fields["stall_ms"] == 0
    assert (fields["width"], fields["height"]) == (320, 180) and fields["fps"] == pytest.approx(15, abs=0.6)
    assert 100 < fields["bitrate_kbps"] < 2000 and fields["black_ms"] == fields["no_sound_ms"] == 0
    assert detail["frozen_ms"] == 0 and detail["gop_ms"] == 2000 and abs(detail["av_offset_ms"]) < 300


def test_a_slow_link_stalls_and_a_fast_one_does_not(web: Web, media: Path) -> None:
    """The clip needs some 490 kbit/s; the slow one has a second and a half of it in hand."""
    body = (media / "clip.flv").read_bytes()
    web.answers["/slow.flv"] = slowly(body, int(100 * KBPS), kind="video/x-flv", at_once=80_000)
    web.answers["/fast.flv"] = slowly(body, int(1500 * KBPS), kind="video/x-flv")
    slow = look("flv", f"{web.base}/slow.flv", watch_s=3, most_stall_ms=0)
    assert slow.code == "stalled" and slow.seen.event == "first_frame"
    assert slow.seen.fields["stall_count"] >= 1 and slow.seen.fields["stall_ms"] > 500
    fast = look("flv", f"{web.base}/fast.flv", watch_s=2, most_stall_ms=0)
    assert fast.code == "ok" and fast.seen.fields["stall_ms"] == 0


def test_a_redirect_to_another_host_is_followed_as_far_as_a_player_would(web: Web, media: Path) -> None:
    """As a CDN's dispatcher does it; of a stream that has no end no body is waited for."""
    edge = Web(media)
    web.say("/room1.flv", b"", status=302, Location=f"{edge.base}/clip.flv?token=1")
    try:
        outcome = look("flv", f"{web.base}/room1.flv", watch_s=2)
    finally:
        edge.close()
    assert outcome.code == "ok", outcome
    codes = [step.code for step in outcome.steps]
    assert codes[:6] == ["dns", "tcp", "first_byte"] * 2 and "body" not in codes
    assert edge.asked == ["/clip.flv?token=1"] * 2


def test_one_rung_of_a_ladder_is_played(tmp_path: Path) -> None:
    web = Web(make_ladder(tmp_path))
    try:
        outcome = look("hls", f"{web.base}/master.m3u8", watch_s=2)
    finally:
        web.close()
    assert outcome.code == "ok", outcome
    fetched = [path for path in web.asked if path.endswith(".ts")]
    assert len([path for path in fetched if path.startswith("/v0_")]) >= 3
    assert len([path for path in fetched if path.startswith("/v1_")]) <= 1, "the other rung is only looked into"


@pytest.mark.long
def test_what_was_seen_before_a_stream_broke_is_kept(web: Web, media: Path) -> None:
    """A live playlist is joined three segments before its end; its last one is gone, and no new one comes."""
    playlist = (media / "index.m3u8").read_text().replace("#EXT-X-ENDLIST", "")
    web.say("/index5.ts", b"gone", status=404)
    web.say("/breaks.m3u8", playlist.encode())
    outcome = look("hls", f"{web.base}/breaks.m3u8", watch_s=5, most_stall_ms=500)
    assert outcome.code != "ok" and outcome.seen.event == "first_frame", outcome
    assert 1000 < outcome.seen.fields["play_ms"] < 4800 and outcome.seen.fields["frames"] > 20


def test_a_black_silent_picture_is_told(tmp_path: Path) -> None:
    dark = make_media(tmp_path, picture="color=black:size=320x180:rate=15:duration=8", tone="anullsrc=cl=mono:d=8")
    web = Web(dark)
    try:
        outcome = look("hls", f"{web.base}/index.m3u8", watch_s=3, content=True)
    finally:
        web.close()
    assert outcome.code == "black"
    assert outcome.seen.fields["black_ms"] > 2000 and outcome.seen.fields["no_sound_ms"] > 2000
    assert outcome.seen.detail["frozen_ms"] > 2000


def test_what_is_missing_is_told_by_its_step(web: Web) -> None:
    missing = look("hls", f"{web.base}/nothing.m3u8")
    assert (missing.code, missing.steps[-1].code) == ("http_404", "body")
    web.say("/page.m3u8", b"<html>maintenance</html>")
    assert look("hls", f"{web.base}/page.m3u8").code == "not_hls"
    web.say("/page.flv", b"<html>" * 1000)
    assert look("flv", f"{web.base}/page.flv").code == "invalid_media"
    closed = look("hls", "http://127.0.0.1:9/index.m3u8")
    assert closed.code == "tcp" and closed.steps[-1].failed and closed.seen.event == ""


def test_a_stream_that_hangs_is_ended_at_its_deadline(web: Web) -> None:
    """The deadline is the runner's: the child sits in a read."""

    def hang(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.flush()
        time.sleep(8)

    web.answers["/hang.flv"] = hang
    begun = time.monotonic()
    target = Target("ref", "flv", f"{web.base}/hang.flv")
    outcome = asyncio.run(run_target(target, allow_private=True, rdap="", limit_s=2.5))
    assert time.monotonic() - begun < 5
    assert outcome.code == "deadline" and [step.code for step in outcome.steps] == ["dns", "tcp", "first_byte"]


class TestHostile:
    """Targets typed by somebody who wants to see what the agent can reach."""

    @pytest.mark.parametrize(
        "address",
        [
            "http://127.0.0.1:1/a.m3u8",
            "http://localhost/a.m3u8",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/a.m3u8",
            "http://[::ffff:10.0.0.1]/a.m3u8",
            "http://0x7f000001/a.m3u8",
            "http://2130706433/a.m3u8",
            "http://0/a.m3u8",
        ],
    )
    def test_private_addresses_are_refused(self, address: str) -> None:
        assert inside("hls", address, allow_private=False)[0] == "private_address"

    @pytest.mark.parametrize("kind", ["http_api", "certificate", "rtmp", "rtmp_push", "whep", "whip"])
    def test_by_every_kind(self, kind: str, web: Web) -> None:
        host = f"127.0.0.1:{web.port}"
        scheme = {"certificate": "", "rtmp": "rtmp://", "rtmp_push": "rtmp://"}.get(kind, "http://")
        path = "" if kind == "certificate" else "/live/x"
        assert inside(kind, f"{scheme}{host}{path}", allow_private=False)[0] == "private_address"
        assert web.asked == []

    @pytest.mark.parametrize("address", ["file:///etc/passwd", "concat:/etc/passwd", "subfile,,start,0:/etc/passwd"])
    @pytest.mark.parametrize("kind", ["hls", "flv", "rtmp", "http_api"])
    def test_only_media_schemes_are_opened(self, kind: str, address: str) -> None:
        assert inside(kind, address)[0] == "address"

    @pytest.mark.parametrize(
        "segment",
        [
            "file:///etc/passwd",
            "/etc/passwd",
            "concat:file:///etc/passwd",
            "subfile,,start,0,end,99,,:/etc/passwd",
            "data:text/plain;base64,c2VjcmV0",
            "tcp://127.0.0.1:{port}/secret",
        ],
    )
    def test_a_playlist_opens_no_files(self, web: Web, segment: str) -> None:
        lines = [
            "#EXTM3U",
            "#EXT-X-TARGETDURATION:2",
            "#EXTINF:2,",
            segment.format(port=web.port),
            "#EXT-X-ENDLIST",
            "",
        ]
        web.say("/evil.m3u8", "\n".join(lines).encode())
        outcome = look("hls", f"{web.base}/evil.m3u8", watch_s=2)
        assert outcome.code not in ("ok", "deadline") and outcome.seen.event == "", outcome
        assert "secret" not in "".join(web.asked)

    def test_the_medias_own_connections_pass_the_guard(self, web: Web, media: Path) -> None:
        """What a playlist names, and what a redirect names, is asked for through the proxy, which says no."""
        proxy = GuardedProxy(Guard())
        run = Run(Target("ref", "hls", ""), Guard())
        with pytest.raises(Failed):
            view(run, f"{web.base}/index.m3u8", {"http_proxy": proxy.url, "protocol_whitelist": "http,tcp"})
        assert proxy.refused is not None and proxy.refused.code == "private_address"
        assert web.asked == []

    def test_a_stream_without_end_is_cut_off(self, web: Web) -> None:
        web.say("/endless.flv", b"x" * 2_000_000)
        proxy = GuardedProxy(Guard(allow_private=True), most_bytes=300_000)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url}))
        with (
            opener.open(f"{web.base}/endless.flv", timeout=5) as answer,
            pytest.raises(http.client.IncompleteRead) as cut,
        ):
            answer.read()
        assert 200_000 < len(cut.value.partial) < 500_000

    def test_the_proxy_opens_nothing_else(self, web: Web) -> None:
        proxy = GuardedProxy(Guard(allow_private=True))
        for line in (
            "GET file:///etc/passwd",
            "GET ftp://127.0.0.1/",
            "GET /",
            "nonsense",
            "CONNECT nowhere.invalid:1",
        ):
            with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=5) as caller:
                caller.sendall(f"{line} HTTP/1.1\r\n\r\n".encode())
                assert caller.recv(100).startswith(b"HTTP/1.1 502")
        assert web.asked == []

    def test_a_redirect_into_a_private_network_is_refused(self, web: Web) -> None:
        web.say("/out", b"", status=302, Location="http://10.0.0.1/secret")
        web.say("/round", b"", status=302, Location="/round")

        class OnlyThis(Guard):
            def allows(self, address: str) -> bool:
                return address == "127.0.0.1" or super().allows(address)

        run = Run(Target("ref", "http_api", ""), OnlyThis())
        with pytest.raises(Failed) as refused:
            fetch(run, Asked(f"{web.base}/out"))
        assert refused.value.code == "private_address"
        with pytest.raises(Failed) as refused:
            fetch(run, Asked(f"{web.base}/round"))
        assert refused.value.code == "redirects" and web.asked.count("/round") == 6
