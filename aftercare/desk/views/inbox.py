"""The list of tickets: the provider's inbox, a customer's own."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, customers_for, person
from aftercare.accounts.models import User
from aftercare.desk.kinds import KINDS, kind_choices
from aftercare.desk.models import Severity, Status
from aftercare.desk.portal import next_clocks
from aftercare.desk.queries import InboxFilter, list_tickets
from aftercare.desk.views.places import places
from aftercare.web.paging import page_of


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Tickets that the reader may see, filtered by the address."""
    user = person(request)
    wanted = filter_of(request)
    page = page_of(list_tickets(user, wanted), request, per_page=50)
    clocks = next_clocks([ticket.ref for ticket in page])
    for ticket in page:
        ticket.next_clock = clocks.get(ticket.ref)
    context = {
        "page": page,
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Title or number"), "value": wanted.words},
        "is_filtered": wanted != InboxFilter(),
        "places": places("inbox") if user.is_provider else [],
        "may_open": can(user, "open_tickets") and not user.is_provider,
    }
    return render(request, "desk/inbox.html", context)


def filter_of(request: HttpRequest) -> InboxFilter:
    """What the address asks for; a status or severity that does not exist narrows nothing."""
    asked = request.GET
    status = asked.get("status", "unsettled")
    severity = asked.get("severity", "")
    return InboxFilter(
        status=status if status in Status.values or status in ("", "unsettled") else "unsettled",
        severity=severity if severity in Severity.values else "",
        customer=asked.get("customer", "").replace("\x00", "")[:16],
        mine=asked.get("mine") == "1",
        kind=asked.get("kind", "") if asked.get("kind", "") in KINDS else "",
        followed=asked.get("mine") == "followed",
        words=asked.get("q", "").replace("\x00", "").strip()[:100],
    )


def filters_of(user: User, wanted: InboxFilter) -> list[dict[str, Any]]:
    """The filters of the reader's side, as the page shows them."""
    statuses = [("unsettled", _("not settled")), *Status.choices, ("", _("all"))]
    mine = [("", _("everybody's")), ("1", _("mine")), ("followed", _("those I follow"))]
    whose = "followed" if wanted.followed else "1" if wanted.mine else ""
    filters: list[dict[str, Any]] = [
        {"name": "status", "label": _("Status"), "value": wanted.status, "choices": statuses},
        {
            "name": "severity",
            "label": _("Severity"),
            "value": wanted.severity,
            "choices": [("", _("any")), *Severity.choices],
        },
        {"name": "mine", "label": _("Whose"), "value": whose, "choices": mine},
        {
            "name": "kind",
            "label": _("Kind of problem"),
            "value": wanted.kind,
            "choices": [("", _("any")), *kind_choices()],
        },
    ]
    if user.is_provider:
        customers = [("", _("any")), *((customer.ref, customer.display_name) for customer in customers_for(user))]
        filters.insert(2, {"name": "customer", "label": _("Customer"), "value": wanted.customer, "choices": customers})
    return filters
