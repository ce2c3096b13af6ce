"""What one monitor's chart shows: its metric or measurement, its line, and its alerts."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from aftercare.accounts.access import needs
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.measurements import TooMuch, measured_series
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import Measurement, measurement_of
from aftercare.watch import words
from aftercare.watch.access import get_monitor_for
from aftercare.watch.models import Monitor
from aftercare.watch.types import apps_of

CHART_SPAN = timedelta(hours=3)


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
        **lines_of(monitor, telemetry_words.shown_value(metric, monitor.threshold), now),
    }


def measured_series_of(monitor: Monitor, measurement: Measurement, now: datetime) -> dict[str, Any]:
    """The chart's data of a monitor about a measurement; no points where there are too many to read."""
    try:
        points = measured_series(apps_of(monitor), measurement, monitor.filters, now - CHART_SPAN, now)
    except TooMuch:
        return {"times": [], "series": []}
    known = [abs(value) for _at, value, _points in points if value is not None]
    written = telemetry_words.measured_in(monitor.unit, max([*known, abs(monitor.threshold)]))
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
        **lines_of(monitor, written.value(monitor.threshold), now),
    }


def lines_of(monitor: Monitor, threshold: float | None, now: datetime) -> dict[str, Any]:
    """The monitor's line at this shown value, and its alerts as marks."""
    opened = monitor.alerts.filter(opened_at__gte=now - CHART_SPAN).order_by("opened_at")
    label = f"{monitor.get_severity_display()} {words.limit(monitor)}"
    return {
        "thresholds": [{"value": threshold, "severity": monitor.severity, "label": label}],
        "marks": [{"at": epoch_ms(alert.opened_at) // 1000, "label": _("Alert")} for alert in opened],
    }
