"""The figures at the top of an app's page: now, the same span a day ago, the same span a week ago."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import (
    BY_NAME,
    AppLike,
    Filters,
    Reading,
    Totals,
    add_totals,
    reading,
    totals_of,
)
from aftercare.telemetry.queries.verdicts import verdict_of
from aftercare.telemetry.schema.catalog import Metric, metric_named

BEFORE = {"now": timedelta(0), "day": timedelta(days=1), "week": timedelta(days=7)}
NOTHING = {"sum": "toInt64(0)", "cells": "CAST(map(), 'Map(Int16, Int64)')", "users": "toUInt64(0)"}


@dataclass(frozen=True)
class Headline:
    """One metric over a span; None where nothing was reported. `verdict` is healthy, warning, breached or unknown."""

    metric: Metric
    value: float | None
    volume: float
    verdict: str
    day_before: float | None
    week_before: float | None

    @property
    def is_thin(self) -> bool:
        """Whether too little was seen for a verdict."""
        return self.value is not None and self.volume < self.metric.minimum_volume


def headline(
    app: AppLike,
    metric_keys: Sequence[str],
    start: datetime,
    end: datetime,
    filters: Filters | None = None,
    *,
    now: datetime | None = None,
) -> list[Headline]:
    """The metrics over the span with the same span one day and one week before, all in one query.

    Raises KeyError for an unknown metric, Refused for an unknown dimension.
    """
    metrics = [metric_named(key) for key in metric_keys]
    names = frozenset().union(*(metric.measures for metric in metrics))
    spans = {
        span: parts_of(app, names, start - back, end - back, filters, now or utc_now()) for span, back in BEFORE.items()
    }
    texts: list[str] = []
    parameters: dict[str, Any] = {}
    for span, parts in spans.items():
        for number, (source, held) in enumerate(parts):
            texts.append(
                f"SELECT '{span}' AS span, {partial(source, names, held)} FROM {source.table} WHERE "
                f"{marked(source.where, f'{span}{number}')} HAVING count() > 0"
            )
            parameters |= {f"{name}_{span}{number}": value for name, value in source.parameters.items()}
    found: dict[str, list[Totals]] = {span: [] for span in spans}
    for span, *values in ask("telemetry.headline", " UNION ALL ".join(texts), parameters):
        found[span].append(totals_of(names, values))
    lengths = {span: parts[0][0].span_s for span, parts in spans.items()}
    totals = {span: add_totals(parts) for span, parts in found.items()}
    return [headline_of(metric, totals, lengths) for metric in metrics]


def parts_of(
    app: AppLike, names: Collection[str], start: datetime, end: datetime, filters: Filters | None, now: datetime
) -> list[tuple[Reading, frozenset[str]]]:
    """The readings that together hold the measures: distinct counts come from the minute, the rest from the finest."""
    distinct = frozenset(name for name in names if BY_NAME[name].kind == "users")
    fine = reading(app, start, end, filters=filters, now=now)
    if not distinct or fine.table != "r10s":
        return [(fine, frozenset(names))]
    minute = reading(app, start, end, filters=filters, now=now, table="r1m")
    return [(fine, frozenset(names) - distinct), (minute, distinct)]


def partial(source: Reading, names: Collection[str], held: frozenset[str]) -> str:
    """SQL: every measure, those that this part does not hold as nothing."""
    return ", ".join(
        f"{source.total(BY_NAME[name]) if name in held else NOTHING[BY_NAME[name].kind]} AS m_{name}"
        for name in sorted(names)
    )


def marked(where: str, mark: str) -> str:
    """The condition with its parameters renamed for one part of a union."""
    return where.replace(":", f"_{mark}:")


def headline_of(metric: Metric, totals: dict[str, Totals], lengths: dict[str, float]) -> Headline:
    """One metric's figures from the totals of the three spans; an empty span is unknown."""
    values = {span: metric.value(totals[span], span_s=lengths[span]) if totals[span] else None for span in BEFORE}
    volume = metric.volume(totals["now"]) if totals["now"] else 0.0
    return Headline(
        metric=metric,
        value=values["now"],
        volume=volume,
        verdict=verdict_of(metric, values["now"], volume),
        day_before=values["day"],
        week_before=values["week"],
    )
