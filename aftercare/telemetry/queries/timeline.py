"""What happened in one media session, and when: read from raw rows, so that it is exact."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.kernel.clock import epoch_ms
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import scope
from aftercare.telemetry.queries.session_sql import YOUNGEST_RAW
from aftercare.telemetry.queries.states import Interval, Point, intervals_of
from aftercare.telemetry.schema.columns import FACTS, GAUGES, TOTALS
from aftercare.telemetry.store.steps import rolled_through

# More rows than a session of a day that reports every 5 s; what is beyond is said, not hidden.
MOST_ROWS = 20_000
SEARCH_BACK = timedelta(days=90)
SILENT_EVENTS = frozenset(("", "state"))
# Rows that ingest made from a session's reports: they have no reading and no state of their own.
DERIVED = frozenset(("derived",))
READINGS = (*GAUGES, "loss", "response_ms")
BAD_STATUS = 400
COLUMNS = (
    "toUnixTimestamp64Milli(ts)",
    "toUnixTimestamp64Milli(received)",
    "source",
    "sign",
    "event",
    "code",
    "elapsed_ms",
    "toInt64OrZero(JSONExtractRaw(detail, 'sn'))",
    "width",
    "height",
    *TOTALS,
    *GAUGES,
    *FACTS,
)


@dataclass(frozen=True)
class Event:
    """Something that happened, at epoch milliseconds `at`; `elapsed_ms` counts from what it answers, 0 when unknown."""

    at: int
    name: str
    code: str
    elapsed_ms: int


@dataclass(frozen=True)
class Timeline:
    """A session: times in epoch milliseconds, durations in milliseconds, unknown readings as None."""

    session: str
    start: int
    end: int
    facts: dict[str, str]
    totals: dict[str, int]
    events: list[Event]
    intervals: list[Interval]
    readings: dict[str, list[tuple[int, float]]]
    sizes: list[tuple[int, int, int]]
    points: list[Point]
    first_frame_ms: int | None
    rows: int
    is_cut: bool
    received_at: int = 0
    estimated: bool = field(default=False)

    @property
    def stall_count(self) -> int:
        """How often it stalled."""
        return self.totals["stall_count"]

    @property
    def stall_ms(self) -> int:
        """How long it stalled in all."""
        return self.totals["stall_ms"]


def session_timeline(app: App, session: str, *, now: datetime) -> Timeline | None:
    """The session's timeline, or None when this app has no such session.

    Rows that take earlier ones back (sign -1) remove the events they name; totals simply add up.
    """
    span = find_span(app, session, now)
    if span is None:
        return None
    rows = ask(
        "telemetry.timeline",
        f"SELECT {', '.join(COLUMNS)} FROM samples WHERE customer = {{customer:UInt32}} AND app = {{app:UInt32}} "
        "AND ts >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC') "
        "AND ts <= fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC') AND session = {session:String} "
        f"ORDER BY ts, commit, line LIMIT {MOST_ROWS + 1}",
        {**scope(app), "session": session, "start_ms": span[0], "end_ms": span[1]},
    )
    return timeline_of(session, [Row(row) for row in rows[:MOST_ROWS]], len(rows) > MOST_ROWS) if rows else None


def find_span(app: App, session: str, now: datetime) -> tuple[int, int] | None:
    """The first and last row's times, from the session table and the raw rows it does not hold yet."""
    rolled = rolled_through("sessions")
    rows = ask(
        "telemetry.session_span",
        "SELECT toUnixTimestamp64Milli(min(first)), toUnixTimestamp64Milli(max(last)), count() FROM ("
        "SELECT started_at AS first, ended_at AS last FROM sessions WHERE customer = {customer:UInt32} "
        "AND app = {app:UInt32} AND day >= toDate({first_day:String}) AND session = {session:String} "
        "UNION ALL SELECT ts AS first, ts AS last FROM samples WHERE customer = {customer:UInt32} "
        "AND app = {app:UInt32} AND ts >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') "
        "AND commit > {rolled:UInt64} AND {with_tail:UInt8} = 1 AND session = {session:String})",
        {
            **scope(app),
            "session": session,
            "first_day": (now - SEARCH_BACK).strftime("%Y-%m-%d"),
            "from_ms": epoch_ms(now - YOUNGEST_RAW),
            "rolled": rolled,
            "with_tail": int(rolled > 0),
        },
    )
    first, last, count = rows[0]
    return (int(first), int(last)) if count else None


