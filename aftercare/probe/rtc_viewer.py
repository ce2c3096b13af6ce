"""Watching a WebRTC call: its frames, the gaps between them, and what they look and sound like."""

import asyncio
import time
from typing import Any

from aiortc import MediaStreamError, MediaStreamTrack

from aftercare.probe.content import Picture, Sound, require_content
from aftercare.probe.playing import watch_s
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

FRAME_S = 10.0
# Gaps between frames from here on are told, raw.
GAP_MS, MOST_GAPS = 200, 1000


class Viewer:
    """Takes the frames of a call's tracks."""

    def __init__(self, run: Run, tracks: list[MediaStreamTrack]) -> None:
        self._run = run
        self._tracks = tracks
        self._picture, self._sound = Picture(), Sound()
        self._gaps: list[int] = []
        self._frames = 0
        self._size = (0, 0)
        self._shown_at: float | None = None
        self._heard = False
        self._first = asyncio.Event()
        self._opened_ms = run.ms

    async def watch(self) -> None:
        """Wait for a frame, then watch. Raises Failed."""
        takers = [asyncio.ensure_future(self._take(track)) for track in self._tracks]
        try:
            await asyncio.wait_for(self._first.wait(), FRAME_S)
            begun = self._run.ms
            await asyncio.sleep(watch_s(self._run))
            self._totals(self._run.ms - begun)
        except TimeoutError:
            raise Failed("no_frame", f"no frame within {FRAME_S:g} s of connecting") from None
        finally:
            for taker in takers:
                taker.cancel()
        self._judge()

    async def _take(self, track: MediaStreamTrack) -> None:
        has_video = any(other.kind == "video" for other in self._tracks)
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            if track.kind == "video":
                self._show(frame)
            else:
                self._heard = True
                self._sound.listen(frame)
            if not self._first.is_set() and (track.kind == "video" or not has_video):
                self._run.done("first_frame", self._opened_ms)
                self._run.reached("first_frame")
                self._first.set()

    def _show(self, frame: Any) -> None:
        now = time.monotonic()
        passed = now - self._shown_at if self._shown_at is not None else 0.0
        self._shown_at = now
        self._frames += 1
        self._size = (frame.width, frame.height)
        self._picture.look(frame, passed)
        if passed * 1000 > GAP_MS and len(self._gaps) < MOST_GAPS:
            self._gaps.append(round(passed * 1000))

    def _totals(self, lasted_ms: int) -> None:
        open_gap = round((time.monotonic() - self._shown_at) * 1000) if self._shown_at is not None else 0
        gaps = [*self._gaps, *([open_gap] if open_gap > GAP_MS else [])]
        fields: dict[str, Any] = {"interval_ms": lasted_ms, "frames": self._frames}
        if self._frames:
            fields |= {"video_ms": lasted_ms, "video_gaps": gaps, "fps": round(self._frames * 1000 / lasted_ms, 2)}
            fields |= {"width": self._size[0], "height": self._size[1]}
            fields["black_ms"] = round(self._picture.black.total_s * 1000)
        if self._heard:
            fields |= {"audio_ms": lasted_ms, "no_sound_ms": round(self._sound.silent.total_s * 1000)}
        self._run.seen.fields = fields
        self._run.seen.detail = {
            "frozen_ms": round(self._picture.frozen.total_s * 1000),
            "longest_gap_ms": max(gaps, default=0),
        }

    def _judge(self) -> None:
        expect = self._run.target.expect
        most, longest = expect.get("most_stall_ms"), self._run.seen.detail["longest_gap_ms"]
        if most is not None and longest > most:
            raise Failed("stalled", f"a gap of {longest} ms between frames; {most} ms is the most")
        if expect.get("content"):
            require_content(self._picture, self._sound)
