"""A session's states over time: playing, stalled, paused, starting, ended, and unknown where nobody said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "playing", "stalled", "paused", "seeking", "ended", "failed", "unknown"]

# Longer silences are unknown time; players report at least every 30 s.
LONGEST_SILENCE_MS = 120_000
# Two reports that are further apart than this leave a gap nobody reported on.
SLACK_MS = 1500
# A first report comes a few milliseconds before the first state.
SLIVER_MS = 100

# What players call their states: CMCD's letters, and the words of the native format.
SAID: dict[str, State] = {
    "s": "starting",
    "d": "starting",
    "p": "playing",
    "k": "seeking",
    "r": "stalled",
    "w": "stalled",
    "a": "paused",
    "e": "ended",
    "q": "ended",
    "f": "failed",
    "starting": "starting",
    "loading": "starting",
    "preloading": "starting",
    "playing": "playing",
    "seeking": "seeking",
    "stalled": "stalled",
    "rebuffering": "stalled",
    "waiting": "stalled",
    "buffering": "stalled",
    "paused": "paused",
    "ended": "ended",
    "quit": "ended",
    "failed": "failed",
    "error": "failed",
}


@dataclass(frozen=True, order=True)
class Point:
    """A report of the player's state at epoch milliseconds; `said` is empty when it did not change."""

    at: int
    sequence: int
    said: str


@dataclass(frozen=True)
class Interval:
    """A stretch of one state in epoch milliseconds. `placed` is False where only its length is known, not its place."""

    start: int
    end: int
    state: State
    placed: bool = True

    @property
    def length_ms(self) -> int:
        """How long it lasted."""
        return self.end - self.start


def intervals_of(
    points: Sequence[Point], reports: Sequence[tuple[int, int, int, int]], start: int, end: int
) -> tuple[list[Interval], bool]:
    """The states from `start` to `end` without holes, and whether some were placed by estimate.

    Told states win; without any, interval reports (end, length, played, stalled) say how much there was of each.
    """
    if any(point.said for point in points):
        return joined(filled(told_intervals(sorted(points), end), start, end)), False
    reported = reported_intervals(reports)
    return joined(filled(reported, start, end)), any(not interval.placed for interval in reported)


def told_intervals(points: Sequence[Point], end: int) -> list[Interval]:
    """From each report to the next, the state that was told last; a stall before the first frame is starting."""
    intervals: list[Interval] = []
    state: State = "unknown"
    started = False
    ends = [*(point.at for point in points[1:]), end]
    for point, until in zip(points, ends, strict=True):
        told = SAID.get(point.said.lower(), "unknown") if point.said else state
        # A jump to the live edge out of a stall is still the stall, as the front door counts it.
        state = state if told == "seeking" and state == "stalled" else told
        started = started or state == "playing"
        shown: State = "starting" if state == "stalled" and not started else state
        if until > point.at:
            silent = until - point.at > LONGEST_SILENCE_MS and state not in ("ended", "failed")
            intervals.append(Interval(point.at, until, "unknown" if silent else shown))
    return intervals


def reported_intervals(reports: Sequence[tuple[int, int, int, int]]) -> list[Interval]:
    """Each report's time as playing, then stalled, then paused: lengths are exact, their order is not known."""
    intervals: list[Interval] = []
    reached = 0
    for at, length, played, stalled in sorted(reports):
        begun = max(at - length, reached)
        if at <= begun:
            continue
        parts: list[tuple[State, int]] = [("playing", max(played, 0)), ("stalled", max(stalled, 0))]
        parts.append(("paused", max(length - sum(part for _, part in parts), 0)))
        present = [(state, part) for state, part in parts if part > 0]
        whole = sum(part for _, part in present)
        place = begun
        for number, (state, part) in enumerate(present):
            until = at if number == len(present) - 1 else place + round(part * (at - begun) / whole)
            intervals.append(Interval(place, until, state, placed=len(present) == 1))
            place = until
        reached = at
    return intervals


def filled(intervals: Sequence[Interval], start: int, end: int) -> list[Interval]:
    """With unknown time where nothing was said; slips of a second or so between two reports are closed."""
    whole: list[Interval] = []
    reached = start
    for interval in intervals:
        begun = interval.start
        if begun > reached:
            if begun - reached <= (SLACK_MS if whole else SLIVER_MS):
                begun = reached
            else:
                whole.append(Interval(reached, begun, "unknown"))
        whole.append(Interval(begun, interval.end, interval.state, interval.placed))
        reached = interval.end
    if end > reached:
        whole.append(Interval(reached, end, "unknown"))
    return whole


def joined(intervals: Sequence[Interval]) -> list[Interval]:
    """Neighbours of the same state as one."""
    whole: list[Interval] = []
    for interval in intervals:
        last = whole[-1] if whole else None
        if last and last.state == interval.state and last.placed == interval.placed:
            whole[-1] = Interval(last.start, interval.end, last.state, last.placed)
        else:
            whole.append(interval)
    return whole
