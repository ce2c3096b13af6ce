"""What one monitor's chart shows: its metric or measurement, its line, and its alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from aftercare.accounts.access import needs
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.measurements import TooMuch, measured_series
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.measured import Measurement, measurement_of
from aftercare.telemetry.store.engine import pool
from aftercare.watch import words
from aftercare.watch.access import get_monitor_for
from aftercare.watch.models import Kind, Monitor
from aftercare.watch.preview import rule_for
from aftercare.watch.types import apps_of, facts_of
from aftercare.watch.usual.bands import TIMES, band_of
from aftercare.watch.usual.history import question_of_past
from aftercare.watch.usual.looking_back import past_reader, usual_over
from aftercare.watch.usual.scales import scale_of

CHART_SPAN = timedelta(hours=3)

Points = Sequence[tuple[datetime, float | None, float]]


@needs("see_telemetry")
def monitor_series(request: HttpRequest, ref: str) -> HttpResponse:
    """The metric over the last hours with this monitor's line and its alerts, as the chart wants it."""
    monitor = get_monitor_for(request.user, ref)
    return JsonResponse(series_of(monitor))


def series_of(monitor: Monitor) -> dict[str, Any]:
    """The chart's data; no points for a metric that the catalog dropped."""
    metric, measurement = METRICS.get(monitor.metric), measurement_of(monitor.metric)
    now = utc_now()
    if measurement is not None:
        return measured_series_of(monitor, measurement, now)
    if metric is None:
        return {"times": [], "series": []}
    points = metric_series(apps_of(monitor), metric.key, now - CHART_SPAN, now, monitor.filters)
    series: dict[str, Any] = {
        "label": telemetry_words.metric_name(metric),
        "values": [telemetry_words.shown_value(metric, value) for _at, value, _volume in points],
    }
    if not telemetry_words.is_its_own_volume(metric):
        series["volume"] = [round(telemetry_words.volume_of(metric, volume), 1) for _at, _value, volume in points]
    return {
        "times": [epoch_ms(at) // 1000 for at, _value, _volume in points],
        "series": [series],
        "unit": telemetry_words.unit_of(metric),
        "digits": telemetry_words.digits_of(metric),
        "noun": telemetry_words.volume_noun(metric),
        "min": 0 if metric.direction != "higher" else None,
        "band": band_over(monitor, metric, points),
        **lines_of(monitor, telemetry_words.shown_value(metric, monitor.threshold), now),
    }


def band_over(monitor: Monitor, metric: Metric, points: Points) -> dict[str, Any] | None:
    """For a rule about what is usual: the band in which 99 of 100 values lie, at each point."""
    rule = rule_for(apps_of(monitor), facts_of(monitor)) if monitor.kind == Kind.ANOMALY else None
    question = question_of_past(rule) if rule is not None and len(points) > 1 else None
    if rule is None or question is None:
        return None
    times = np.array([epoch_ms(at) // 1000 for at, _value, _volume in points])
    step = int(times[1] - times[0])
    low: list[float | None] = []
    high: list[float | None] = []
    usual = usual_over(rule, past_reader(pool(), question, rule), times, step)
    for (_at, value, volume), one in zip(points, usual, strict=True):
        is_known = one is not None and value is not None
        band = band_of(one, scale_of(metric), volume, TIMES[rule.sensitivity]) if one and is_known else None
        low.append(telemetry_words.shown_value(metric, band.shown_low) if band else None)
        high.append(telemetry_words.shown_value(metric, band.shown_high) if band else None)
    return {"low": low, "high": high}


def measured_series_of(monitor: Monitor, measurement: Measurement, now: datetime) -> dict[str, Any]:
    """The chart's data of a monitor about a measurement; no points where there are too many to read."""
    try:
        points = measured_series(apps_of(monitor), measurement, monitor.filters, now - CHART_SPAN, now)
    except TooMuch:
        return {"times": [], "series": []}
    known = [abs(value) for _at, value, _points in points if value is not None]
    written = telemetry_words.measured_in(monitor.unit, max([*known, abs(monitor.threshold or 0)]))
    series = {
        "label": words.name_of(monitor.metric),
        "values": [written.value(value) for _at, value, _points in points],
        "volume": [count for _at, _value, count in points],
    }
    return {
        "times": [epoch_ms(at) // 1000 for at, _value, _points in points],
        "series": [series],
        "unit": written.unit,
        "digits": written.digits,
        "noun": _("points"),
        **lines_of(monitor, None if monitor.threshold is None else written.value(monitor.threshold), now),
    }


def lines_of(monitor: Monitor, threshold: float | None, now: datetime) -> dict[str, Any]:
    """The monitor's line at this shown value, and its alerts as marks."""
    opened = monitor.alerts.filter(opened_at__gte=now - CHART_SPAN).order_by("opened_at")
    label = f"{monitor.get_severity_display()} {words.limit(monitor)}"
    line = {"value": threshold, "severity": monitor.severity, "label": label}
    return {
        "thresholds": [] if threshold is None else [line],
        "marks": [{"at": epoch_ms(alert.opened_at) // 1000, "label": _("Alert")} for alert in opened],
    }
