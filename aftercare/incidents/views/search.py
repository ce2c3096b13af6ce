"""One box for everything: tickets, incidents, customers, apps, and the way on to media sessions."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import apps_for, can, customers_for, person
from aftercare.desk.queries import InboxFilter, list_tickets
from aftercare.incidents.queries import find_incidents

FOUND = 8
LONGEST = 100


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """What the reader may see that holds these words; sessions are searched per app, by their own page."""
    user = person(request)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    context: dict[str, object] = {"words": words}
    if words:
        named = Q(name__icontains=words) | Q(name_zh__icontains=words) | Q(ref=words.lower())
        context |= {
            "tickets": list_tickets(user, InboxFilter(status="", words=words))[:FOUND],
            "incidents": find_incidents(user, words)[:FOUND],
            "customers": customers_for(user).filter(named)[:FOUND] if user.is_provider else [],
            "apps": apps_for(user).filter(named)[:FOUND],
            "session_apps": apps_for(user)[:FOUND] if can(user, "see_telemetry") else [],
        }
    return render(request, "incidents/search.html", context)
