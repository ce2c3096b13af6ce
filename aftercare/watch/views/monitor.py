"""One monitor: what it watches, where it stands, what it did, and changing it."""

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from aftercare.accounts.access import can, needs, person, require
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import measurement_of
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
        "is_measured": measurement_of(monitor.metric) is not None,
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
