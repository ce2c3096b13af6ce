"""Recognised series as the store holds them: their newest points, for a process that has just started."""

import math

from aftercare.ingest.points.block import Distribution, Recognised
from aftercare.ingest.points.course import KEPT, Course, Moment
from aftercare.telemetry.store.client import ClientPool

LATELY = "series IN {ids:Array(UInt64)} AND ts > now64(3) - INTERVAL 1 DAY"


def courses_of(pool: ClientPool, ids: list[int]) -> dict[int, Course]:
    """The newest stored points of each series, numbers and histograms, of the last day."""
    asked = {"ids": ids, "kept": KEPT}
    found: dict[int, list[Moment]] = {}
    for series, ts, value in pool.rows(newest("value", "points"), asked):
        found.setdefault(int(series), []).append(Moment(int(ts), float(value)))
    held = newest("count, sum, bounds, counts, least, most", "distributions")
    for series, ts, count, total, bounds, counts, least, most in pool.rows(held, asked):
        one = Distribution(
            int(series), int(ts), float(count), float(total), list(bounds), list(counts), float(least), float(most)
        )
        found.setdefault(int(series), []).append(Moment(int(ts), math.nan, one))
    return {series: Course(moments[::-1]) for series, moments in found.items()}


def newest(columns: str, table: str) -> str:
    """SQL: the newest points of series, the newest first, each once."""
    return (
        f"SELECT DISTINCT series, toUnixTimestamp64Milli(ts) AS at, {columns} FROM {table} WHERE {LATELY} "
        "ORDER BY series, at DESC LIMIT {kept:UInt8} BY series"
    )


def is_stored(pool: ClientPool, one: Recognised) -> bool:
    """Whether this very point is there already."""
    table = "points" if one.distribution is None else "distributions"
    where = "series = {series:UInt64} AND ts = fromUnixTimestamp64Milli({ts:Int64}, 'UTC')"
    return bool(pool.rows(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", {"series": one.series.id, "ts": one.ts}))
