"""The newest points of one series in their order of time, whatever order they came in.

What a point adds depends on the one before it: a counter grew since then, a reading held since then. A point that comes
late changes what the next one adds. So each arrival is told as steps that now hold and steps that no longer do, and any
order of the same points ends in the same sums.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from aftercare.ingest.points.block import Distribution

# Exports come every 10 to 60 s: what is older than this many of them is taken to be settled.
KEPT = 16


class Moment(NamedTuple):
    """A point of a series: a number, or a histogram."""

    ts: int
    value: float
    distribution: Distribution | None = None


@dataclass(frozen=True)
class Step:
    """From one point to the next; `sign` is -1 where it no longer holds, `before` is None for the first one known."""

    sign: int
    before: Moment | None
    now: Moment


class Course:
    """The points of one series."""

    def __init__(self, moments: list[Moment] | None = None) -> None:
        self.moments = moments or []

    def copy(self) -> "Course":
        """The same, to be gone on with by itself."""
        return Course(list(self.moments))

    @property
    def is_full(self) -> bool:
        """Whether there may be older points than those held."""
        return len(self.moments) >= KEPT

    def insert(self, moment: Moment) -> Iterator[Step]:
        """The steps that a point changes: none where one of its time is there, or where it is older than all held."""
        place = bisect_left(self.moments, moment.ts, key=lambda held: held.ts)
        if place < len(self.moments) and self.moments[place].ts == moment.ts:
            return
        if place == 0 and self.is_full:
            return
        before = self.moments[place - 1] if place else None
        after = self.moments[place] if place < len(self.moments) else None
        self.moments.insert(place, moment)
        if len(self.moments) > KEPT:
            del self.moments[0]
        yield Step(1, before, moment)
        if after is not None:
            yield Step(-1, before, after)
            yield Step(1, moment, after)
