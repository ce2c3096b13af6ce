"""A metric over time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import (
    AppLike,
    Filters,
    Reading,
    Totals,
    epoch_s,
    floored,
    instant,
    reading,
    step_for,
    totals_of,
    whole_steps,
)
from aftercare.telemetry.schema.catalog import Metric, metric_named

Point = tuple[datetime, float | None, float]


def metric_series(
    app: AppLike,
    metric_key: str,
    start: datetime,
    end: datetime,
    filters: Filters | None = None,
    step_s: int | None = None,
    *,
    now: datetime | None = None,
) -> list[Point]:
    """The metric from `start` to `end` as (start of step in UTC, value, volume), steps without reports as None.

    At most about 400 points unless `step_s` says otherwise; values are in the metric's unit, volumes in its
    `volume_name`. Raises KeyError for an unknown metric, Refused for an unknown dimension.
    """
    return metrics_series(app, (metric_key,), start, end, filters, step_s, now=now)[metric_key]


def metrics_series(
    app: AppLike,
    metric_keys: Sequence[str],
    start: datetime,
    end: datetime,
    filters: Filters | None = None,
    step_s: int | None = None,
    *,
    now: datetime | None = None,
) -> dict[str, list[Point]]:
    """Several metrics over the same steps, in one query."""
    metrics = [metric_named(key) for key in metric_keys]
    source = reading(
        app, start, end, filters=filters, now=now or utc_now(), distinct=any(metric.distinct for metric in metrics)
    )
    coarsest = max(source.bucket_s, 10)
    step = whole_steps(step_s, coarsest) if step_s else step_for((end - start).total_seconds(), coarsest)
    found = stepped_totals(source, metrics, floored(start, step), step)
    steps = range(epoch_s(floored(start, step)), epoch_s(end), step)
    return {metric.key: [point(metric, at, found.get(at), step) for at in steps] for metric in metrics}


def stepped_totals(source: Reading, metrics: Sequence[Metric], first: datetime, step_s: int) -> dict[int, Totals]:
    """The merged measures by step; the first step is taken whole, so that its value is that of the whole step."""
    names = frozenset().union(*(metric.measures for metric in metrics))
    started: dict[str, Any] = {"start_ms": epoch_s(first) * 1000} if source.is_raw else {"start": epoch_s(first)}
    rows = ask(
        "telemetry.series",
        f"SELECT {source.stepped(step_s)} AS step, {source.totals(names)} FROM {source.table} "
        f"WHERE {source.where} GROUP BY step",
        {**source.parameters, **started},
    )
    return {int(row[0]): totals_of(names, row[1:]) for row in rows}


def point(metric: Metric, at: int, totals: Totals | None, step_s: int) -> Point:
    """One point of a series; a step that nobody reported in is unknown, not zero."""
    if totals is None:
        return instant(at), None, 0.0
    return instant(at), metric.value(totals, span_s=step_s), metric.volume(totals)
