"""One box for everything: tickets, incidents, customers, apps, and the way on to media sessions."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import apps_for, can, customers_for, person
from aftercare.accounts.models import User
from aftercare.desk.access import tickets_for
from aftercare.desk.models import Ticket
from aftercare.desk.queries import find, hits_of
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
            "tickets": named_tickets(user, words),
            **conversations(user, words),
            "incidents": find_incidents(user, words)[:FOUND],
            "customers": customers_for(user).filter(named)[:FOUND] if user.is_provider else [],
            "apps": apps_for(user).filter(named)[:FOUND],
            "session_apps": apps_for(user)[:FOUND] if can(user, "see_telemetry") else [],
        }
    return render(request, "incidents/search.html", context)


def conversations(user: User, words: str) -> dict[str, object]:
    """The newest conversations that hold the words, and how many of each kind there are."""
    found = find(user, words, per_page=FOUND)
    return {"hits": hits_of(user, found), "ticket_count": found.total, "troubles": found.asked.troubles}


def named_tickets(user: User, words: str) -> list[Ticket]:
    """Tickets whose number or ref this is."""
    number = words.removeprefix("#")
    named = Q(ref=words.lower())
    if number.isdecimal() and len(number) < 10:
        named |= Q(number=int(number))
    return list(tickets_for(user).filter(named).order_by("-updated_at")[:FOUND])
