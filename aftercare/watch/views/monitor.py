"""One monitor: what it watches, where it stands, what it did, and changing it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, needs, person, require
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch import words
from aftercare.watch.access import get_monitor_for
from aftercare.watch.actions import delete_monitor, edit_monitor
from aftercare.watch.forms import MonitorForm, initial_from
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
    form = MonitorForm(request.POST or None, initial=initial_from(facts_of(monitor)))
    if request.method == "POST":
        require(user, "edit_monitors")
        if form.is_valid() and is_changed(request, monitor, form):
            return redirect("watch:monitor", monitor.ref)
    context = {
        "monitor": monitor,
        "metric": METRICS.get(monitor.metric),
        "readings": readings_now([monitor.pk], utc_now()) if monitor.enabled else {},
        "alerts": monitor.alerts.order_by("-opened_at", "-pk")[:ALERTS_SHOWN],
        "alerts_total": monitor.alerts.count(),
        "changes": page_of(list_changes(monitor), request, per_page=CHANGES_PER_PAGE),
        "form": form,
        "may_edit": can(user, "edit_monitors"),
    }
    return render(request, "watch/monitor.html", context, status=400 if form.errors else 200)


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
    metric = METRICS.get(monitor.metric)
    now = utc_now()
    if metric is None:
        return {"times": [], "series": []}
    points = metric_series(apps_of(monitor), metric.key, now - CHART_SPAN, now, monitor.filters)
    series: dict[str, Any] = {
        "label": telemetry_words.metric_name(metric),
        "values": [telemetry_words.shown_value(metric, value) for _at, value, _volume in points],
    }
    if not telemetry_words.is_its_own_volume(metric):
        series["volume"] = [round(telemetry_words.volume_of(metric, volume), 1) for _at, _value, volume in points]
    line = {
        "value": telemetry_words.shown_value(metric, monitor.threshold),
        "severity": monitor.severity,
        "label": f"{monitor.get_severity_display()} {words.limit(monitor)}",
    }
    opened = monitor.alerts.filter(opened_at__gte=now - CHART_SPAN).order_by("opened_at")
    return {
        "times": [epoch_ms(at) // 1000 for at, _value, _volume in points],
        "series": [series],
        "unit": telemetry_words.unit_of(metric),
        "digits": telemetry_words.digits_of(metric),
        "noun": telemetry_words.volume_noun(metric),
        "thresholds": [line],
        "marks": [{"at": epoch_ms(alert.opened_at) // 1000, "label": _("Alert")} for alert in opened],
        "min": 0 if metric.direction != "higher" else None,
    }