class Row:
    """One raw row by names."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.at, self.received, self.source, self.sign, self.event, self.code, self.elapsed_ms = values[:7]
        self.sequence, self.width, self.height = values[7:10]
        rest = iter(values[10:])
        self.totals: dict[str, int] = {name: int(next(rest)) for name in TOTALS}
        self.gauges: dict[str, float] = {name: float(next(rest)) for name in GAUGES}
        self.facts: dict[str, str] = {name: str(next(rest)) for name in FACTS}


def timeline_of(session: str, rows: Sequence[Row], is_cut: bool) -> Timeline:
    """The rows of one session, in time's order, told as a timeline."""
    totals = {name: sum(row.totals[name] for row in rows) for name in TOTALS}
    events = standing_events(rows)
    points = [
        Point(row.at, row.sequence, row.code)
        for row in rows
        if row.event in SILENT_EVENTS and row.source not in DERIVED and (row.code or row.source == "cmcd")
    ]
    start = min(row.at - max(row.totals["interval_ms"], 0) * (row.source != "cmcd") for row in rows)
    end = max(row.at for row in rows)
    intervals, estimated = intervals_of(points, reports_of(rows), start, end)
    started = [event.elapsed_ms for event in events if event.name in ("first_frame", "call_connected")]
    return Timeline(
        session=session,
        start=start,
        end=end,
        facts=latest_facts(rows),
        totals=totals,
        events=events,
        intervals=intervals,
        readings=readings_of(rows),
        sizes=sizes_of(rows),
        points=points,
        first_frame_ms=started[0] if started and started[0] > 0 else None,
        rows=len(rows),
        is_cut=is_cut,
        received_at=max(row.received for row in rows),
        estimated=estimated,
    )


def standing_events(rows: Sequence[Row]) -> list[Event]:
    """The events that were not taken back."""
    counts: dict[Event, int] = {}
    for row in rows:
        if row.event not in SILENT_EVENTS and not is_routine(row):
            event = Event(row.at, row.event, row.code, row.elapsed_ms)
            counts[event] = counts.get(event, 0) + row.sign
    return sorted((event for event, count in counts.items() for _ in range(max(count, 0))), key=lambda event: event.at)


def is_routine(row: Row) -> bool:
    """Whether it is a media request that was answered well: a reading, not an event to look at."""
    is_refused = row.code.isdecimal() and int(row.code) >= BAD_STATUS
    return row.event == "response" and not is_refused


def reports_of(rows: Sequence[Row]) -> list[tuple[int, int, int, int]]:
    """Interval reports as (end, length, played, stalled), corrections left out: they have no time of their own."""
    return [
        (row.at, row.totals["interval_ms"], row.totals["play_ms"], row.totals["stall_ms"])
        for row in rows
        if row.totals["interval_ms"] > 0 and row.source not in DERIVED
    ]


def latest_facts(rows: Sequence[Row]) -> dict[str, str]:
    """Each fact as it was last told."""
    facts = dict.fromkeys(FACTS, "")
    for row in rows:
        facts.update({name: value for name, value in row.facts.items() if value})
    return facts


def readings_of(rows: Sequence[Row]) -> dict[str, list[tuple[int, float]]]:
    """Each reading over time, only where it was known; loss in percent of the packets of a report.

    `response_ms` is how long a media request took until its last byte.
    """
    readings: dict[str, list[tuple[int, float]]] = {name: [] for name in READINGS}
    for row in rows:
        if row.source in DERIVED:
            continue
        for name in GAUGES:
            if not math.isnan(row.gauges[name]):
                readings[name].append((row.at, row.gauges[name]))
        if row.event == "response" and row.elapsed_ms:
            readings["response_ms"].append((row.at, float(row.elapsed_ms)))
        if row.totals["packets"] > 0:
            readings["loss"].append((row.at, 100 * row.totals["packets_lost"] / row.totals["packets"]))
    return readings


def sizes_of(rows: Sequence[Row]) -> list[tuple[int, int, int]]:
    """When the picture's size changed: (time, width, height)."""
    sizes: list[tuple[int, int, int]] = []
    for row in rows:
        if row.width and row.height and (not sizes or sizes[-1][1:] != (row.width, row.height)):
            sizes.append((row.at, row.width, row.height))
    return sizes


def span_of(timeline: Timeline) -> tuple[int, int]:
    """The time to draw, never empty."""
    return timeline.start, max(timeline.end, timeline.start + 1000)


def is_recent(timeline: Timeline, now: datetime, within: timedelta = timedelta(seconds=30)) -> bool:
    """Whether the session may still be going on."""
    over = any(event.name == "leave" for event in timeline.events)
    return not over and epoch_ms(now) - timeline.received_at < within.total_seconds() * 1000
