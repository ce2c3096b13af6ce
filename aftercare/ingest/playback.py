"""What a player's states add up to: time playing and stalled, the first frame, a failed or abandoned start.

Order-free: a report that comes late is put where it belongs and the difference is told, so that any order of the
same reports ends in the same sums. Where a player tells its states itself, by events, what its requests say in a log
adds nothing: the same moments, seen later and by another clock.
"""

from collections import Counter
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
        """The playback of points that were told before."""
        made = cls(is_whole=is_whole)
        made.add_all(sorted(points))
        return made

    def needs_history(self, point: Point) -> bool:
        """Whether points that may no longer be held would be needed to take this one."""
        replaces = self._by_requests and not self._by_events and is_event(point)
        return replaces or self._base.at > point[0]

    @property
    def is_started(self) -> bool:
        """Whether the first frame has been seen."""
        return self._end.started

    def add(self, point: Point) -> Sums:
        """Put one point where it belongs; returns what that changes."""
        return self.add_all([point])[0]

    def add_all(self, points: Sequence[Point]) -> list[Sums]:
        """Put points, in time's order, where they belong; returns what each changes.

        Happenings that no longer hold come as minus. What late points change is told by the last of them, so that many
        cost no more than one. The first state that the player tells itself takes back whatever its requests told.
        """
        changes = [Sums() for _ in points]
        is_replaced = self._turn_to_events(points)
        wanted = [at for at, point in enumerate(points) if len(point) == 3 or not self._by_events]
        self._by_requests = self._by_requests or any(len(points[at]) == 4 for at in wanted)
        late = [at for at in wanted if self._points and points[at] < self._points[-1]]
        if late or is_replaced:
            self._points = sorted([*self._points, *(points[at] for at in late)])
            changes[late[-1] if late else wanted[0]] = self._replayed()
        for at in wanted[len(late) :]:
            change = Sums()
            self._points.append(points[at])
            advance(self._end, points[at], change)
            merge(self._told, change)
            merge(changes[at], change)
        if not self._is_whole:
            self.trim()
        return changes

    def _turn_to_events(self, points: Sequence[Point]) -> bool:
        """From the player's first own state on, only its own count; whether that drops any that counted before."""
        if self._by_events or not any(map(is_event, points)):
            return False
        self._by_events = True
        kept: list[Point] = [held for held in self._points if len(held) == 3]
        is_replaced, self._points = len(kept) < len(self._points), kept
        return is_replaced

    def _replayed(self) -> Sums:
        state, sums = replace(self._base), Sums()
        for point in self._points:
            advance(state, point, sums)
        before, after = Counter(self._told.happenings), Counter(sums.happenings)
        gone = [("-" + name, at, ms) for name, at, ms in (before - after).elements()]
        change = Sums(
            sums.interval_ms - self._told.interval_ms,
            sums.play_ms - self._told.play_ms,
            sums.stall_ms - self._told.stall_ms,
            sums.stall_count - self._told.stall_count,
            [*(after - before).elements(), *gone],
        )
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
