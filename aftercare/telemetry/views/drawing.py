"""The timeline as numbers for its SVG: percentages across, pixels down; no text is ever stretched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.kernel.clock import from_epoch_ms
from aftercare.telemetry import words
from aftercare.telemetry.queries import Timeline
from aftercare.telemetry.queries.session_rows import Event
from aftercare.telemetry.queries.timeline import span_of
from aftercare.telemetry.views.lanes import Lane, numbers_of, table_of
from aftercare.web.render.times import duration

TICKS_MS = tuple(
    s * 1000 for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 21600)
)
MOST_TICKS = 7
# A shorter stall would not be seen or hit; its true length is in its title and in the table.
LEAST_WIDTH = 0.25
CURVE_WIDTH, CURVE_HEIGHT = 1000, 56
ROW_HEIGHT = 20
Mark = dict[str, Any]


@dataclass(frozen=True)
class DrawnLane:
    """One lane of curves."""

    label: str
    unit: str
    top: str
    curves: list[dict[str, str]]


@dataclass(frozen=True)
class Drawing:
    """All that the template draws."""

    ticks: list[Mark]
    states: list[Mark]
    events: list[Mark]
    sizes: list[Mark]
    lanes: list[DrawnLane]
    table: list[dict[str, Any]]
    numbers: list[tuple[int, list[float | None]]]
    begins: str
    events_height: int = 0
    server: list[DrawnLane] = field(default_factory=list)
    server_events: list[Mark] = field(default_factory=list)
    server_events_height: int = 0
    names: list[tuple[str, Any]] = field(default_factory=list)


def draw(
    timeline: Timeline, lanes: Sequence[Lane], server_lanes: Sequence[Lane] = (), *, with_numbers: bool = False
) -> Drawing:
    """The timeline's drawing, on demand with every number of its lanes."""
    start, end = span_of(timeline)
    across = Across(start, end)
    pins = events(timeline.events, across)
    server_pins = events(timeline.server.events, across) if timeline.server else []
    present = dict.fromkeys(interval.state for interval in timeline.intervals)
    return Drawing(
        ticks=ticks(across),
        states=states(timeline, across),
        events=pins,
        sizes=sizes(timeline, across),
        lanes=[drawn_lane(lane, across) for lane in lanes],
        table=table_of(list(lanes)),
        numbers=numbers_of(list(lanes), start) if with_numbers else [],
        begins=f"{timezone.localtime(from_epoch_ms(start)):%H:%M:%S}",
        events_height=events_height(pins),
        server=[drawn_lane(lane, across) for lane in server_lanes],
        server_events=server_pins,
        server_events_height=events_height(server_pins),
        names=[(state, words.STATES[state]) for state in words.STATES if state in present],
    )


@dataclass(frozen=True)
class Across:
    """From epoch milliseconds to percent of the width."""

    start: int
    end: int

    def percent(self, at: float) -> float:
        """How far across an instant is, 0 to 100."""
        return 100 * min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)

    def text(self, at: float) -> str:
        """The same as an SVG attribute."""
        return f"{self.percent(at):.3f}%"


def ticks(across: Across) -> list[Mark]:
    """Round times into the session."""
    length = across.end - across.start
    step = next((step for step in TICKS_MS if length / step <= MOST_TICKS), TICKS_MS[-1])
    marks = []
    at = 0.0
    while at <= length:
        label = f"+{duration(at / 1000)}" if at else "0"
        marks.append(
            {"x": across.text(across.start + at), "label": label, "is_first": not at, "is_late": at > 0.94 * length}
        )
        at += step
    return marks


def states(timeline: Timeline, across: Across) -> list[Mark]:
    """The state lane's blocks; the thin ones that matter are widened to be seen."""
    marks = []
    for interval in timeline.intervals:
        left, right = across.percent(interval.start), across.percent(interval.end)
        width = right - left
        if interval.state in ("stalled", "failed"):
            width = max(width, LEAST_WIDTH)
        marks.append(
            {
                "x": f"{min(left, 100 - width):.3f}%",
                "width": f"{width:.3f}%",
                "state": interval.state,
                "placed": interval.placed,
                "title": f"{words.STATES[interval.state]} · {duration(interval.length_ms / 1000)} · "
                f"+{duration((interval.start - across.start) / 1000)}",
            }
        )
    return sorted(marks, key=lambda mark: mark["state"] in ("stalled", "failed"))


def events(told: Sequence[Event], across: Across) -> list[Mark]:
    """The events as pins; those that fall close together are put on three rows in turn."""
    marks: list[Mark] = []
    last = [-100.0, -100.0, -100.0]
    for event in told:
        at = across.percent(event.at)
        row = next((row for row in range(len(last)) if at - last[row] > 9), None)
        if row is not None:
            last[row] = at
        name = str(words.EVENTS.get(event.name, event.name))
        label = label_of(event)
        elapsed = f" · {duration(event.elapsed_ms / 1000)}" if event.elapsed_ms else ""
        marks.append(
            {
                "x": across.text(event.at),
                "row": row,
                "y": ROW_HEIGHT * (len(last) if row is None else row) + 4,
                "text_y": ROW_HEIGHT * (row or 0) + 14,
                "label": label,
                "title": f"{name} {event.code}".strip() + elapsed + f" · +{duration((event.at - across.start) / 1000)}",
                "is_bad": event.name in words.BAD_EVENTS,
                "is_late": at > 80,
            }
        )
    return marks


def label_of(event: Event) -> str:
    """What stands at an event's pin: a server's own words are short, a step's name says what it is."""
    name = str(words.EVENTS.get(event.name, event.name))
    if event.name == "step":
        return words.step_name(event.name, event.code)
    if event.name == "server":
        return event.code
    if event.name == "server_slow":
        return _("slow link")
    return f"{name} {event.code}".strip() if event.name == "error" else name


def events_height(pins: Sequence[Mark]) -> int:
    """The pixels that the events' lane needs: its rows, and a stub for pins without a label."""
    rows = max((pin["row"] + 1 for pin in pins if pin["row"] is not None), default=0)
    return ROW_HEIGHT * rows + (10 if any(pin["row"] is None for pin in pins) else 4)


def sizes(timeline: Timeline, across: Across) -> list[Mark]:
    """The picture's size as blocks from one change to the next."""
    ends = [*(at for at, _width, _height in timeline.sizes[1:]), across.end][: len(timeline.sizes)]
    return [
        {
            "x": across.text(at),
            "width": f"{across.percent(until) - across.percent(at):.3f}%",
            "label": f"{width}×{height}",
            "is_wide": across.percent(until) - across.percent(at) > 8,
        }
        for (at, width, height), until in zip(timeline.sizes, ends, strict=True)
    ]


def drawn_lane(lane: Lane, across: Across) -> DrawnLane:
    """A lane's curves as paths in a box of 1000 by 56."""
    curves = [{"label": curve.label, "path": path_of(curve.points, lane.top, across)} for curve in lane.curves]
    return DrawnLane(lane.label, lane.unit, f"{lane.top:g}", curves)


def path_of(points: Sequence[tuple[int, float | None]], top: float, across: Across) -> str:
    """An SVG path, lifted where nothing was known; a lone point is a short dash."""
    parts: list[str] = []
    is_down = False
    for at, value in points:
        if value is None:
            is_down = False
            continue
        x = across.percent(at) / 100 * CURVE_WIDTH
        y = CURVE_HEIGHT - min(value / top, 1) * (CURVE_HEIGHT - 4) - 2
        parts.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        if not is_down:
            parts.append("h0")
        is_down = True
    return "".join(parts)
