"""The states of a player, one report after the other: where it stands, and what the time between adds up to."""

from dataclasses import dataclass, field
from typing import NamedTuple

# CMCD `sta` tokens.
STARTING, PLAYING, SEEKING, REBUFFERING, PAUSED, ENDED, FATAL, QUIT, PRELOADING = "spkraefqd"
OVER = frozenset((ENDED, FATAL, QUIT))
# Players report at least every 30 s (the CML default); a longer silence than four of them is not known time.
LONGEST_SILENCE_MS = 120_000

# Objects that are fetched as playing needs them; those of playlists and keys come at any time.
MEDIA_OBJECTS = frozenset(("", "a", "v", "av"))
NOBODY: frozenset[str] = frozenset()


class Request(NamedTuple):
    """What a request in a log adds to its point: CTA-5004-B's ot, bs, bsd, bsda and msd; 0 where they were not said."""

    object_type: str = ""
    starved: bool = False
    starved_ms: int = 0
    starved_total_ms: int = 0
    start_ms: int = 0


# Time, sequence number, state ('' when the report did not say); with a fourth part it was told by a request.
Point = tuple[int, int, str] | tuple[int, int, str, Request]
Happening = tuple[str, int, int]  # event, time, elapsed


@dataclass
class State:
    """Where a playback stands after some points."""

    at: int = -1
    now: str = ""
    asked_at: int = -1
    started: bool = False
    failed: bool = False
    start_ms: int = 0
    starved_total_ms: int = 0
    stall_told_by: frozenset[str] = NOBODY
    """Which kinds of objects' requests have told of the stall that is the latest: each tells of it for itself."""


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
    at, said = point[0], point[2]
    request = point[3] if len(point) == 4 else None
    passed = known_ms(state, at)
    sums.interval_ms += passed
    if state.now == PLAYING:
        sums.play_ms += passed
    elif state.now == REBUFFERING and state.started:
        sums.stall_ms += passed
    before, since = state.now, at - state.at if state.at >= 0 else None
    state.at = at
    if request is not None and request.start_ms and said not in (STARTING, PRELOADING):
        state.start_ms = request.start_ms
    change_state(state, said, is_request=request is not None, sums=sums)
    if request is not None:
        note_starving(state, request, before, since, sums)


def known_ms(state: State, at: int) -> int:
    """How much of the time up to `at` is known to have been spent in the present state."""
    if state.at < 0 or not state.now or state.now in OVER or not 0 < at - state.at <= LONGEST_SILENCE_MS:
        return 0
    return at - state.at


def change_state(state: State, said: str, *, is_request: bool, sums: Sums) -> None:
    """Take the state that a point says for the present one, and tell what that means."""
    at = state.at
    # A player that jumps to the live edge out of a stall says "seeking"; the viewer still waits for a picture.
    if not said or said == state.now or (said == SEEKING and state.now == REBUFFERING):
        return
    before, state.now = state.now, said
    if said in (STARTING, PRELOADING) and (state.asked_at < 0 or (before == PRELOADING and not state.started)):
        state.asked_at = at
    elif said == PLAYING and not state.started:
        state.started = True
        # The first request while playing comes up to a segment's length after the first frame: no measure of it.
        sums.happenings.append(("first_frame", at, state.start_ms if is_request else waited(state, at)))
    elif said == REBUFFERING and state.started:
        sums.stall_count += 1
        state.stall_told_by = frozenset((REBUFFERING,))
    elif said == FATAL and not state.started and not state.failed:
        state.failed = True
        sums.happenings.append(("start_failed", at, 0))
    elif said in (ENDED, QUIT):
        if not state.started and not state.failed and before not in OVER:
            # What was loaded ahead and dropped again was never asked for: nobody waited.
            sums.happenings.append(("start_left", at, 0 if before == PRELOADING else waited(state, at)))
        sums.happenings.append(("leave", at, 0))


def note_starving(state: State, request: Request, before: str, since: int | None, sums: Sums) -> None:
    """Count a stall that a request says was since the one before it, unless it was told already.

    Its length is unknown unless `bsd` tells it, or `bsda` by how much it grew; it can be no longer than `since`.
    """
    told = max(request.starved_total_ms - state.starved_total_ms, 0) if request.starved_total_ms else 0
    state.starved_total_ms = max(request.starved_total_ms, state.starved_total_ms)
    if not request.starved:
        if state.now == PLAYING and request.object_type in MEDIA_OBJECTS:
            state.stall_told_by = NOBODY
        return
    is_told = state.stall_told_by and request.object_type not in state.stall_told_by
    if REBUFFERING in (before, state.now) or is_told:
        state.stall_told_by |= {request.object_type}
        return
    state.stall_told_by = frozenset((request.object_type,))
    sums.stall_count += 1
    length = request.starved_ms or told
    length = length if since is None else min(length, max(since, 0))
    counted = since if since is not None and 0 < since <= LONGEST_SILENCE_MS and before and before not in OVER else 0
    sums.stall_ms += length
    sums.play_ms -= min(length, counted) if before == PLAYING else 0
    sums.interval_ms += max(length - counted, 0)


def waited(state: State, at: int) -> int:
    """Milliseconds since play was asked for, at least 1; 0 where that was not seen: unknown, not instant."""
    return max(at - state.asked_at, 1) if state.asked_at >= 0 else 0


def merge(into: Sums, more: Sums) -> None:
    """Add one sum to another."""
    into.interval_ms += more.interval_ms
    into.play_ms += more.play_ms
    into.stall_ms += more.stall_ms
    into.stall_count += more.stall_count
    into.happenings += more.happenings


def is_event(point: Point) -> bool:
    """Whether it is a state that the player told by itself, not with a request."""
    return len(point) == 3 and bool(point[2])
