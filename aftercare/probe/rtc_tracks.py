"""The test card as WebRTC tracks."""

import asyncio
import time
from typing import Any

from aiortc import MediaStreamTrack

from aftercare.probe.testcard import FPS, audio_frame, video_frame

OPUS_RATE, OPUS_SAMPLES = 48_000, 960


class Paced(MediaStreamTrack):
    """Gives out frames as their time comes."""

    period_s = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self._begun: float | None = None

    async def wait(self) -> int:
        """The number of the frame that is due."""
        if self._begun is None:
            self._begun = time.monotonic()
        await asyncio.sleep(max(self._begun + self.number * self.period_s - time.monotonic(), 0))
        self.number += 1
        return self.number - 1


class CardVideo(Paced):
    """The card's picture."""

    kind = "video"
    period_s = 1 / FPS

    async def recv(self) -> Any:
        """The next frame."""
        return video_frame(await self.wait())


class CardAudio(Paced):
    """The card's tone."""

    kind = "audio"
    period_s = OPUS_SAMPLES / OPUS_RATE

    async def recv(self) -> Any:
        """The next 20 ms."""
        return audio_frame(await self.wait(), samples=OPUS_SAMPLES, rate=OPUS_RATE)
