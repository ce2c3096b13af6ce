"""Where the numbers lie in what a sender sends again and again.

A ResourceMetrics of the same sender is, from one export to the next, the same bytes but for its times and values, which
have fixed lengths. So what was read once step by step is kept as a layout: the bytes without the numbers, the places of
the numbers, and their series. Whatever is equal to it but for the numbers is read by picking them out, all at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aftercare.ingest.points.arrays import Ids, Times, Values

# A start time, a time and a value, each a tag and eight bytes; the start time may be missing. The attributes follow.
START_TAG, TIME_TAG, DOUBLE_TAG, INT_TAG = 0x11, 0x19, 0x21, 0x31
FULL_HEAD, SHORT_HEAD = 27, 18
VALUE, TIME, START = np.arange(-8, 0), np.arange(-17, -9), np.arange(-26, -18)

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Point:
    """A number's data point found step by step: where its attributes begin, its series, and what it is called."""

    head: int
    series: int
    is_int: bool
    has_start: bool
    name: str


class Layout:
    """The layout of one ResourceMetrics."""

    def __init__(self, piece: bytes, start: int, points: list[Point]) -> None:
        self.heads: Places = np.array([point.head - start for point in points])
        self.starts: Places = self.heads[np.array([point.has_start for point in points])]
        self.ids: Ids = np.array([point.series for point in points], np.uint64)
        self.is_int = np.array([point.is_int for point in points])
        self.names = [point.name for point in points]
        self.blank = self.without_numbers(np.frombuffer(piece, np.uint8))

    def without_numbers(self, piece: Bytes) -> bytes:
        """The bytes with every time and value set to nothing."""
        blank = piece.copy()
        for places, numbers in ((self.heads, VALUE), (self.heads, TIME), (self.starts, START)):
            blank[places[:, None] + numbers] = 0
        return blank.tobytes()

    def fits(self, piece: Bytes) -> bool:
        """Whether these bytes, as many as mine, are mine but for the numbers."""
        return self.without_numbers(piece) == self.blank

    def numbers(self, piece: Bytes) -> tuple[Times, Values]:
        """The times in milliseconds and the values."""
        held = piece[self.heads[:, None] + VALUE]
        values = held.view("<f8").ravel()
        if self.is_int.any():
            values = np.where(self.is_int, held.view("<i8").ravel().astype(np.float64), values)
        nanoseconds = piece[self.heads[:, None] + TIME].view("<u8").ravel()
        return (nanoseconds // np.uint64(1_000_000)).astype(np.int64), values
