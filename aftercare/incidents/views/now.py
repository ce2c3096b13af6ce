"""Now, the home page: what is broken and what waits, for either side."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from aftercare.accounts.access import apps_for, can, person
from aftercare.accounts.models import App, Rank, User
from aftercare.desk.access import tickets_for
from aftercare.desk.models import UNSETTLED
from aftercare.desk.queries import list_emergencies, list_groups, list_unanswered
from aftercare.incidents.access import unheard_alerts_for
from aftercare.incidents.queries import list_unresolved

LINES = 12


@login_required
def now(request: HttpRequest) -> HttpResponse:
    """One address, two sights."""
    user = person(request)
    context = provider_context(user) if user.is_provider else customer_context(user)
    template = "incidents/now_provider.html" if user.is_provider else "incidents/now_customer.html"
    return render(request, template, {**context, **broken_context(user)})


@login_required
def broken_part(request: HttpRequest) -> HttpResponse:
    """What is broken, alone, for the page that is already open."""
    return render(request, "incidents/_broken.html", broken_context(person(request)))


def broken_context(user: User) -> dict[str, Any]:
    """Unresolved incidents, the worst first, and how many open alerts none of them speaks of."""
    unresolved = list_unresolved(user)
    shown = list(unresolved[:LINES])
    return {
        "broken": shown,
        "broken_more": max(unresolved.count() - len(shown), 0),
        "emergencies": list(list_emergencies(user)[:LINES]),
        "unheard": unheard_alerts_for(user).count(),
        "may_see_alerts": can(user, "see_telemetry"),
    }


def provider_context(user: User) -> dict[str, Any]:
    """Unanswered tickets and the day's shape of every key customer's apps."""
    unanswered = list_unanswered(user)
    apps = apps_for(user).filter(customer__rank=Rank.KEY)
    return {
        "unanswered": unanswered[:LINES],
        "unanswered_total": unanswered.count(),
        "waiting_groups": list_groups(user).filter(waiting_since__isnull=False)[:LINES],
        "shapes": [(app, shape_url(app)) for app in apps[:LINES]],
    }


def customer_context(user: User) -> dict[str, Any]:
    """The customer's own open tickets and apps."""
    tickets = tickets_for(user).filter(status__in=UNSETTLED).order_by("-updated_at")
    return {
        "tickets": tickets[:LINES],
        "tickets_total": tickets.count(),
        "shapes": [(app, shape_url(app)) for app in apps_for(user)],
        "may_open": can(user, "open_tickets"),
    }


def shape_url(app: App) -> str:
    """The address of the app's small multiple, "" while the telemetry room has none."""
    try:
        return reverse("telemetry:shape", args=[app.ref])
    except NoReverseMatch:
        return ""
