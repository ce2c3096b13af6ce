"""What a player's states add up to: time playing and stalled, the first frame, a failed or abandoned start.

Order-free: a report that comes late is put where it belongs and the difference is told, so that any order of the
same reports ends in the same sums.
"""

import bisect
from dataclasses import dataclass, field, replace

# CMCD `sta` tokens.
STARTING, PLAYING, SEEKING, REBUFFERING, PAUSED, ENDED, FATAL, QUIT, PRELOADING = "spkraefqd"
OVER = frozenset((ENDED, FATAL, QUIT))
# Players report at least every 30 s (the CML default); a longer silence than four of them is not known time.
LONGEST_SILENCE_MS = 120_000
KEPT_POINTS = 64

Point = tuple[int, int, str]  # time, sequence number, state ('' when the report did not say)
Happening = tuple[str, int, int]  # event, time, elapsed


@dataclass
class State:
    """Where a playback stands after some points."""

    at: int = -1
    now: str = ""
    asked_at: int = -1
    started: bool = False
    failed: bool = False


@dataclass
class Sums:
    """What a stretch of points adds up to, in milliseconds."""

    interval_ms: int = 0
    play_ms: int = 0
    stall_ms: int = 0
    stall_count: int = 0
    happenings: list[Happening] = field(default_factory=list)


def advance(state: State, point: Point, sums: Sums) -> None:
    """Go on to the next point in time, adding to `sums`."""
    at, _, said = point
    if state.at >= 0 and 0 < at - state.at <= LONGEST_SILENCE_MS and state.now and state.now not in OVER:
        passed = at - state.at
        sums.interval_ms += passed
        if state.now == PLAYING:
            sums.play_ms += passed
        elif state.now == REBUFFERING and state.started:
            sums.stall_ms += passed
    state.at = at
    # A player that jumps to the live edge out of a stall says "seeking"; the viewer still waits for a picture.
    if not said or said == state.now or (said == SEEKING and state.now == REBUFFERING):
        return
    before, state.now = state.now, said
    if said in (STARTING, PRELOADING) and (state.asked_at < 0 or (before == PRELOADING and not state.started)):
        state.asked_at = at
    elif said == PLAYING and not state.started:
        state.started = True
        sums.happenings.append(("first_frame", at, waited(state, at)))
    elif said == REBUFFERING and state.started:
        sums.stall_count += 1
    elif said == FATAL and not state.started and not state.failed:
        state.failed = True
        sums.happenings.append(("start_failed", at, 0))
    elif said in (ENDED, QUIT):
        if not state.started and not state.failed and before not in OVER:
            # What was loaded ahead and dropped again was never asked for: nobody waited.
            sums.happenings.append(("start_left", at, 0 if before == PRELOADING else waited(state, at)))
        sums.happenings.append(("leave", at, 0))


def waited(state: State, at: int) -> int:
    """Milliseconds since play was asked for, at least 1; 0 where that was not seen: unknown, not instant."""
    return max(at - state.asked_at, 1) if state.asked_at >= 0 else 0


class Playback:
    """The recent points of one session and what has been told of them."""

    def __init__(self, *, is_whole: bool = False) -> None:
        self._is_whole = is_whole  # until `trim`: for points older than those usually held
        self._base = State()
        self._points: list[Point] = []
        self._end = State()
        self._told = Sums()

    @property
    def oldest_ms(self) -> int:
        """Points before this time are no longer held; -1 while all are."""
        return self._base.at

    @property
    def is_started(self) -> bool:
        """Whether the first frame has been seen."""
        return self._end.started

    def add(self, point: Point) -> Sums:
        """Put a point where it belongs; returns what that changes, happenings that no longer hold as minus."""
        change = Sums()
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


def merge(into: Sums, more: Sums) -> None:
    """Add one sum to another."""
    into.interval_ms += more.interval_ms
    into.play_ms += more.play_ms
    into.stall_ms += more.stall_ms
    into.stall_count += more.stall_count
    into.happenings += more.happenings
