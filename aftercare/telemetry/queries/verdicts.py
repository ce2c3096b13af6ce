"""What a value means: its state against the catalog's lines, never without enough volume."""

from typing import Literal

from aftercare.telemetry.schema.catalog import Metric

Verdict = Literal["healthy", "warning", "breached", "unknown", ""]


def verdict_of(metric: Metric, value: float | None, volume: float) -> Verdict:
    """healthy, warning or breached; unknown without data or below the minimum volume; "" for metrics without lines."""
    if metric.red is None and metric.warning is None:
        return ""
    if value is None or volume < metric.minimum_volume:
        return "unknown"
    if is_beyond(metric, value, metric.red):
        return "breached"
    return "warning" if is_beyond(metric, value, metric.warning) else "healthy"


def is_beyond(metric: Metric, value: float, line: float | None) -> bool:
    """Whether the value is on the wrong side of a line."""
    if line is None:
        return False
    return value < line if metric.direction == "higher" else value > line
