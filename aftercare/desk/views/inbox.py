"""The list of tickets: the provider's inbox, a customer's own."""

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.filtering import as_query
from aftercare.desk.inbox import InboxPage, inbox_page, place_of
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Severity
from aftercare.desk.portal import next_clocks
from aftercare.desk.queries import InboxFilter, colleagues
from aftercare.desk.views.filters import filter_of, filters_of
from aftercare.desk.views.places import places
from aftercare.desk.views.saved import views_of

MACROS_LISTED = 100


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Tickets that the reader may see, filtered by the address."""
    user = person(request)
    return render(request, "desk/inbox.html", {**rows_context(request, user), **head_context(request, user)})


@login_required
def inbox_rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, for the page that is already open; 204 where it shows them as they are (`mark` says what it
    shows).
    """
    context = rows_context(request, person(request))
    if context["mark"] == request.GET.get("mark"):
        return HttpResponse(status=204)
    return render(request, "desk/_rows.html", context)


def rows_context(request: HttpRequest, user: User) -> dict[str, Any]:
    """One page of tickets, as long as the address says from where."""
    wanted = filter_of(request)
    page = inbox_page(user, wanted, place_of(request.GET.get("after", "")))
    clocks = next_clocks([ticket.ref for ticket in page.rows])
    for ticket in page.rows:
        ticket.next_clock = clocks.get(ticket.ref)  # type: ignore[attr-defined]
    asked = request.GET.copy()
    asked.pop("mark", None)
    return {
        "page": page,
        "mark": mark_of(page),
        "rows_url": address(reverse("desk:inbox_rows"), asked),
        "next_url": address_after(asked, page.next) if page.next else "",
        "first_url": address_after(asked, "") if request.GET.get("after") else "",
        "is_filtered": wanted != InboxFilter(),
        "may_handle": can(user, "reply_to_tickets") and user.is_provider,
    }


def head_context(request: HttpRequest, user: User) -> dict[str, Any]:
    """What stands over the rows, and the bar of what can be done with many."""
    wanted = filter_of(request)
    may_handle = can(user, "reply_to_tickets") and user.is_provider
    return {
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Title or number"), "value": wanted.words},
        "places": places("inbox") if user.is_provider else [],
        "may_open": can(user, "open_tickets") and not user.is_provider,
        "bulk_severities": Severity.choices,
        "bulk_colleagues": colleagues() if may_handle else [],
        "bulk_macros": macros_for(user)[:MACROS_LISTED] if may_handle else [],
        "views": views_of(user, wanted) if user.is_provider else [],
        "kept": {name: value for name, value in as_query(wanted).items() if value},
    }


def mark_of(page: InboxPage) -> str:
    """Short for all that the rows show, but for times, which keep pace in the browser."""
    shown = [
        (ticket.ref, ticket.version, ticket.updated_at, ticket.waiting_since, ticket.is_unread, clock_mark(ticket))  # type: ignore[attr-defined]
        for ticket in page.rows
    ]
    return hashlib.sha256(repr((shown, page.next)).encode()).hexdigest()[:16]


def clock_mark(ticket: Any) -> tuple[Any, ...]:
    """What a row shows of its next clock."""
    clock = ticket.next_clock
    return (clock.pk, clock.state, clock.due_at, len(clock.pauses)) if clock else ()


def address_after(asked: QueryDict, place: str) -> str:
    """The inbox from another place on; "" leads to the beginning."""
    query = asked.copy()
    query.pop("after", None)
    if place:
        query["after"] = place
    return address(reverse("desk:inbox"), query)


def address(path: str, query: QueryDict) -> str:
    """The path with what is asked of it."""
    return f"{path}?{query.urlencode()}" if query else path
