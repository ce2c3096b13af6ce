"""A metric over time."""

from collections.abc import Sequence
from datetime import datetime

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
    least_step_s,
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
    coarsest = max(least_step_s(metric, source.bucket_s) for metric in metrics)
    step = whole_steps(step_s, coarsest) if step_s else step_for((end - start).total_seconds(), coarsest)
    first = floored(start, step)
    source = source.opened_at(first)
    found = stepped_totals(source, metrics, step)
    lengths = {at: source.step_span_s(at, step) for at in range(epoch_s(first), epoch_s(end), step)}
    return {metric.key: [point(metric, at, found.get(at), s) for at, s in lengths.items()] for metric in metrics}


def stepped_totals(source: Reading, metrics: Sequence[Metric], step_s: int) -> dict[int, Totals]:
    """The merged measures by step."""
    names = frozenset().union(*(metric.measures for metric in metrics))
    rows = ask(
        "telemetry.series",
        f"SELECT {source.stepped(step_s)} AS step, {source.totals(names)} FROM {source.table} "
        f"WHERE {source.where} GROUP BY step",
        source.parameters,
    )
    return {int(row[0]): totals_of(names, row[1:]) for row in rows}


def point(metric: Metric, at: int, totals: Totals | None, span_s: float) -> Point:
    """One point of a series; a step that nobody reported in is unknown, not zero."""
    if totals is None:
        return instant(at), None, 0.0
    return instant(at), metric.value(totals, span_s=span_s), metric.volume(totals)
