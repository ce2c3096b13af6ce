"""The way into a session as a waterfall: each step that told how long it took, on an axis of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from aftercare.telemetry import words
from aftercare.telemetry.queries.session_rows import Event
from aftercare.web.render.times import duration

STEPS = ("step", "join_ok", "first_frame", "call_connected")
LEAST_BARS = 2
# A shorter bar would not be seen; its true length is beside it.
LEAST_WIDTH = 0.6
# Steps of joining again later in a session would stretch the axis over all of it.
LONGEST_MS = 120_000


@dataclass(frozen=True)
class Bar:
    """One step: where it begins and how wide it is, in percent, and how long it took in words."""

    label: str
    left: str
    width: str
    took: str


def waterfall(events: Sequence[Event]) -> list[Bar]:
    """The bars of the first way in, in the order in which they began; none where fewer than two told their time."""
    timed = [event for event in events if event.name in STEPS and event.elapsed_ms > 0]
    if not timed:
        return []
    begun = min(event.at - event.elapsed_ms for event in timed)
    timed = [event for event in timed if event.at - begun <= LONGEST_MS]
    if len(timed) < LEAST_BARS:
        return []
    whole = max(event.at for event in timed) - begun
    timed.sort(key=lambda event: (event.at - event.elapsed_ms, event.at))
    return [bar(event, begun, whole) for event in timed]


def bar(event: Event, begun: int, whole: int) -> Bar:
    """One step's bar."""
    left = 100 * (event.at - event.elapsed_ms - begun) / whole
    width = max(100 * event.elapsed_ms / whole, LEAST_WIDTH)
    return Bar(
        words.step_name(event.name, event.code), f"{left:.2f}%", f"{width:.2f}%", duration(event.elapsed_ms / 1000)
    )
