"""A live HTTP-FLV stream on loopback: a clip sent at the pace it plays, as long as it flows."""

import http.server
import subprocess
import threading
import time
from typing import Any

from tests.smoke.live import SEGMENT_S

AHEAD_S = 1.0
STEP_S = 0.1


def as_flv(segments: list[bytes]) -> bytes:
    """Segments as one FLV file, encoded anew: so that its metadata say the bitrates, as an encoder's do."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "mpegts",
        "-i",
        "-",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "30",
    ]
    command += ["-b:v", "450k", "-maxrate", "450k", "-bufsize", "450k", "-c:a", "aac", "-b:a", "32k", "-f", "flv", "-"]
    return subprocess.run(command, input=b"".join(segments), capture_output=True, check=True, timeout=60).stdout


class Flow:
    """Serves the clip to whoever asks, AHEAD_S ahead of its pace; nothing more while `flows` is clear."""

    def __init__(self, segments: list[bytes], flows: threading.Event) -> None:
        clip = as_flv(segments)
        per_s = len(clip) / (len(segments) * SEGMENT_S)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "video/x-flv")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                sent, step = int(AHEAD_S * per_s), int(STEP_S * per_s)
                try:
                    self.wfile.write(clip[:sent])
                    for begin in range(sent, len(clip), step):
                        time.sleep(STEP_S)
                        flows.wait()
                        self.wfile.write(clip[begin : begin + step])
                except OSError:
                    return

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
