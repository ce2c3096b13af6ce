"""How often somebody may do something: buckets that fill up again.

They are held in memory, which counts everything: one process serves every page (`aftercare.serve.process`, held to
it by the lock on its data folder).
"""

import threading
from collections import OrderedDict
from datetime import datetime

KEYS_AT_MOST = 50_000


class Allowance:
    """At most `most` at once, and again as many over every `per_s` seconds; for each key by itself."""

    def __init__(self, most: int, per_s: float) -> None:
        self.most = most
        self.rate = most / per_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: datetime) -> float:
        """Take one; 0 where there was one, else the seconds until there is."""
        at = now.timestamp()
        with self._lock:
            left, since = self._left.pop(key, (float(self.most), at))
            left = min(left + max(at - since, 0) * self.rate, self.most)
            is_there = left >= 1
            self._left[key] = (left - 1 if is_there else left, at)
            if len(self._left) > KEYS_AT_MOST:
                self._left.popitem(last=False)
        return 0.0 if is_there else (1 - left) / self.rate

    def forget(self) -> None:
        """Begin anew, with every bucket full."""
        with self._lock:
            self._left.clear()
