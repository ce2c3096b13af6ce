"""Tickets to take away: those that the inbox shows under the same filters."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from aftercare.accounts.access import person
from aftercare.audit import actions as audit
from aftercare.desk.exporting import as_csv, as_json
from aftercare.desk.queries import list_tickets
from aftercare.desk.views.filters import filter_of
from aftercare.kernel.clock import utc_now
from aftercare.web.streaming import streamed


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """`?format=json` or CSV. Streamed; every export is in the audit."""
    user, wanted, now = person(request), filter_of(request), utc_now()
    is_json = request.GET.get("format") == "json"
    tickets = list_tickets(user, wanted)
    audit.record(
        actor=user,
        action="ticket.export",
        subject="tickets",
        customer_id=user.customer_id,
        detail={"format": "json" if is_json else "csv", "status": wanted.status, "words": wanted.words},
        now=now,
    )
    pieces = (as_json if is_json else as_csv)(user, tickets)
    ending, kind = ("json", "application/json") if is_json else ("csv", "text/csv; charset=utf-8")
    response = streamed(request, pieces, content_type=kind)
    name = f"tickets-{now:%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
