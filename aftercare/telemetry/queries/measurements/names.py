"""Which measurements an app has: their names, and what is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.measurements.chosen import days_of, whose
from aftercare.telemetry.queries.reading import AppLike, aware, epoch_ms_of, scope
from aftercare.telemetry.schema.measured import DISTRIBUTIONS

# Series are written down once a day: those of today and yesterday are what was told in the last day, and a little more.
LISTED = timedelta(days=1)
# Most were told a moment ago: only for the others is more of the day read.
LOOKS = (timedelta(minutes=15), timedelta(days=2))
AHEAD = timedelta(minutes=10)
WHERE = (
    "customer = {customer:UInt32} AND app = {app:UInt32} AND day >= {day:Date} "
    "AND positionCaseInsensitiveUTF8(name, {text:String}) > 0"
)


@dataclass(frozen=True)
class Name:
    """A measurement: a name and how its numbers are to be read. `told_at` None: not in the last two days."""

    name: str
    kind: str
    unit: str
    series: int
    told_at: datetime | None = None


@dataclass(frozen=True)
class Label:
    """A label of a measurement, how many values it has, and the most frequent of them."""

    name: str
    count: int
    values: Sequence[str] = field(default_factory=tuple)


def count_names(app: AppLike, text: str, *, now: datetime) -> int:
    """How many measurements `list_names` could give."""
    sql = f"SELECT uniqExact(name, kind) FROM series WHERE {WHERE}"
    return int(ask("measurements.count", sql, listed(app, text, now))[0][0])


def list_names(app: AppLike, text: str, *, limit: int, offset: int, now: datetime) -> list[Name]:
    """The measurements told today or yesterday (UTC) whose name holds this text, by name."""
    rows = ask(
        "measurements.names",
        f"SELECT name, kind, argMax(unit, day), uniqExact(id) FROM series WHERE {WHERE} "
        f"GROUP BY name, kind ORDER BY name, kind LIMIT {int(limit)} OFFSET {int(offset)}",
        listed(app, text, now),
    )
    told = last_told(app, rows, now) if rows else {}
    return [Name(name, kind, unit, count, told.get((name, kind))) for name, kind, unit, count in rows]


def listed(app: AppLike, text: str, now: datetime) -> dict[str, Any]:
    """The parameters of `WHERE`."""
    return {**scope(app), "day": (now.astimezone(UTC) - LISTED).date(), "text": text}


def last_told(app: AppLike, names: Sequence[Sequence[Any]], now: datetime) -> dict[tuple[str, str], datetime]:
    """The newest point of each of these measurements, given as rows that begin with name and kind."""
    found: dict[tuple[str, str], datetime] = {}
    for look in LOOKS:
        missing = [(name, kind) for name, kind, *_rest in names if (name, kind) not in found]
        if missing:
            found |= newest(app, missing, now - look, now)
    return found


def newest(
    app: AppLike, names: Sequence[tuple[str, str]], start: datetime, now: datetime
) -> dict[tuple[str, str], datetime]:
    """The newest point since `start` of each of these measurements that has one."""
    found: dict[tuple[str, str], datetime] = {}
    for table in ("points", "distributions"):
        wanted = sorted({name for name, kind in names if (kind in DISTRIBUTIONS) == (table == "distributions")})
        if not wanted:
            continue
        known = (
            "SELECT DISTINCT id, name, kind FROM series WHERE customer = {customer:UInt32} AND app = {app:UInt32} "
            "AND day >= {first_day:Date} AND day <= {last_day:Date} AND name IN {names:Array(String)}"
        )
        rows = ask(
            "measurements.newest",
            f"SELECT name, kind, max(last) FROM (SELECT series, max(ts) AS last FROM {table} "
            "WHERE customer = {customer:UInt32} AND app = {app:UInt32} "
            "AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') "
            "AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC') "
            f"AND series IN (SELECT id FROM ({known})) GROUP BY series) AS told "
            f"INNER JOIN ({known}) AS known ON known.id = told.series GROUP BY name, kind",
            {**scope(app), "names": wanted, **looked_at(start, now)},
        )
        found |= {(name, kind): aware(at) for name, kind, at in rows}
    return found


def looked_at(start: datetime, now: datetime) -> dict[str, Any]:
    """The time's parameters; a sender's clock may be a little ahead."""
    since, until = epoch_ms_of(start), epoch_ms_of(now + AHEAD)
    return {"since": since, "until": until, **days_of(since, until)}


def find_name(app: AppLike, name: str, start: datetime, end: datetime) -> list[Name]:
    """The measurements of exactly this name that may have points in this time, the one with most series first."""
    rows = ask(
        "measurements.name",
        f"SELECT kind, argMax(unit, day), uniqExact(id) AS series FROM series WHERE {whose(app)} "
        "AND day >= {first_day:Date} AND day <= {last_day:Date} AND name = {name:String} "
        "GROUP BY kind ORDER BY series DESC, kind",
        {**scope(app), "name": name, **days_of(epoch_ms_of(start), epoch_ms_of(end))},
    )
    return [Name(name, kind, unit, count) for kind, unit, count in rows]
