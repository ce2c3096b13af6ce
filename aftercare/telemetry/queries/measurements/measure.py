"""Reading chosen series over a span: one way for charts and for monitors."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from aftercare.telemetry.queries.asking import Rows
from aftercare.telemetry.queries.measurements.chosen import Chosen, Span
from aftercare.telemetry.queries.measurements.distributions import counted
from aftercare.telemetry.queries.measurements.histograms import merged, parts_of
from aftercare.telemetry.queries.measurements.numbers import gauges, rates
from aftercare.telemetry.schema.measured import OF_GAUGES, QUANTILES

Key = tuple[Any, ...]
# A value in the series' own unit (per second for rates), and how many points it rests on.
Measured = tuple[float, float]
Asking = Callable[[str, str, Mapping[str, Any]], Rows]


def measure(asking: Asking, chosen: Chosen, reading: str, span: Span) -> dict[Key, dict[int, Measured]]:
    """By key, each step's value and points; a step that nothing is known of is not in it.

    Raises whatever the engine raises.
    """
    found: dict[Key, dict[int, Measured]] = defaultdict(dict)
    if reading in QUANTILES:
        rows = asking("measurements.quantiles", counted(chosen), chosen.asked(span, around_ms=span.gap_ms))
        for (*key, step), (parts, points) in parts_of(rows).items():
            value = merged(parts).quantile(QUANTILES[reading])
            if value is not None:
                found[tuple(key)][step] = (value, points)
        return dict(found)
    sql, around_ms = (gauges(chosen, reading), 0) if reading in OF_GAUGES else (rates(chosen), span.gap_ms)
    for *key, step, value, points in asking(f"measurements.{reading}", sql, chosen.asked(span, around_ms=around_ms)):
        found[tuple(key)][step] = (value, points)
    return dict(found)
