"""The list of monitors, and making a new one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.accounts.access import apps_for, can, needs, person
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.actions import create_monitor
from aftercare.watch.forms import PLACES, NewMonitorForm
from aftercare.watch.measurement_forms import NewMeasurementForm
from aftercare.watch.models import Severity, Status
from aftercare.watch.queries import MonitorFilter, count_by_status, list_monitors, readings_now
from aftercare.web.paging import page_of

PER_PAGE = 50
OFF = "off"
MOST_APPS = 200


@needs("see_telemetry")
def monitor_list(request: HttpRequest) -> HttpResponse:
    """The monitors that the reader may see, what is wrong first, each with what it measures now."""
    user = person(request)
    wanted = filter_of(request)
    page = page_of(list_monitors(user, wanted), request, per_page=PER_PAGE)
    context = {
        "page": page,
        "readings": readings_now([monitor.pk for monitor in page.rows], utc_now()),
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Customer, app or metric"), "value": wanted.words},
        "is_filtered": wanted != MonitorFilter(),
        "summary": summary(count_by_status(user, wanted.app)),
        "app": apps_for(user).filter(ref=wanted.app).first() if wanted.app else None,
        "may_edit": can(user, "edit_monitors"),
    }
    return render(request, "watch/monitors.html", context)


def filter_of(request: HttpRequest) -> MonitorFilter:
    """What the address asks for; a status or severity that does not exist narrows nothing."""
    asked = request.GET
    status, severity = asked.get("status", ""), asked.get("severity", "")
    return MonitorFilter(
        app=asked.get("app", "")[:16],
        status=status if status in (*Status.values, OFF) else "",
        severity=severity if severity in Severity.values else "",
        words=asked.get("q", "").strip()[:100],
    )


def filters_of(user: User, wanted: MonitorFilter) -> list[dict[str, Any]]:
    """The choosers above the list."""
    statuses = [("", _("any")), *Status.choices, (OFF, pgettext("monitor", "switched off"))]
    return [
        *app_filter(user, wanted.app),
        {"name": "status", "label": _("State"), "value": wanted.status, "choices": statuses},
        severity_filter(wanted.severity),
    ]


def app_filter(user: User, chosen: str) -> list[dict[str, Any]]:
    """The chooser of apps, left out where there are too many to choose from or only one."""
    apps = list(apps_for(user)[: MOST_APPS + 1])
    if not 1 < len(apps) <= MOST_APPS:
        return []
    return [
        {
            "name": "app",
            "label": _("App"),
            "value": chosen,
            "choices": [("", _("all")), *((app.ref, app.display_name) for app in apps)],
        }
    ]


def severity_filter(chosen: str) -> dict[str, Any]:
    """The chooser of severities."""
    return {"name": "severity", "label": _("Severity"), "value": chosen, "choices": [("", _("any")), *Severity.choices]}


def summary(counts: dict[str, int]) -> str:
    """How many are in which state, in the order given: `2 alerting · 9 within the limit`."""
    names = {**dict(Status.choices), OFF: pgettext("monitor", "switched off")}
    return " · ".join(f"{count} {names[status]}" for status, count in counts.items() if count)


@needs("edit_monitors")
def monitor_new(request: HttpRequest) -> HttpResponse:
    """The form of a new monitor, and what it makes."""
    user = person(request)
    is_measured = request.GET.get("about") == "measurement"
    made = NewMeasurementForm if is_measured else NewMonitorForm
    form = made(user, request.POST or None, initial=initial_of(request, user))
    if request.method == "POST" and form.is_valid():
        try:
            monitor = create_monitor(app=form.place(), facts=form.cleaned_data["facts"], actor=user, now=utc_now())
            return redirect("watch:monitor", monitor.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "is_measured": is_measured}
    return render(request, "watch/new_monitor.html", context, status=400 if form.errors else 200)


def initial_of(request: HttpRequest, user: User) -> dict[str, str]:
    """What is filled in beforehand: the only app there is, or what a link says of app, subject and conditions."""
    said = request.GET
    names = {"app": "app", "metric": "metric", "measurement": "measurement", "reading": "read"}
    names |= {f"{part}{place}": f"{part}{place}" for part in ("dimension", "value") for place in PLACES}
    apps = apps_for(user).values_list("ref", flat=True)[:2]
    only = {"app": apps[0]} if len(apps) == 1 else {}
    return only | {field: said[name] for field, name in names.items() if said.get(name)}
