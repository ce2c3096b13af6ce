"""A metric split by a dimension: which value is worst, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    least_step_s,
    reading,
    totals_of,
    whole_steps,
)
from aftercare.telemetry.queries.verdicts import verdict_of
from aftercare.telemetry.schema.catalog import Metric, metric_named

SPARK_POINTS = 24
# So many values, those with the most reports, are compared; a dimension with more has a tail that says nothing.
CANDIDATES = 500


@dataclass(frozen=True)
class SplitRow:
    """One value of the dimension; "" is what did not say.

    `series` has gaps as None; `times` are the starts of its steps in epoch seconds.
    """

    value: str
    metric_value: float | None
    volume: float
    verdict: str
    series: list[float | None] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    is_thin: bool = False


def split(
    app: AppLike,
    metric_key: str,
    dimension: str,
    start: datetime,
    end: datetime,
    filters: Filters | None = None,
    limit: int = 20,
    *,
    now: datetime | None = None,
) -> list[SplitRow]:
    """The metric by value of a dimension, worst first; values below the minimum volume come after, without verdict.

    Raises KeyError for an unknown metric, Refused for an unknown dimension.
    """
    metric = metric_named(metric_key)
    source = reading(
        app, start, end, filters=filters, now=now or utc_now(), distinct=metric.distinct, split_by=dimension
    )
    found = totals_by_value(source, metric, dimension)
    rows = [row_of(metric, value, totals, source.span_s) for value, totals in found.items()]
    worst = sorted(rows, key=lambda row: rank(metric, row))[:limit]
    times, series = series_by_value(source, metric, dimension, [row.value for row in worst], start, end)
    return [replace(row, series=series[row.value], times=times) for row in worst]


def totals_by_value(source: Reading, metric: Metric, dimension: str) -> dict[str, Totals]:
    """The merged measures of every value that reported."""
    rows = ask(
        "telemetry.split",
        f"SELECT {source.value_of(dimension)} AS of_value, {source.totals(metric.measures)} "
        f"FROM {source.table} WHERE {source.where} GROUP BY of_value "
        f"ORDER BY {source.total_by_name('reports')} DESC LIMIT {CANDIDATES}",
        source.parameters,
    )
    return {value: totals_of(metric.measures, totals) for value, *totals in rows}


def series_by_value(
    source: Reading, metric: Metric, dimension: str, values: Sequence[str], start: datetime, end: datetime
) -> tuple[list[int], Mapping[str, list[float | None]]]:
    """The metric of a few values over about 24 steps, and where these begin."""
    if not values:
        return [], {}
    least = least_step_s(metric, source.bucket_s)
    step = whole_steps(-(-int((end - start).total_seconds()) // SPARK_POINTS), least)
    first = epoch_s(floored(start, step))
    rows = ask(
        "telemetry.split_series",
        f"SELECT {source.value_of(dimension)} AS of_value, {source.stepped(step)} AS step, "
        f"{source.totals(metric.measures)} FROM {source.table} "
        f"WHERE {source.where} AND of_value IN {{values:Array(String)}} GROUP BY of_value, step",
        {**source.parameters, "values": list(values)},
    )
    steps = {at: place for place, at in enumerate(range(first, epoch_s(end), step))}
    series: dict[str, list[float | None]] = {value: [None] * len(steps) for value in values}
    for value, at, *totals in rows:
        if at in steps:
            series[value][steps[at]] = metric.value(
                totals_of(metric.measures, totals), span_s=source.step_span_s(at, step)
            )
    return list(steps), series


def row_of(metric: Metric, value: str, totals: Totals, span_s: float) -> SplitRow:
    """One value's figures."""
    measured, volume = metric.value(totals, span_s=span_s), metric.volume(totals)
    thin = volume < metric.minimum_volume
    return SplitRow(value, measured, volume, verdict_of(metric, measured, volume), is_thin=thin)


def rank(metric: Metric, row: SplitRow) -> tuple[int, float, float, str]:
    """Sort key: judged rows worst first, then thin ones by volume, then those without a value."""
    if row.metric_value is None:
        return 2, 0.0, -row.volume, row.value
    if row.is_thin:
        return 1, 0.0, -row.volume, row.value
    badness = row.metric_value if metric.direction == "higher" else -row.metric_value
    return 0, badness, -row.volume, row.value
