"""What is wrong with picture and sound themselves: black, frozen, silent."""

from collections.abc import Sequence
from typing import Any

import av
import numpy as np

from aftercare.probe.types import Failed

# As ffmpeg's blackdetect: a pixel is black below a tenth of the range, a picture with 98% of its pixels black.
BLACK_LUMA, BLACK_SHARE = 38, 0.98
# As ffmpeg's freezedetect and silencedetect: a mean difference below -60 dB for 2 s, a level below -60 dB for 2 s.
STILL_DIFFERENCE, QUIET_LEVEL, LEAST_S = 0.001, 0.001, 2.0
LEAST_BLACK_S = 0.1
ALL_OF_IT = 0.9
WIDTH, HEIGHT = 64, 36


class Spells:
    """Adds up how long something lasted; a spell shorter than `least_s` seconds counts for nothing."""

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s
        self.looked_s = 0.0
        self._over_s = 0.0
        self._open_s = 0.0

    def add(self, is_on: bool, lasted_s: float) -> None:
        """So long it was on, or off."""
        self.looked_s += lasted_s
        if is_on:
            self._open_s += lasted_s
        else:
            self._over_s, self._open_s = self.total_s, 0.0

    def is_all_of_it(self) -> bool:
        """Whether it was on all the time that anybody looked, but for a tenth."""
        return self.looked_s > 0 and self.total_s >= self.looked_s * ALL_OF_IT

    @property
    def total_s(self) -> float:
        """Seconds in all, the spell that is still going on too."""
        return self._over_s + (self._open_s if self._open_s >= self._least_s else 0.0)


class Picture:
    """Looks at every decoded frame, scaled down to 64x36 grey."""

    def __init__(self) -> None:
        self.black = Spells(LEAST_BLACK_S)
        self.frozen = Spells(LEAST_S)
        self._before: Any = None

    def look(self, frame: av.VideoFrame, lasted_s: float) -> None:
        """One frame that stood for `lasted_s` seconds."""
        grey = frame.reformat(width=WIDTH, height=HEIGHT, format="gray8").to_ndarray().astype(np.int16)
        self.black.add(bool((grey < BLACK_LUMA).mean() >= BLACK_SHARE), lasted_s)
        if self._before is not None:
            difference = np.abs(grey - self._before).mean() / 255
            self.frozen.add(bool(difference < STILL_DIFFERENCE), lasted_s)
        self._before = grey


class Sound:
    """Listens to every decoded audio frame."""

    def __init__(self) -> None:
        self.silent = Spells(LEAST_S)

    def listen(self, frame: av.AudioFrame) -> None:
        """One frame."""
        wave: Any = frame.to_ndarray()
        if np.issubdtype(wave.dtype, np.integer):
            wave = wave / np.iinfo(wave.dtype).max
        level = float(np.sqrt(np.mean(np.square(wave.astype(np.float64))))) if wave.size else 0.0
        self.silent.add(level < QUIET_LEVEL, frame.samples / frame.sample_rate)


def require_content(picture: Picture, sound: Sound) -> None:
    """Raises Failed where all of it was black, frozen or silent."""
    for code, spells in (("black", picture.black), ("frozen", picture.frozen), ("silent", sound.silent)):
        if spells.is_all_of_it():
            raise Failed(code, f"all of it is {code}")


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return float(np.median(values)) if values else None
