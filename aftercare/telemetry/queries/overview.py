"""Many apps at a glance: their figures and one small series each, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.headline import Headline
from aftercare.telemetry.queries.reading import (
    BUCKETS_S,
    BY_NAME,
    AppLike,
    Totals,
    add_totals,
    epoch_s,
    floored,
    rollup_for,
    totals_of,
    whole_steps,
)
from aftercare.telemetry.queries.verdicts import verdict_of
from aftercare.telemetry.schema.catalog import Metric, metric_named

POINTS = 48


@dataclass(frozen=True)
class Glance:
    """One app over a span: figures, and a series of one metric with gaps as None."""

    figures: list[Headline]
    series: list[float | None]
    step_s: int


def glances(
    apps: Sequence[AppLike],
    metric_keys: Sequence[str],
    series_key: str,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    points: int = POINTS,
) -> dict[int, Glance]:
    """The apps' figures by app number. Distinct metrics cannot be asked for here."""
    metrics = [metric_named(key) for key in metric_keys]
    shape = metric_named(series_key)
    names = frozenset().union(*(metric.measures for metric in [*metrics, shape]))
    table = rollup_for(start, end, now, distinct=True)
    # Whole buckets only, counted back from the end: a step that is still filling would look like a fall.
    last = floored(end, BUCKETS_S[table])
    step = whole_steps(int((end - start).total_seconds()) // points, BUCKETS_S[table])
    first = epoch_s(last) - step * points
    found: dict[int, dict[int, Totals]] = {app.pk: {} for app in apps}
    rows = ask(
        "telemetry.glances",
        f"SELECT app, intDiv(toUnixTimestamp(bucket) - {first}, {step}) AS step, "
        f"{', '.join(f'{BY_NAME[name].merge} AS m_{name}' for name in sorted(names))} FROM {table} "
        "WHERE customer IN {customers:Array(UInt32)} AND app IN {apps:Array(UInt32)} AND cut = '' "
        "AND bucket >= toDateTime({start:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC') "
        "GROUP BY app, step",
        {
            "customers": sorted({app.customer_id for app in apps}),
            "apps": sorted(found),
            "start": first,
            "end": epoch_s(last),
        },
    )
    for app, place, *totals in rows:
        found[app][int(place)] = totals_of(names, totals)
    return {app: glance(metrics, shape, parts, points, step) for app, parts in found.items()}


def glance(metrics: Sequence[Metric], shape: Metric, parts: dict[int, Totals], points: int, step_s: int) -> Glance:
    """One app's figures over all steps, and its series."""
    whole = add_totals(list(parts.values()))
    figures = []
    for metric in metrics:
        value = metric.value(whole, span_s=points * step_s) if whole else None
        volume = metric.volume(whole) if whole else 0.0
        figures.append(Headline(metric, value, volume, verdict_of(metric, value, volume), None, None))
    series = [shape.value(parts[place], span_s=step_s) if place in parts else None for place in range(points)]
    return Glance(figures, series, step_s)
