"""The list of incidents and the strip on every page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import apps_for, can, customers_for, person
from aftercare.accounts.models import App, User
from aftercare.desk.queries import list_emergencies
from aftercare.incidents.access import unheard_alerts_for
from aftercare.incidents.models import Severity, Status
from aftercare.incidents.queries import IncidentFilter, list_incidents, list_unresolved
from aftercare.web.paging import page_of

STRIP = 2


@login_required
def incident_list(request: HttpRequest) -> HttpResponse:
    """Incidents the reader may see, unresolved first, filtered by the address."""
    user = person(request)
    wanted = filter_of(request)
    context = {
        "page": page_of(list_incidents(user, wanted), request, per_page=50),
        "filters": filters_of(user, wanted),
        "is_filtered": wanted != IncidentFilter(),
        "may_declare": can(user, "act_on_incidents"),
    }
    return render(request, "incidents/incidents.html", context)


def filter_of(request: HttpRequest) -> IncidentFilter:
    """What the address asks for; a value that does not exist narrows nothing."""
    status, severity = request.GET.get("status", ""), request.GET.get("severity", "")
    return IncidentFilter(
        status=status if status in (*Status.values, "unresolved") else "",
        severity=severity if severity in Severity.values else "",
        customer=request.GET.get("customer", "").replace("\x00", "")[:16],
        app=request.GET.get("app", "").replace("\x00", "")[:16],
    )


def filters_of(user: User, wanted: IncidentFilter) -> list[dict[str, Any]]:
    """The filters of the reader's side, as the page shows them."""
    anything = ("", _("any"))
    filters: list[dict[str, Any]] = [
        {
            "name": "status",
            "label": _("State"),
            "value": wanted.status,
            "choices": [anything, ("unresolved", _("not resolved")), *Status.choices],
        },
        {
            "name": "severity",
            "label": _("Severity"),
            "value": wanted.severity,
            "choices": [anything, *Severity.choices],
        },
    ]
    if user.is_provider:
        customers = [anything, *((customer.ref, customer.display_name) for customer in customers_for(user))]
        filters.append({"name": "customer", "label": _("Customer"), "value": wanted.customer, "choices": customers})
    apps = [anything, *((app.ref, app.display_name) for app in apps_to_choose(user, wanted))]
    if len(apps) > 2 or wanted.app:
        filters.append({"name": "app", "label": _("App"), "value": wanted.app, "choices": apps})
    return filters


def apps_to_choose(user: User, wanted: IncidentFilter) -> QuerySet[App]:
    """The reader's own; to the provider those of the customer that the list is narrowed to, else the chosen one."""
    apps = apps_for(user).order_by("name", "pk")
    if not user.is_provider:
        return apps
    return apps.filter(customer__ref=wanted.customer) if wanted.customer else apps.filter(ref=wanted.app)


@login_required
def strip(request: HttpRequest) -> HttpResponse:
    """What is broken now, for the top of every page: the worst ones and how many there are."""
    user = person(request)
    unresolved = list_unresolved(user)
    context: dict[str, Any] = {"shown": list(unresolved[:STRIP]), "total": unresolved.count()}
    context["emergencies"] = list_emergencies(person(request))[:STRIP]
    context["unheard"] = (
        0 if context["shown"] or context["emergencies"] else unheard_alerts_for(person(request)).count()
    )
    return render(request, "incidents/_strip.html", context)
