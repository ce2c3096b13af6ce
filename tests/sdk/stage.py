"""The pages of a customer: a live stream, a clip, players, and the SDK attached to them in Chromium."""

import json
import mimetypes
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.smoke.live import SEGMENT, LiveClip

ROOT = Path(__file__).parents[2]
BLANK = b"""<!doctype html><meta charset="utf-8"><title>A customer's page</title>
<video muted playsinline width="640" height="360"></video><script src="/hls.min.js"></script>"""
PATIENCE_S = 20


class Stage(LiveClip):
    """Serves `/page`, the stream of LiveClip, the SDK at `/sdk/`, and what else is put into `files`.

    While `flows` is clear, segments of the stream and the files named in `slow` wait: media dry up, and go on at once
    when it is set.
    """

    def __init__(self, segments: list[bytes]) -> None:
        self.files: dict[str, bytes] = {}
        self.slow: set[str] = set()
        self.flows = threading.Event()
        self.flows.set()
        super().__init__(segments)

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, type and body of an address."""
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if path == "/page":
            return 200, "text/html; charset=utf-8", BLANK
        if SEGMENT.match(path) or path in self.slow:
            self.flows.wait(PATIENCE_S)
        if path in self.files:
            return 200, kind, self.files[path]
        if path.startswith("/sdk/"):
            return 200, "text/javascript", (ROOT / path[1:]).read_bytes()
        return super().answer(path)


def as_mp4(segments: list[bytes]) -> bytes:
    """Segments as one clip that a `<video>` plays by itself."""
    command = ["ffmpeg", "-v", "error", "-f", "mpegts", "-i", "-", "-c:v", "copy", "-c:a", "aac", "-f", "mp4"]
    command += ["-movflags", "frag_keyframe+empty_moov", "-"]
    return subprocess.run(command, input=b"".join(segments), capture_output=True, check=True, timeout=60).stdout


def attach(page: Page, sdk: str, script: str, **options: Any) -> None:
    """Import the SDK from this address, make `a` with the options, and run a script that may use it."""
    page.evaluate(
        f"""async () => {{
          const {{ aftercare }} = await import({json.dumps(sdk)});
          const a = (window.a = aftercare({json.dumps(options)}));
          const video = (window.video = document.querySelector("video"));
          {script}
        }}"""
    )


def until(what: str, look: Callable[[], Any], wait: Callable[[], Any] = lambda: time.sleep(0.05)) -> Any:
    """What `look` finds, once it finds something."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        if found := look():
            return found
        wait()
    raise AssertionError(f"{what} within {PATIENCE_S} s")
