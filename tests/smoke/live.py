"""A live stream on loopback, from a clip that ffmpeg has just made, with a page that plays it by hls.js."""

import http.server
import json
import re
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

HLS_JS = Path(__file__).parents[2] / "aftercare" / "web" / "static" / "web" / "vendor" / "hls" / "hls.min.js"
PAGE = Path(__file__).with_name("player.html")
SEGMENT_S = 2
CLIP_S = 60
# The window grows and never slides: a player that stalls goes on where it stood and need not seek to the live edge.
FIRST_SEGMENTS = 6
SEGMENT = re.compile(r"^/live/(\d{1,6})\.ts$")


def make_clip(folder: Path) -> list[bytes]:
    """A test picture and tone of CLIP_S seconds, some 500 kbit/s at a constant rate, cut into segments."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=15:duration={CLIP_S}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={CLIP_S}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-keyint_min", "30"]
    command += ["-b:v", "450k", "-minrate", "450k", "-maxrate", "450k", "-bufsize", "450k"]
    command += ["-x264-params", "nal-hrd=cbr:scenecut=0", "-c:a", "aac", "-b:a", "32k"]
    command += ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_list_size", "0"]
    command += ["-hls_segment_filename", str(folder / "seg%03d.ts"), str(folder / "index.m3u8")]
    subprocess.run(command, check=True, timeout=120)
    return [path.read_bytes() for path in sorted(folder.glob("seg*.ts"))]


class LiveClip:
    """Serves `/player.html`, `/live/index.m3u8` and its segments; the live edge moves on with the clock."""

    def __init__(self, segments: list[bytes]) -> None:
        self.segments = segments
        self._begun = time.monotonic()
        live = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, kind, body = live.answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, type and body of an address."""
        if path == "/player.html":
            return 200, "text/html; charset=utf-8", PAGE.read_bytes()
        if path == "/hls.min.js":
            return 200, "text/javascript", HLS_JS.read_bytes()
        if path == "/live/index.m3u8":
            return 200, "application/vnd.apple.mpegurl", self.playlist().encode()
        found = SEGMENT.match(path)
        if found and int(found[1]) < self._newest():
            return 200, "video/mp2t", self.segments[int(found[1]) % len(self.segments)]
        return 404, "text/plain", b""

    def _newest(self) -> int:
        return FIRST_SEGMENTS + int(time.monotonic() - self._begun) // SEGMENT_S

    def playlist(self) -> str:
        """All segments that are over."""
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}", "#EXT-X-MEDIA-SEQUENCE:0"]
        for number in range(self._newest()):
            if number and number % len(self.segments) == 0:
                lines.append("#EXT-X-DISCONTINUITY")
            lines += [f"#EXTINF:{SEGMENT_S:.3f},", f"{number}.ts"]
        return "\n".join(lines) + "\n"


class Pager:
    """The engineer's webhook: what arrived, oldest first."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Any]] = []
        pager = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["type"] == "page":
                    pager.pages.append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/pager"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
