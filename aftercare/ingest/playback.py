"""What a player's states add up to: time playing and stalled, the first frame, a failed or abandoned start.

Order-free: a report that comes late is put where it belongs and the difference is told, so that any order of the
same reports ends in the same sums. Where a player tells its states itself, by events, what its requests say in a log
adds nothing: the same moments, seen later and by another clock.
"""

import bisect
from collections.abc import Sequence
from dataclasses import replace

from aftercare.ingest.states import Point, State, Sums, advance, is_event, merge

KEPT_POINTS = 64


class Playback:
    """The recent points of one session and what has been told of them."""

    def __init__(self, *, is_whole: bool = False) -> None:
        self._is_whole = is_whole  # until `trim`: for points older than those usually held
        self._base = State()
        self._points: list[Point] = []
        self._end = State()
        self._told = Sums()
        self._by_events = False
        self._by_requests = False

    @classmethod
    def of(cls, points: Sequence[Point], *, is_whole: bool = False) -> "Playback":
        """The playback of points that were told before, in time's order."""
        made = cls(is_whole=is_whole)
        made._by_events = any(map(is_event, points))
        for point in points:
            made.add(point)
        return made

    def needs_history(self, point: Point) -> bool:
        """Whether points that are no longer held would be needed to take this one."""
        replaces = self._by_requests and not self._by_events and is_event(point)
        return self._base.at >= 0 and (replaces or self._base.at > point[0])

    @property
    def is_started(self) -> bool:
        """Whether the first frame has been seen."""
        return self._end.started

    def add(self, point: Point) -> Sums:
        """Put a point where it belongs; returns what that changes, happenings that no longer hold as minus.

        The first state that the player tells itself takes back whatever its requests told.
        """
        change = Sums()
        if len(point) == 4:
            if self._by_events:
                return change
            self._by_requests = True
        elif not self._by_events and is_event(point):
            self._by_events = True
            if self._by_requests:
                self._points = [held for held in self._points if len(held) == 3]
                bisect.insort(self._points, point)
                return self._replayed()
        if not self._points or point >= self._points[-1]:
            self._points.append(point)
            advance(self._end, point, change)
            merge(self._told, change)
        else:
            bisect.insort(self._points, point)
            change = self._replayed()
        if not self._is_whole:
            self.trim()
        return change

    def _replayed(self) -> Sums:
        state, sums = replace(self._base), Sums()
        for point in self._points:
            advance(state, point, sums)
        change = Sums(
            sums.interval_ms - self._told.interval_ms,
            sums.play_ms - self._told.play_ms,
            sums.stall_ms - self._told.stall_ms,
            sums.stall_count - self._told.stall_count,
            [h for h in sums.happenings if h not in self._told.happenings],
        )
        change.happenings += [
            ("-" + n, at, ms) for n, at, ms in self._told.happenings if (n, at, ms) not in sums.happenings
        ]
        self._end, self._told = state, sums
        return change

    def trim(self) -> None:
        """Hold no more than the newest points."""
        self._is_whole = False
        while len(self._points) > KEPT_POINTS:
            gone = Sums()
            advance(self._base, self._points.pop(0), gone)
            self._told.interval_ms -= gone.interval_ms
            self._told.play_ms -= gone.play_ms
            self._told.stall_ms -= gone.stall_ms
            self._told.stall_count -= gone.stall_count
            self._told.happenings = self._told.happenings[len(gone.happenings) :]
