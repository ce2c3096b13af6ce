"""What was refused at the door, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import AppLike, aware, epoch_ms_of, scope

WHERE = (
    "customer = {customer:UInt32} AND app = {app:UInt32} "
    "AND received >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC') "
    "AND received < fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC')"
)
# What lines can be narrowed by.
COLUMNS = ("reason", "source")


@dataclass(frozen=True)
class Reason:
    """A reason and how often it was given."""

    reason: str
    source: str
    lines: int
    last_at: datetime


@dataclass(frozen=True)
class Reject:
    """One refused line."""

    received_at: datetime
    source: str
    line: int
    reason: str
    excerpt: str


def reject_reasons(app: AppLike, start: datetime, end: datetime, limit: int = 50) -> list[Reason]:
    """The reasons of a span, the most frequent first."""
    rows = ask(
        "telemetry.reject_reasons",
        f"SELECT reason, source, count(), max(received) FROM rejects WHERE {WHERE} "
        f"GROUP BY reason, source ORDER BY count() DESC, reason LIMIT {int(limit)}",
        span(app, start, end),
    )
    return [Reason(reason, source, lines, aware(at)) for reason, source, lines, at in rows]


def list_rejects(
    app: AppLike, start: datetime, end: datetime, asked: Mapping[str, str], *, limit: int = 50, offset: int = 0
) -> list[Reject]:
    """The refused lines of a span, the newest first, all or those with the asked reason or source."""
    rows = ask(
        "telemetry.rejects",
        f"SELECT received, source, line, reason, excerpt FROM rejects WHERE {narrowed(asked)} "
        f"ORDER BY received DESC, line LIMIT {int(limit)} OFFSET {int(offset)}",
        {**span(app, start, end), **asked},
    )
    return [Reject(aware(at), *rest) for at, *rest in rows]


def count_rejects(app: AppLike, start: datetime, end: datetime, asked: Mapping[str, str]) -> int:
    """How many lines `list_rejects` could give."""
    sql = f"SELECT count() FROM rejects WHERE {narrowed(asked)}"
    return int(ask("telemetry.reject_count", sql, {**span(app, start, end), **asked})[0][0])


def narrowed(asked: Mapping[str, str]) -> str:
    """SQL: the condition on the lines of a span with the asked columns."""
    return " AND ".join([WHERE, *(f"{name} = {{{name}:String}}" for name in COLUMNS if name in asked)])


def span(app: AppLike, start: datetime, end: datetime) -> dict[str, object]:
    """The parameters of `WHERE`."""
    return {**scope(app), "start_ms": epoch_ms_of(start), "end_ms": epoch_ms_of(end)}
