"""Which viewers an alert is about: the combinations of dimension values that explain it, from raw rows, as it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from aftercare.telemetry.schema.measured import Measurement
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.answers import BY_NAME, at, raw_number
from aftercare.watch.engine.rules import Rule
from aftercare.watch.localising.localise import localise
from aftercare.watch.localising.types import Cause, Leaves, Side

# What a cause can be told by; `stream` is the room, whose one publisher may stall all that watch it.
DIMENSIONS = (
    "stream",
    "country",
    "province",
    "carrier",
    "network",
    "device",
    "os",
    "sdk_version",
    "app_version",
    "edge",
    "cdn",
    "domain",
    "protocol",
)
# What is usual is taken from so long before, but for the last minute, in which the fault may have begun.
BEFORE_S, GAP_S = 900, 60
# Time is counted in stalls, which last some two seconds: one more or less is chance, not two thousand milliseconds.
STALL_MS = 2000.0
MOST_LEAVES = 50_000
LIMITS = {"max_execution_time": 1}
MOST_TOLD = 3


@dataclass(frozen=True)
class Told:
    """One cause as an alert keeps it: the values, the metric inside and outside, the volume inside, and the share of
    the trouble that it explains.
    """

    values: Mapping[str, str]
    inside: float | None
    outside: float | None
    volume: float
    explains: float

    def as_dict(self) -> dict[str, Any]:
        """For the alert's row."""
        return {
            "values": dict(self.values),
            "inside": self.inside,
            "outside": self.outside,
            "volume": self.volume,
            "explains": round(self.explains, 3),
        }


def can_be_explained(rule: Rule) -> bool:
    """Whether the metric is a share whose two sides add up: only then are leaves of it counts of trouble."""
    metric = rule.metric
    if isinstance(metric, Measurement) or metric.distinct or metric.per_bucket or metric.cells:
        return False
    return metric.unit == "%" and bool(metric.denominator)


def explain(pool: ClientPool, rule: Rule, span_s: int, now: datetime) -> list[Told]:
    """The causes of one rule's being over its line, the strongest first. Raises whatever the engine raises."""
    rows = ask_leaves(pool, rule, span_s, now)
    metric, present = rule.of_catalog, [row for row in rows if row[0]]
    if not present:
        return []
    dimensions = tuple(name for name in DIMENSIONS if name not in dict(rule.filters))
    keys = {row[1 : 1 + len(dimensions)]: place for place, row in enumerate(present)}
    sides = np.zeros((2, 2, len(keys)))  # before and now, trouble and volume
    for row in rows:
        place = keys.get(row[1 : 1 + len(dimensions)])
        if place is not None:
            sides[int(row[0]), :, place] += trouble_of(rule, *row[-2:])
    values, codes = coded(list(keys), len(dimensions))
    leaves = Leaves(
        dimensions,
        values,
        codes,
        observed=sides[1, 0],
        volume=sides[1, 1],
        past_observed=sides[0, 0][:, None],
        past_volume=sides[0, 1][:, None],
        one=STALL_MS if metric.denominator.endswith("_ms") else 1.0,
    )
    return [told_of(rule, cause) for cause in localise(leaves).causes[:MOST_TOLD]]


def trouble_of(rule: Rule, numerator: float, denominator: float) -> tuple[float, float]:
    """What went wrong of how much: of a share that should be high, the rest."""
    return (numerator if rule.is_above else denominator - numerator), denominator


def coded(keys: Sequence[tuple[str, ...]], width: int) -> tuple[tuple[tuple[str, ...], ...], Any]:
    """The values of each dimension, and each leaf's as numbers."""
    names = tuple(tuple(sorted({key[column] for key in keys})) for column in range(width))
    numbers = [{value: number for number, value in enumerate(values)} for values in names]
    codes = [[known[value] for known, value in zip(numbers, key, strict=True)] for key in keys]
    return names, np.array(codes, dtype=np.int64)


def told_of(rule: Rule, cause: Cause) -> Told:
    """A cause with the metric's own figures inside and outside."""
    return Told(
        cause.least, value_of(rule, cause.inside), value_of(rule, cause.outside), cause.inside.volume, cause.share
    )


def value_of(rule: Rule, side: Side) -> float | None:
    """The metric over some leaves, in percent."""
    if side.rate is None:
        return None
    return 100 * side.rate if rule.is_above else 100 - 100 * side.rate


def ask_leaves(pool: ClientPool, rule: Rule, span_s: int, now: datetime) -> list[tuple[Any, ...]]:
    """Rows of: whether it is now, the dimensions' values, numerator, denominator."""
    metric = rule.of_catalog
    filters = dict(rule.filters)
    dimensions = [name for name in DIMENSIONS if name not in filters]
    since = int(now.timestamp()) - span_s
    parameters: dict[str, Any] = {
        "customer": rule.customer_id,
        "app": rule.app_id,
        "first": since - GAP_S - BEFORE_S,
        "gap": since - GAP_S,
        "since": since,
        "until": int(now.timestamp()) + 1,
    }
    where = f"customer = {{customer:UInt32}} AND ts >= {at('first')} AND ts < {at('until')}"
    where += f" AND (ts < {at('gap')} OR ts >= {at('since')})"
    if rule.app_id:
        where += " AND app = {app:UInt32}"
    for place, (dimension, value) in enumerate(sorted(filters.items())):
        parameters[f"value{place}"] = value
        where += f" AND {dimension} = {{value{place}:String}}"
    if "role" not in filters:
        where += " AND role != 'probe'"
    keys = ", ".join(f"toString({name}) AS d_{name}" for name in dimensions)
    grouped = ", ".join(f"d_{name}" for name in dimensions)
    sides = ", ".join(raw_number(BY_NAME[name]) for name in (metric.numerator, metric.denominator))
    rows = pool.rows(
        f"SELECT ts >= {at('since')} AS is_now, {keys}, {sides} AS whole FROM samples WHERE {where} "
        f"GROUP BY is_now, {grouped} HAVING whole > 0 ORDER BY is_now DESC, whole DESC LIMIT {2 * MOST_LEAVES}",
        parameters,
        {**LIMITS, "log_comment": "watch leaves"},
    )
    return [tuple(row) for row in rows]
