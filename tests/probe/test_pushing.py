"""Pushing and playing RTMP and SRT: ffmpeg as the other end, and in the long run a real nginx-rtmp."""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probe.doubles import inside, look, until
from tests.service import free_port

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; user root;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events {{ }}
rtmp {{ server {{ listen 127.0.0.1:{rtmp}; application live {{ live on; hls on; hls_path {folder}/hls; hls_fragment 2s; }} }} }}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{http}; location /hls {{ types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
  root {folder}; }} }} }}
"""  # noqa: E501 - nginx's own layout


def ffmpeg(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["ffmpeg", "-v", "error", *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def listens(port: int) -> bool:
    """Whether somebody listens, without calling there: ffmpeg takes only one call."""
    wanted = f":{port:04X} 00000000:0000 0A"
    return wanted in Path("/proc/net/tcp").read_text()


def takes_udp(port: int) -> bool:
    return f":{port:04X} " in Path("/proc/net/udp").read_text()


class TestAgainstFfmpeg:
    def test_an_rtmp_push_is_taken(self, tmp_path: Path) -> None:
        port, taken = free_port(), tmp_path / "taken.flv"
        address = f"rtmp://127.0.0.1:{port}/live/room1"
        server = ffmpeg("-listen", "1", "-i", address, "-c", "copy", str(taken))
        until("ffmpeg did not listen", lambda: listens(port))
        outcome = look("rtmp_push", address, watch_s=2)
        server.wait(20)
        assert outcome.code == "ok", outcome
        assert [step.code for step in outcome.steps] == ["dns", "tcp", "publish", "push"]
        assert outcome.seen.event == "push_ok" and outcome.seen.fields["frames"] == 30
        probed = subprocess.run(
            ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", taken],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        video = re.search(r"codec_name=h264\nnb_read_frames=(\d+)", probed)
        assert video and int(video[1]) >= 28 and "codec_name=aac" in probed

    @pytest.mark.long
    def test_an_srt_push_is_taken(self, tmp_path: Path) -> None:
        port, taken = free_port(), tmp_path / "taken.ts"
        server = ffmpeg(
            "-i", f"srt://127.0.0.1:{port}?mode=listener", "-t", "1", "-c", "copy", "-f", "mpegts", str(taken)
        )
        until("ffmpeg did not listen", lambda: takes_udp(port))
        outcome = look("srt_push", f"srt://127.0.0.1:{port}?streamid=room1", watch_s=2)
        server.wait(20)
        assert outcome.code == "ok", outcome
        assert outcome.seen.event == "push_ok" and [step.code for step in outcome.steps] == ["dns", "publish", "push"]
        assert taken.stat().st_size > 5000

    def test_an_rtmp_stream_is_played(self, media: Path) -> None:
        port = free_port()
        address = f"rtmp://127.0.0.1:{port}/live/room1"
        server = ffmpeg("-re", "-i", str(media / "clip.flv"), "-c", "copy", "-f", "flv", "-listen", "1", address)
        try:
            until("ffmpeg did not listen", lambda: listens(port))
            outcome = look("rtmp", address, watch_s=2)
        finally:
            server.kill()
            server.wait()
        assert outcome.code == "ok", outcome
        codes = [step.code for step in outcome.steps]
        assert codes == ["dns", "tcp", "open", "first_packet", "first_frame"]
        assert outcome.seen.fields["width"] == 320 and outcome.seen.fields["play_ms"] > 500

    def test_nobody_there(self) -> None:
        code, run = inside("rtmp_push", f"rtmp://127.0.0.1:{free_port()}/live/room1")
        assert code == "tcp" and run.seen.event == ""
        with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes the call and hangs up
            port = deaf.getsockname()[1]
            deaf.settimeout(5)
            threading.Thread(target=lambda: deaf.accept()[0].close(), daemon=True).start()
            assert inside("rtmp_push", f"rtmp://127.0.0.1:{port}/live/room1")[0] == "push"


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """RTMP and HTTP ports of a real nginx-rtmp."""
    rtmp, http = free_port(), free_port()
    (tmp_path / "hls").mkdir()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(NGINX.format(folder=tmp_path, rtmp=rtmp, http=http))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(configuration), "-p", str(tmp_path)])
    until("nginx did not listen", lambda: listens(rtmp))
    yield rtmp, http
    process.terminate()
    process.wait(10)


@pytest.mark.long
def test_the_real_chain(nginx: tuple[int, int], media: Path) -> None:
    """A live stream pushed to nginx-rtmp is played by RTMP and by HLS; a name nobody pushes to has no picture."""
    rtmp, http = nginx
    source = ["-stream_loop", "-1", "-re", "-i", str(media / "clip.flv"), "-c", "copy", "-f", "flv"]
    anchor = ffmpeg(*source, f"rtmp://127.0.0.1:{rtmp}/live/room1")
    try:
        playlist = f"http://127.0.0.1:{http}/hls/room1.m3u8"
        until("no playlist", lambda: look("http_api", playlist).code == "ok", 40)
        time.sleep(4)
        live = look("rtmp", f"rtmp://127.0.0.1:{rtmp}/live/room1", watch_s=5, most_stall_ms=1500)
        assert live.code == "ok", live
        assert live.seen.fields.get("fps") == pytest.approx(15, abs=1.5) and live.seen.elapsed_ms < 6000, live
        hls = look("hls", playlist, watch_s=5, most_stall_ms=1500)
        assert hls.code == "ok", hls
        assert hls.seen.fields["play_ms"] > 3000
        pushed = look("rtmp_push", f"rtmp://127.0.0.1:{rtmp}/live/room2", watch_s=3)
        assert pushed.code == "ok" and pushed.seen.event == "push_ok"
        nobody = look("rtmp", f"rtmp://127.0.0.1:{rtmp}/live/room3", watch_s=2)
        assert nobody.code != "ok" and nobody.seen.event == "", nobody
        refused = look("rtmp_push", f"rtmp://127.0.0.1:{rtmp}/nothing/room1", watch_s=2)
        assert refused.code == "push", refused
    finally:
        anchor.kill()
        anchor.wait()
