"""Novelty: how far a value lies from everything its series has ever shown, beside how far its values usually reach.

Nothing is assumed of season, trend or distribution: what was seen before, at whatever hour, is not new. A value in a
gap between two common levels is as new as one beyond all. The idea is that of nearest-neighbour novelty detection; the
scale, the mean of three beside the value, and that only a record counts are ours, chosen on 34 series of the Numenta
Anomaly Benchmark.
"""

import bisect
from collections import deque
from dataclasses import dataclass, field
from typing import Any

# The newest values are held back from memory: a trouble that lasts must not make itself usual at once.
HELD_BACK = 20
# Too few values to be compared with say nothing.
FEWEST = 10
# The scale: from the 5th to the 95th percentile, and half of how far the longer tail reaches beyond the middle, so that
# the next value of a heavy tail is no news.
LOW, HIGH, TAIL = 0.05, 0.95, 0.5
# A small step that stays shows in the mean of three values before it shows in one; it counts half.
MEAN_OF, MEAN_COUNTS = 3, 0.5
# One trouble is one alarm: only what is newer than all of so many values before counts, and clearly so.
RECORD_OF, CLEARLY = 100, 1.1
# So many values are remembered: at one a minute two weeks.
REMEMBERED = 20_000


@dataclass
class Memory:
    """The values of one series that it is compared with, sorted, and the newest ones that wait to become part of it."""

    known: list[float] = field(default_factory=list)
    order: deque[float] = field(default_factory=deque)
    waiting: deque[float] = field(default_factory=deque)

    def novelty(self, value: float) -> float:
        """The gap to the nearest known value by the scale of all; then the value waits."""
        gap = self._gap(value)
        self.waiting.append(value)
        if len(self.waiting) > HELD_BACK:
            self._learn(self.waiting.popleft())
        return gap

    def _gap(self, value: float) -> float:
        known, count = self.known, len(self.known)
        if count < FEWEST:
            return 0.0
        at = bisect.bisect_left(known, value)
        beside = [abs(value - known[place]) for place in (at - 1, at) if 0 <= place < count]
        middle = known[count // 2]
        reach = max(known[-1] - middle, middle - known[0])
        scale = known[min(count - 1, int(HIGH * count))] - known[int(LOW * count)] + TAIL * reach
        # A series that never moved has no scale: its smallest digit is taken.
        return min(beside) / max(scale, 1e-9 * abs(known[-1]) + 1e-12)

    def _learn(self, value: float) -> None:
        bisect.insort(self.known, value)
        self.order.append(value)
        if len(self.order) > REMEMBERED:
            oldest = self.order.popleft()
            del self.known[bisect.bisect_left(self.known, oldest)]


@dataclass
class Detector:
    """The detector of one series. `state` and `restored` carry it over a restart."""

    single: Memory = field(default_factory=Memory)
    means: Memory = field(default_factory=Memory)
    newest: deque[float] = field(default_factory=lambda: deque(maxlen=MEAN_OF))
    records: deque[tuple[int, float]] = field(default_factory=deque)
    count: int = 0

    def observe(self, value: float) -> float:
        """The value's score: 0 for what is not new, or no newer than what lately was; else the gap by the scale.

        A value that is no number says nothing and is not remembered.
        """
        if value != value or value in (float("inf"), float("-inf")):
            return 0.0
        self.newest.append(value)
        mean = sum(self.newest) / len(self.newest)
        new = max(self.single.novelty(value), MEAN_COUNTS * self.means.novelty(mean))
        return new if self._is_record(new) else 0.0

    def _is_record(self, new: float) -> bool:
        while self.records and self.records[0][0] < self.count - RECORD_OF:
            self.records.popleft()
        is_record = new > CLEARLY * (self.records[0][1] if self.records else 0.0)
        while self.records and self.records[-1][1] <= new:
            self.records.pop()
        self.records.append((self.count, new))
        self.count += 1
        return is_record

    def band(self) -> tuple[float, float, float] | None:
        """The 5th percentile, the middle and the 95th of what it knows; None where that is too little."""
        known, count = self.single.known, len(self.single.known)
        if count < FEWEST:
            return None
        return known[int(LOW * count)], known[count // 2], known[min(count - 1, int(HIGH * count))]

    def state(self) -> dict[str, Any]:
        """Everything it knows, as JSON can hold it."""
        memories = {
            name: {"order": list(memory.order), "waiting": list(memory.waiting)}
            for name, memory in (("single", self.single), ("means", self.means))
        }
        records = [list(record) for record in self.records]
        return {**memories, "newest": list(self.newest), "records": records, "count": self.count}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> "Detector":
        """The detector that wrote this state."""
        single, means = (
            Memory(sorted(state[name]["order"]), deque(state[name]["order"]), deque(state[name]["waiting"]))
            for name in ("single", "means")
        )
        records = deque((int(at), float(new)) for at, new in state["records"])
        return cls(single, means, deque(state["newest"], maxlen=MEAN_OF), records, int(state["count"]))
