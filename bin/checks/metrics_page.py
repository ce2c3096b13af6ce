"""Writes docs/metrics.md from the metric catalog; a test compares the two."""

from pathlib import Path

from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.monthly import MONTHLY

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
TOP = """\
# Metrics

Every metric is defined once, in `aftercare/telemetry/schema/catalog.py`; pages, monitors and this page read it there
(`python -m bin.checks.metrics_page` writes it anew). Every rate is a sum divided by a sum, never a mean of rates. Below
its minimum volume a metric has no verdict. Red and warning are the thresholds of the monitors that each new app gets.
A wait that nobody told (`elapsed_ms` 0 or left out) is unknown: it is in no quantile and on neither side of a rate of
times. A call is counted once, by its caller's leg: [reporting](reporting.md#calls) says what each leg tells, and
[decision 0005](decisions/0005-calls-by-the-callers-leg.md) why.

| key | name | 中文 | unit | definition | minimum volume | warning | red | definition from |
|---|---|---|---|---|---|---|---|---|
"""

BILLS = """
## What bills count

Figures of a calendar month, on an app's page “Bandwidth” (`?month=2026-11`). Five-minute slots are kept for 70 days, so
this month and the last can be asked for. Slots and days before the app was taken on, or still to come, are left out.

| key | name | 中文 | unit | definition | definition from |
|---|---|---|---|---|---|
"""


def row(metric: Metric) -> str:
    """The metric's line of the table."""
    what, least = metric.volume_name, metric.minimum_volume
    volume = f"{least / 60_000:g} min{what[2:]}" if what.startswith("ms ") else f"{least:,.0f} {what}"
    side = "below" if metric.direction == "higher" else "above"
    lines = (f"{side} {line:g}" if line is not None else "" for line in (metric.warning, metric.red))
    cells = (
        f"`{metric.key}`",
        metric.name,
        metric.name_zh,
        metric.unit,
        metric.formula,
        volume if least else "none",
        *lines,
        metric.source,
    )
    return "| " + " | ".join(cells) + " |\n"


def page() -> str:
    """The whole page."""
    bills = (f"| `{f.key}` | {f.name} | {f.name_zh} | {f.unit} | {f.formula} | {f.source} |\n" for f in MONTHLY)
    return TOP + "".join(row(metric) for metric in METRICS.values()) + BILLS + "".join(bills)


if __name__ == "__main__":
    PAGE.write_text(page())
