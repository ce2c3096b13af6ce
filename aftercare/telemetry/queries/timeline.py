"""What happened in one media session, and when: read from raw rows, so that it is exact."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aftercare.accounts.models import App
from aftercare.kernel.clock import epoch_ms
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import scope
from aftercare.telemetry.queries.server_view import ServerView, server_view_of
from aftercare.telemetry.queries.session_rows import (
    COLUMNS,
    DERIVED,
    SERVERS,
    SILENT_EVENTS,
    Event,
    Row,
    latest_facts,
    readings_of,
    reports_of,
    sizes_of,
    standing_events,
)
from aftercare.telemetry.queries.session_sql import YOUNGEST_RAW
from aftercare.telemetry.queries.states import Interval, Point, intervals_of
from aftercare.telemetry.schema.columns import TOTALS
from aftercare.telemetry.store.steps import rolled_through

# More rows than a session of a day that reports every 5 s; what is beyond is said, not hidden.
MOST_ROWS = 20_000
SEARCH_BACK = timedelta(days=90)


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
    video_frozen_ms: int
    audio_frozen_ms: int
    rows: int
    is_cut: bool
    received_at: int = 0
    estimated: bool = field(default=False)
    server: ServerView | None = None
    is_server_only: bool = False
    audio_packets: int = 0
    audio_lost: int = 0

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


def timeline_of(session: str, every: Sequence[Row], is_cut: bool) -> Timeline:
    """The rows of one session, in time's order, told as a timeline: the client's, and the server's beside them."""
    rows = [row for row in every if row.source not in SERVERS]
    totals = {name: sum(row.totals[name] for row in rows) for name in TOTALS}
    events = standing_events(rows)
    points = [
        Point(row.at, row.sequence, row.code)
        for row in rows
        if row.event in SILENT_EVENTS and row.source not in DERIVED and (row.code or row.source == "cmcd")
    ]
    start = min(row.at - max(row.totals["interval_ms"], 0) * (row.source != "cmcd") for row in every)
    end = max(row.at for row in every)
    intervals, estimated = intervals_of(points, reports_of(rows), start, end)
    started = [event.elapsed_ms for event in events if event.name in ("first_frame", "call_connected")]
    return Timeline(
        session=session,
        start=start,
        end=end,
        facts=latest_facts(every),
        totals=totals,
        events=events,
        intervals=intervals,
        readings=readings_of(rows),
        sizes=sizes_of(rows),
        points=points,
        first_frame_ms=started[0] if started and started[0] > 0 else None,
        video_frozen_ms=sum(row.frozen["video_gaps"] for row in rows),
        audio_frozen_ms=sum(row.frozen["audio_gaps"] for row in rows),
        rows=len(every),
        is_cut=is_cut,
        received_at=max(row.received for row in every),
        estimated=estimated,
        server=server_view_of([row for row in every if row.source in SERVERS]),
        is_server_only=not rows,
        audio_packets=sum(row.audio_packets for row in rows),
        audio_lost=sum(row.audio_lost for row in rows),
    )


def span_of(timeline: Timeline) -> tuple[int, int]:
    """The time to draw, never empty."""
    return timeline.start, max(timeline.end, timeline.start + 1000)


def is_recent(timeline: Timeline, now: datetime, within: timedelta = timedelta(seconds=30)) -> bool:
    """Whether the session may still be going on."""
    over = any(event.name == "leave" for event in timeline.events)
    return not over and epoch_ms(now) - timeline.received_at < within.total_seconds() * 1000
