"""One monitor: what it watches, where it stands, what it did, and changing it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, needs, person, require
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.measurements import TooMuch, measured_series
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import Measurement, measurement_of
from aftercare.watch import words
from aftercare.watch.access import get_monitor_for
from aftercare.watch.actions import delete_monitor, edit_monitor
from aftercare.watch.forms import MonitorForm, initial_from
from aftercare.watch.measurement_forms import MeasurementForm
from aftercare.watch.models import Monitor
from aftercare.watch.queries import list_changes, readings_now
from aftercare.watch.types import apps_of, facts_of
from aftercare.web.paging import page_of

CHANGES_PER_PAGE = 20
ALERTS_SHOWN = 10
CHART_SPAN = timedelta(hours=3)


@needs("see_telemetry")
def monitor_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The page; POST changes the monitor."""
    user = person(request)
    monitor = get_monitor_for(user, ref)
    form = form_of(request, monitor)
    if request.method == "POST":
        require(user, "edit_monitors")
        if form.is_valid() and is_changed(request, monitor, form):
            return redirect("watch:monitor", monitor.ref)
    context = {
        "monitor": monitor,
        "metric": METRICS.get(monitor.metric) or measurement_of(monitor.metric),
        "app_query": app_query(monitor),
        "readings": readings_now([monitor.pk], utc_now()) if monitor.enabled else {},
        "alerts": monitor.alerts.order_by("-opened_at", "-pk")[:ALERTS_SHOWN],
        "alerts_total": monitor.alerts.count(),
        "changes": page_of(list_changes(monitor), request, per_page=CHANGES_PER_PAGE),
        "form": form,
        "may_edit": can(user, "edit_monitors"),
    }
    return render(request, "watch/monitor.html", context, status=400 if form.errors else 200)


def form_of(request: HttpRequest, monitor: Monitor) -> MonitorForm:
    """The form of the monitor's kind, filled in as it is sent or as the monitor is."""
    initial = initial_from(facts_of(monitor))
    if measurement_of(monitor.metric) is not None:
        return MeasurementForm(request.POST or None, initial=initial, asked_of=apps_of(monitor))
    return MonitorForm(request.POST or None, initial=initial)


def app_query(monitor: Monitor) -> str:
    """Where an app's pages show what this monitor is about: the path under the app's, with its query; "" for all apps.

    Told as a path, as every link to another room's page is.
    """
    if monitor.app is None:
        return ""
    measurement = measurement_of(monitor.metric)
    if measurement is None:
        return f"?{urlencode({'metric': monitor.metric, **monitor.filters})}"
    said = {"read": measurement.reading, **{f"label.{label}": value for label, value in monitor.filters.items()}}
    return f"/measurements/{quote(measurement.name)}?{urlencode(said)}"


def is_changed(request: HttpRequest, monitor: Monitor, form: MonitorForm) -> bool:
    """Change the monitor as a valid form says; False, with the sentence in the form, when that is refused."""
    try:
        edit_monitor(monitor=monitor, facts=form.cleaned_data["facts"], actor=person(request), now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@needs("edit_monitors")
def monitor_deletion(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST deletes."""
    user = person(request)
    monitor = get_monitor_for(user, ref)
    if request.method == "POST":
        delete_monitor(monitor=monitor, actor=user, now=utc_now())
        narrowed = f"?app={monitor.app.ref}" if monitor.app else ""
        return redirect(reverse("watch:monitors") + narrowed)
    return render(request, "watch/monitor_deletion.html", {"monitor": monitor})


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
