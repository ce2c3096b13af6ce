"""The picture and sound that a probe pushes: moving bars and a tone, encoded small, given out as time passes."""

import fractions
import time
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.container import OutputContainer

WIDTH, HEIGHT, FPS = 320, 180, 15
RATE, TONE_HZ, LEVEL = 48_000, 440, 0.2
CHUNK = 1024
VIDEO_BPS, AUDIO_BPS = 300_000, 48_000
H264 = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}


def picture(number: int) -> Any:
    """Frame `number`: bars that move, and a square that says which second it is."""
    shades = (np.arange(WIDTH) + 4 * number) % 256
    frame = np.repeat(shades[np.newaxis, :], HEIGHT, axis=0).astype(np.uint8)
    place = (number // FPS * 20) % (WIDTH - 20)
    frame[80:100, place : place + 20] = 255
    return np.repeat(frame[:, :, np.newaxis], 3, axis=2)


def video_frame(number: int) -> av.VideoFrame:
    """The frame with its time stamp."""
    frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
    frame.pts, frame.time_base = number, fractions.Fraction(1, FPS)
    return frame


def audio_frame(number: int, *, samples: int = CHUNK, rate: int = RATE) -> av.AudioFrame:
    """Chunk `number` of the tone, mono, 16 bit."""
    times = (np.arange(samples) + number * samples) / rate
    wave = (np.sin(2 * np.pi * TONE_HZ * times) * LEVEL * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(wave[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, number * samples, fractions.Fraction(1, rate)
    return frame


class Card:
    """Encodes the card into a container. `bytes` and `frames` count what was handed to it."""

    def __init__(self, container: OutputContainer) -> None:
        self.bytes = 0
        self.frames = 0
        self._container = container
        self._video: Any = container.add_stream("libx264", rate=FPS, options=H264)
        self._video.width, self._video.height, self._video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._video.bit_rate, self._video.gop_size = VIDEO_BPS, 2 * FPS
        self._audio: Any = container.add_stream("aac", rate=RATE, layout="mono")
        self._audio.bit_rate = AUDIO_BPS
        self._chunks = 0

    def push(self, lasts_s: float) -> Iterator[float]:
        """Push for so long at the pace of the clock; gives after each frame by how many seconds it is late."""
        begun = time.monotonic()
        while self.frames < lasts_s * FPS:
            due = begun + self.frames / FPS
            time.sleep(max(due - time.monotonic(), 0))
            self._mux(self._video.encode(video_frame(self.frames)))
            self.frames += 1
            while self._chunks * CHUNK / RATE < self.frames / FPS:
                self._mux(self._audio.encode(audio_frame(self._chunks)))
                self._chunks += 1
            yield max(time.monotonic() - due - 1 / FPS, 0.0)

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            self.bytes += packet.size
            self._container.mux(packet)
