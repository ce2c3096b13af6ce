"""The list of tickets: the provider's inbox, a customer's own."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.filtering import as_query
from aftercare.desk.inbox import inbox_page, place_of
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
    return render(request, "desk/inbox.html", inbox_context(request, person(request)))


def inbox_context(request: HttpRequest, user: User) -> dict[str, Any]:
    """Everything the page shows to this reader."""
    wanted = filter_of(request)
    page = inbox_page(user, wanted, place_of(request.GET.get("after", "")))
    clocks = next_clocks([ticket.ref for ticket in page.rows])
    for ticket in page.rows:
        ticket.next_clock = clocks.get(ticket.ref)  # type: ignore[attr-defined]
    may_handle = can(user, "reply_to_tickets") and user.is_provider
    return {
        "page": page,
        "next_url": address_after(request, page.next) if page.next else "",
        "first_url": address_after(request, "") if request.GET.get("after") else "",
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Title or number"), "value": wanted.words},
        "is_filtered": wanted != InboxFilter(),
        "places": places("inbox") if user.is_provider else [],
        "may_open": can(user, "open_tickets") and not user.is_provider,
        "may_handle": may_handle,
        "bulk_severities": Severity.choices,
        "bulk_colleagues": colleagues() if may_handle else [],
        "bulk_macros": macros_for(user)[:MACROS_LISTED] if may_handle else [],
        "views": views_of(user, wanted) if user.is_provider else [],
        "kept": {name: value for name, value in as_query(wanted).items() if value},
    }


def address_after(request: HttpRequest, place: str) -> str:
    """This request's address from another place on; "" without one leads to the beginning."""
    query = request.GET.copy()
    query.pop("after", None)
    if place:
        query["after"] = place
    return f"{request.path}?{query.urlencode()}" if query else request.path
