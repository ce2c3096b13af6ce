"""A real live HLS stream out of a small clip, and a tap that makes one viewer's segments slow.

`/demo/live/<viewer>/index.m3u8` is a live playlist over the clip in a loop; `POST /demo/live/<viewer>/throttle` with
`{"kbps": 100, "seconds": 30}` slows that viewer's segments down, `{"kbps": 0}` lets them go again.
"""

import asyncio
import json
import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEDIA = Path(__file__).parent / "media"
SEGMENT_S = 2
WINDOW = 6
ADDRESS = re.compile(r"^/demo/live/([a-z0-9-]{1,40})/(index\.m3u8|throttle|(\d{1,12})\.ts)$")
MOST_VIEWERS = 1000
MOST_THROTTLE_S = 120
CHUNK_S = 0.1


class LiveStream:
    """An ASGI part. Holds the clip in memory and which viewers are slowed down until when."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._segments = [path.read_bytes() for path in sorted(MEDIA.glob("seg*.ts"))]
        self._slow: dict[str, tuple[float, float]] = {}  # viewer: (kbps, until epoch second)

    def serves(self, path: str) -> bool:
        """Whether this address is the stream's."""
        return path.startswith("/demo/live/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        match = ADDRESS.match(scope["path"])
        if match is None:
            return await self._reply(send, 404, b"", "text/plain")
        viewer, what, number = match.groups()
        if what == "throttle":
            return await self._set_throttle(viewer, scope, receive, send)
        if what == "index.m3u8":
            return await self._reply(send, 200, self.playlist().encode(), "application/vnd.apple.mpegurl")
        newest = int(self._clock()) // SEGMENT_S
        if not newest - 3 * WINDOW <= int(number) < newest:
            return await self._reply(send, 404, b"", "text/plain")
        return await self._send_segment(viewer, self._segments[int(number) % len(self._segments)], send)

    def playlist(self) -> str:
        """The live playlist of this moment: the last segments that are over."""
        count = len(self._segments)
        end = int(self._clock()) // SEGMENT_S
        first = end - WINDOW
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
        # Each turn of the loop begins anew in time; the count of turns gone by is the discontinuity sequence.
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{(first - 1) // count}")
        for number in range(first, end):
            if number % count == 0:
                lines.append("#EXT-X-DISCONTINUITY")
            lines += [f"#EXTINF:{SEGMENT_S:.3f},", f"{number}.ts"]
        return "\n".join(lines) + "\n"

    async def _set_throttle(self, viewer: str, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "POST":
            return await self._reply(send, 405, b"", "text/plain")
        body = (await receive()).get("body", b"")[:1000]
        try:
            asked = json.loads(body)
            kbps, seconds = number(asked["kbps"]), min(number(asked.get("seconds", 30)), MOST_THROTTLE_S)
        except (ValueError, KeyError, TypeError, AttributeError):
            said = b'{"error": "send {\\"kbps\\": number, \\"seconds\\": number}"}\n'
            return await self._reply(send, 400, said, "application/json")
        now = self._clock()
        self._slow = {name: slow for name, slow in self._slow.items() if slow[1] > now}
        if kbps <= 0:
            self._slow.pop(viewer, None)
        elif len(self._slow) < MOST_VIEWERS:
            self._slow[viewer] = (max(kbps, 8.0), now + seconds)
        return await self._reply(send, 204, b"", "application/json")

    def _kbps(self, viewer: str) -> float:
        kbps, until = self._slow.get(viewer, (0.0, 0.0))
        return kbps if self._clock() < until else 0.0

    async def _send_segment(self, viewer: str, segment: bytes, send: Any) -> None:
        headers = self._headers("video/mp2t", len(segment))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        place = 0
        while place < len(segment) and (kbps := self._kbps(viewer)):
            piece = segment[place : place + int(kbps * 1000 / 8 * CHUNK_S)]
            place += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(CHUNK_S)
        await send({"type": "http.response.body", "body": segment[place:]})

    async def _reply(self, send: Any, status: int, body: bytes, kind: str) -> None:
        await send({"type": "http.response.start", "status": status, "headers": self._headers(kind, len(body))})
        await send({"type": "http.response.body", "body": body})

    @staticmethod
    def _headers(kind: str, length: int) -> list[tuple[bytes, bytes]]:
        return [
            (b"content-type", kind.encode()),
            (b"content-length", str(length).encode()),
            (b"cache-control", b"no-store"),
            (b"access-control-allow-origin", b"*"),
        ]


def number(value: Any) -> float:
    """The value as a number that can be counted with. Raises ValueError or TypeError for anything else."""
    if not math.isfinite(found := float(value)):
        raise ValueError(f"{found} is not a number to count with")
    return found
