"""Tickets to take away: those that the inbox shows under the same filters."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from aftercare.accounts.access import person
from aftercare.desk.downloads import as_export
from aftercare.desk.views.filters import filter_of
from aftercare.kernel.clock import utc_now


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """`?format=json` or CSV. Streamed; every export is in the audit."""
    is_json = request.GET.get("format") == "json"
    return as_export(request, person(request), filter_of(request), is_json=is_json, now=utc_now())
