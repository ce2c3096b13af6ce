"""The raw rows of one session, and what they say: events that stand, interval reports, facts, readings, sizes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aftercare.telemetry.queries.states import SLACK_MS
from aftercare.telemetry.schema.columns import FACTS, GAUGES, TOTALS

SILENT_EVENTS = frozenset(("", "state"))
# Rows that ingest made: from a session's reports, or of the presence that a server's hooks tell. They have no reading
# and no state of their own.
DERIVED = frozenset(("derived", "presence"))
# Rows of the server's view of a call: they stand beside what the client told, never among it.
SERVERS = frozenset(("janus",))
READINGS = (*GAUGES, "loss", "response_ms")
BAD_STATUS = 400
# From which length in milliseconds a gap between frames is a freeze, as the session table and the red lines have it.
FREEZES = {"video_gaps": 600, "audio_gaps": 200}
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
    "if(source = 'janus', detail, '')",
    "JSONExtractInt(detail, 'audio_packets')",
    "JSONExtractInt(detail, 'audio_lost')",
    *TOTALS,
    *(f"arraySum(gap -> if(gap >= {least}, gap, 0), {gaps})" for gaps, least in FREEZES.items()),
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


class Row:
    """One raw row by names."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.at, self.received, self.source, self.sign, self.event, self.code, self.elapsed_ms = values[:7]
        self.sequence, self.width, self.height, self.server_detail = values[7:11]
        self.audio_packets, self.audio_lost = int(values[11]), int(values[12])
        rest = iter(values[13:])
        self.totals: dict[str, int] = {name: int(next(rest)) for name in TOTALS}
        self.frozen: dict[str, int] = {name: int(next(rest)) for name in FREEZES}
        self.gauges: dict[str, float] = {name: float(next(rest)) for name in GAUGES}
        self.facts: dict[str, str] = {name: str(next(rest)) for name in FACTS}


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
    """Interval reports as (end, length, played, stalled), corrections left out: they have no time of their own.

    Calls tell a standstill as a gap between frames and not as a stall: to whoever watches it is the same. A gap is told
    when it is over, and what of it does not fit into its own report lies in those right before.
    """
    reports: list[tuple[int, int, int, int]] = []
    owed, reaches = 0, 0
    for row in sorted(rows, key=lambda row: -row.at):
        length, played, stalled = (row.totals[name] for name in ("interval_ms", "play_ms", "stall_ms"))
        if length <= 0 or row.source in DERIVED:
            continue
        if row.at < reaches - SLACK_MS:
            owed = 0
        owed += 0 if stalled else row.frozen["video_gaps"]
        frozen = min(owed, max(played, 0))
        owed, reaches = owed - frozen, row.at - length
        reports.append((row.at, length, played - frozen, stalled + frozen))
    return reports[::-1]


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
