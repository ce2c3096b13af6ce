"""Sets of 64-bit hashes that forget after a day: small in memory, fast to ask."""

import hashlib

import numpy as np
from numpy.typing import NDArray

HOT = 100_000
HOUR_S = 3600
KEPT_HOURS = 24
NOTHING = np.empty(0, np.uint64)


def hash64(text: str) -> int:
    """The first eight bytes of the text's MD5, big end first: ClickHouse's halfMD5 gives the same."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big")


class Seen:
    """Hashes of the last day. New ones in a set, older ones in a sorted array of 8 bytes each per hour."""

    def __init__(self) -> None:
        self._hot: set[int] = set()
        self._hot_since = 0.0
        self._cold: dict[int, NDArray[np.uint64]] = {}

    def __contains__(self, value: int) -> bool:
        if value in self._hot:
            return True
        wanted = np.uint64(value)
        for values in self._cold.values():
            place = int(np.searchsorted(values, wanted))
            if place < len(values) and values[place] == wanted:
                return True
        return False

    def add(self, value: int, now_s: float) -> None:
        """Remember a hash."""
        if not self._hot:
            self._hot_since = now_s
        self._hot.add(value)
        if len(self._hot) >= HOT or now_s - self._hot_since > HOUR_S:
            self.add_many(np.fromiter(self._hot, np.uint64, len(self._hot)), now_s)
            self._hot.clear()

    def add_many(self, values: NDArray[np.uint64], now_s: float) -> None:
        """Remember many at once, as at start; forgets what is older than a day."""
        hour = int(now_s // HOUR_S)
        for old in [held for held in self._cold if hour - held > KEPT_HOURS]:
            del self._cold[old]
        if len(values):
            self._cold[hour] = np.union1d(self._cold.get(hour, NOTHING), values)
