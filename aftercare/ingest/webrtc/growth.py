"""How the counters of one statistics object grew from one report to the next."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Object = Mapping[str, Any]
"""One statistics object of a report, by the names of W3C webrtc-stats."""

# Cumulative by the specification, and never smaller while the object lives. `packetsLost` is not among them: a packet
# that comes late or twice takes one back (RFC 3550, 6.4.1).
COUNTERS = (
    "packetsReceived",
    "bytesReceived",
    "framesReceived",
    "framesDecoded",
    "framesDropped",
    "freezeCount",
    "totalFreezesDuration",
    "jitterBufferDelay",
    "jitterBufferEmittedCount",
    "concealedSamples",
    "silentConcealedSamples",
    "concealmentEvents",
    "totalSamplesReceived",
    "totalSamplesDuration",
    "packetsSent",
    "bytesSent",
    "framesEncoded",
)
# No counter of a real connection is larger; what is, is no count.
LARGEST = 1e15
# Streams remembered of one connection: beyond any real call, and small enough to hold.
MOST_STREAMS = 500


def number(found: Object, name: str, most: float = LARGEST) -> float | None:
    """The value as a number from 0 to `most`; None where it is missing, no number, or no such number."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= most else None


@dataclass(frozen=True)
class Growth:
    """What an object's counters grew by; a name that is missing is unknown, not zero."""

    by: Mapping[str, float]
    lost: float | None
    now: Object

    def of(self, name: str) -> float:
        """The growth of a counter that may be added up: 0 where it is unknown."""
        return self.by.get(name, 0.0)


@dataclass
class _Known:
    counters: dict[str, float] = field(default_factory=dict)
    most_lost: float = 0.0


class Streams:
    """The counters of a connection's streams as they were last counted."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Any], _Known] = {}

    def growths(self, objects: Iterable[tuple[str, Object]]) -> list[Growth]:
        """How each object grew since it was last counted.

        An object is new, and counts from zero, where its id or its `ssrc` is, or where any counter is smaller than
        before: the browser has begun again. Lost packets are counted up to the most that was ever told of the object.
        """
        return [self._growth(name, found) for name, found in objects]

    def count(self, objects: Iterable[tuple[str, Object]]) -> None:
        """Take these values as counted."""
        for name, found in objects:
            now = counters_of(found)
            known = self._known.get(key_of(name, found))
            if known is None or has_restarted(known.counters, now):
                if known is None and len(self._known) >= MOST_STREAMS:
                    self._known.pop(next(iter(self._known)))
                known = self._known[key_of(name, found)] = _Known()
            known.counters.update(now)
            known.most_lost = max(known.most_lost, number(found, "packetsLost") or 0.0)

    def _growth(self, name: str, found: Object) -> Growth:
        now = counters_of(found)
        known = self._known.get(key_of(name, found))
        if known is None or has_restarted(known.counters, now):
            known = _Known()
        by = {counter: value - known.counters.get(counter, 0.0) for counter, value in now.items()}
        lost = number(found, "packetsLost")
        return Growth(by, None if lost is None else max(lost - known.most_lost, 0.0), found)


def key_of(name: str, found: Object) -> tuple[str, Any]:
    """What makes it the same object: its id, and the source it counts."""
    ssrc = found.get("ssrc")
    return name, ssrc if isinstance(ssrc, int | str) else None


def counters_of(found: Object) -> dict[str, float]:
    """The object's counters, those that are there."""
    return {name: value for name in COUNTERS if name in found and (value := number(found, name)) is not None}


def has_restarted(before: Mapping[str, float], now: Mapping[str, float]) -> bool:
    """Whether a counter is smaller than it was."""
    return any(value < before[name] for name, value in now.items() if name in before)
