"""A session's readings as lanes: what is drawn under the state, on the same time axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aftercare.telemetry import words
from aftercare.telemetry.queries import Timeline

# Lanes, each with the readings that share its axis.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("bitrate_kbps",),
    ("fps",),
    ("rtt_ms", "jitter_ms"),
    ("delay_ms",),
    ("loss",),
    ("buffer_ms",),
    ("response_ms",),
)
SERVER_GROUPS: tuple[tuple[str, ...], ...] = (("rtt_ms", "jitter_ms"), ("loss_down", "loss_up"))
# Readings of a report hold until the next one; a longer silence than this is a gap.
LONGEST_HOLD_MS = 35_000


@dataclass(frozen=True)
class Curve:
    """One reading's points in epoch milliseconds; None breaks the line."""

    key: str
    label: str
    unit: str
    points: list[tuple[int, float | None]]

    @property
    def known(self) -> list[float]:
        """The values that are there."""
        return [value for _at, value in self.points if value is not None]


@dataclass(frozen=True)
class Lane:
    """Curves on one axis from 0 to `top`."""

    curves: list[Curve]
    top: float

    @property
    def unit(self) -> str:
        """The axis's unit."""
        return self.curves[0].unit

    @property
    def label(self) -> str:
        """The lane's name."""
        return " · ".join(curve.label for curve in self.curves)


def lanes_of(timeline: Timeline) -> list[Lane]:
    """The lanes that have anything to draw."""
    return grouped(GROUPS, timeline.readings, words.READINGS)


def server_lanes_of(timeline: Timeline) -> list[Lane]:
    """The lanes of the server's view of the same call."""
    if timeline.server is None:
        return []
    return grouped(SERVER_GROUPS, timeline.server.readings, words.SERVER_READINGS)


def grouped(
    groups: Sequence[tuple[str, ...]],
    readings: Mapping[str, list[tuple[int, float]]],
    names: Mapping[str, tuple[words.Text, str]],
) -> list[Lane]:
    """A lane for each group of which anything is known."""
    lanes = []
    for group in groups:
        curves = [curve_of(key, readings[key], *names[key]) for key in group if readings[key]]
        if curves:
            lanes.append(Lane(curves, nice_top(max(max(curve.known) for curve in curves))))
    return lanes


def curve_of(key: str, points: list[tuple[int, float]], label: words.Text, unit: str) -> Curve:
    """A reading as a curve, broken where nobody reported for long."""
    held: list[tuple[int, float | None]] = []
    for at, value in points:
        if held and at - held[-1][0] > LONGEST_HOLD_MS:
            held.append((held[-1][0] + 1, None))
        held.append((at, value))
    return Curve(key, str(label), unit, held)


def nice_top(highest: float) -> float:
    """A round number at or above the highest value."""
    size = 1.0
    while size < highest:
        size *= 10
    return next((size * share for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if size * share >= highest), size)


def numbers_of(lanes: list[Lane], start: int) -> list[tuple[int, list[float | None]]]:
    """Every reading of the lanes as a table: milliseconds into the session, and each curve's value or None."""
    curves = [curve for lane in lanes for curve in lane.curves]
    rows: dict[int, list[float | None]] = {}
    for place, curve in enumerate(curves):
        for at, value in curve.points:
            if value is not None:
                rows.setdefault(at - start, [None] * len(curves))[place] = value
    return sorted(rows.items())


def table_of(lanes: list[Lane]) -> list[dict[str, Any]]:
    """Every reading's lowest, middle and highest value, for the table beside the drawing."""
    rows = []
    for lane in lanes:
        for curve in lane.curves:
            known = sorted(curve.known)
            rows.append(
                {
                    "label": curve.label,
                    "unit": curve.unit,
                    "count": len(known),
                    "low": known[0],
                    "middle": known[len(known) // 2],
                    "high": known[-1],
                    "digits": 0 if known[-1] >= 100 else 1,
                }
            )
    return rows
