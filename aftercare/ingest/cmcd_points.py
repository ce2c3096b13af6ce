"""From the keys of a CMCD report to the point it puts into its session's playback."""

from typing import Any

import msgspec

from aftercare.ingest.cmcd import reading_of, text_of
from aftercare.ingest.states import MEDIA_OBJECTS, PLAYING, PRELOADING, STARTING, Point, Request

STATES = frozenset("spkraefqd")


def sequence_of(keys: dict[str, Any]) -> int:
    """The report's sequence number, 0 where it has none."""
    sequence = keys.get("sn")
    return sequence if isinstance(sequence, int) else 0


def state_of(keys: dict[str, Any]) -> str:
    """The player's state that a report says, empty where it says none."""
    state = keys.get("sta")
    return state if isinstance(state, str) and state in STATES else ""


def request_point(keys: dict[str, Any], ts: int) -> Point:
    """The point of a request-mode report, at the time of the request."""
    object_type = text_of(keys, "ot", 2)
    start_ms, starved_ms = whole(keys, "msd"), longest(keys.get("bsd"))
    state = state_of(keys) or derived_state(keys, object_type, start_ms)
    told = Request(
        object_type,
        starved=keys.get("bs") is True or starved_ms > 0,
        starved_ms=starved_ms,
        starved_total_ms=whole(keys, "bsda"),
        start_ms=start_ms,
    )
    # Where reports are not numbered and a log tells time by the second, waiting comes before the playing it ends in.
    number = sequence_of(keys) if "sn" in keys else int(state not in (STARTING, PRELOADING))
    return ts, number, state, told


def derived_state(keys: dict[str, Any], object_type: str, start_ms: int) -> str:
    """The state where `sta` is not said, as in version 1.

    `su` (wanted urgently: startup, a seek, or recovery from an empty buffer) is waiting. A media object wanted without
    it, a buffer that holds something, or a start that is over, is playing. Of other objects nothing can be said.
    """
    if keys.get("su") is True:
        return STARTING
    is_media = "ot" in keys and object_type in MEDIA_OBJECTS
    return PLAYING if is_media or start_ms or reading_of(keys, "bl") else ""


def point_of_detail(detail: str, ts: int) -> Point:
    """The same point out of the keys as they were stored."""
    return request_point(msgspec.json.decode(detail), ts)


def whole(keys: dict[str, Any], name: str) -> int:
    """A key's number in whole milliseconds, 0 where it has none."""
    return int(reading_of(keys, name) or 0)


def longest(told: Any) -> int:
    """Of the lengths that `bsd` lists, the longest: it tells one stall once for audio and once for video."""
    lengths = told if isinstance(told, list) else [told]
    return max((int(reading_of({"bsd": length}, "bsd") or 0) for length in lengths), default=0)
