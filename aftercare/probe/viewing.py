"""Watching an opened stream: what arrives, what it looks and sounds like, and what a player would have made of it."""

import time
from collections.abc import Iterator
from typing import Any

import av
from av.container import InputContainer

from aftercare.probe.content import Picture, Sound, middle, require_content
from aftercare.probe.playout import Playout
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

# A first frame later than this is none: a viewer has left.
PATIENCE_S = 12.0
# A viewer's player stops loading when it has this much; so do we, and a recording is not fetched whole.
MOST_AHEAD_S = 6.0


class Viewing:
    """One viewing of `watch_s` seconds from the first frame on."""

    def __init__(self, run: Run, container: InputContainer, watch_s: float) -> None:
        self._run = run
        self._watch_s = watch_s
        self._video = container.streams.video[0] if container.streams.video else None
        self._audio = container.streams.audio[0] if container.streams.audio else None
        if self._video is None and self._audio is None:
            raise Failed("invalid_media", "there is neither video nor audio in it")
        if self._video is not None:
            self._video.thread_type = "SLICE"
        self._opened_ms = run.ms
        self._begun = time.monotonic()
        self._first_at: float | None = None
        self._playout = Playout()
        self._picture, self._sound = Picture(), Sound()
        self._bytes = self._frames = self._broken = 0
        self._size = (0, 0)
        self._keys: list[float] = []
        self._offsets: list[float] = []
        self._span: dict[str, list[float]] = {}
        self._last_frame_s: float | None = None
        self._has_packet = False

    def watch(self, packets: Iterator[Any]) -> None:
        """Until the time is over or the stream is. Raises Failed where no frame ever came."""
        for found in packets:
            now = time.monotonic()
            if found is not None:
                self._take(*found)
            self._playout.advance(now - self._begun)
            if self._first_at is None and now - self._begun > PATIENCE_S:
                raise Failed("no_frame", f"no frame within {PATIENCE_S:g} s of opening")
            if self._first_at is not None and now - self._first_at >= self._watch_s:
                return
            while self._playout.ahead_s > MOST_AHEAD_S and time.monotonic() - (self._first_at or now) < self._watch_s:
                time.sleep(0.05)
                self._playout.advance(time.monotonic() - self._begun)
        if self._first_at is None:
            raise Failed("no_frame", "the stream ended before its first frame")
        self._run_out()

    def _run_out(self) -> None:
        """The stream ended by itself: play what is left."""
        ends = min(time.monotonic() + self._playout.ahead_s, (self._first_at or 0) + self._watch_s)
        time.sleep(max(ends - time.monotonic(), 0))
        self._playout.end(ends - self._begun)

    def _take(self, at: float, packet: Any) -> None:
        if packet.dts is None or packet.time_base is None:
            return
        if not self._has_packet:
            self._has_packet = True
            self._run.done("first_packet", self._opened_ms)
        media_s = float(packet.dts * packet.time_base)
        self._bytes += packet.size
        kind = packet.stream.type
        self._span.setdefault(kind, [media_s, media_s])[1] = media_s
        if kind == (self._video or self._audio).type:  # type: ignore[union-attr]
            self._playout.arrive(at - self._begun, media_s)
        if kind == "video" and packet.is_keyframe:
            self._keys.append(media_s)
        if kind == "audio" and "video" in self._span:
            self._offsets.append((self._span["video"][1] - media_s) * 1000)
        self._decode(packet)

    def _decode(self, packet: Any) -> None:
        try:
            frames: list[Any] = packet.decode()
        except av.error.FFmpegError:
            self._broken += 1
            return
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                self._show(frame)
            elif isinstance(frame, av.AudioFrame):
                self._sound.listen(frame)
                if self._video is None:
                    self._first_frame()

    def _show(self, frame: av.VideoFrame) -> None:
        self._first_frame()
        self._frames += 1
        self._size = (frame.width, frame.height)
        shown_s = frame.time
        if shown_s is not None:
            passed = shown_s - self._last_frame_s if self._last_frame_s is not None else 0.0
            self._picture.look(frame, passed if 0 < passed < 5 else 0.0)
            self._last_frame_s = shown_s

    def _first_frame(self) -> None:
        if self._first_at is None:
            self._first_at = time.monotonic()
            self._run.done("first_frame", self._opened_ms)
            self._run.reached("first_frame")

    def _media_s(self) -> float:
        return max((last - first for first, last in self._span.values()), default=0.0)

    def totals(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Fields of a sample, and further words. What is not known is left out."""
        play_ms, stall_ms = round(self._playout.play_s * 1000), round(self._playout.stall_s * 1000)
        media_s = self._media_s()
        fields: dict[str, Any] = {
            "interval_ms": play_ms + stall_ms,
            "play_ms": play_ms,
            "stall_ms": stall_ms,
            "stall_count": self._playout.stalls,
            "bytes": self._bytes,
            "frames": self._frames,
            "frames_dropped": self._broken,
        }
        if media_s > 0.5:
            fields["bitrate_kbps"] = round(self._bytes * 8 / media_s / 1000, 1)
        if self._picture.black.looked_s > 0.5:
            fields["fps"] = round((self._frames - 1) / self._picture.black.looked_s, 2)
        if self._video is not None:
            fields |= {"width": self._size[0], "height": self._size[1]}
            fields |= {"black_ms": round(self._picture.black.total_s * 1000)}
        if self._audio is not None:
            fields["no_sound_ms"] = round(self._sound.silent.total_s * 1000)
        return fields, self._further()

    def _further(self) -> dict[str, Any]:
        gops = [(b - a) * 1000 for a, b in zip(self._keys, self._keys[1:], strict=False) if b > a]
        offset, gop = middle(self._offsets), middle(gops)
        further: dict[str, Any] = {"video": self._video is not None, "audio": self._audio is not None}
        if self._video is not None:
            further["frozen_ms"] = round(self._picture.frozen.total_s * 1000)
        if offset is not None:
            further["av_offset_ms"] = round(offset)
        if gop is not None:
            further["gop_ms"] = round(gop)
        return further

    def judge(self) -> None:
        """Hold what was seen against what is expected. Raises Failed."""
        expect, stall_ms = self._run.target.expect, round(self._playout.stall_s * 1000)
        if not self._playout.play_s:
            raise Failed("never_played", "less than a second of media came in all the time")
        most = expect.get("most_stall_ms")
        if most is not None and stall_ms > most:
            raise Failed("stalled", f"it stalled for {stall_ms} ms; {most} ms is the most")
        if expect.get("content"):
            require_content(self._picture, self._sound)
