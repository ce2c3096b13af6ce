"""How long everybody was on call, as a file for those who pay for it."""

import csv
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from aftercare.accounts.access import needs, provider_only
from aftercare.kernel.cells import safe_cell
from aftercare.kernel.clock import utc_now
from aftercare.oncall.queries.hours import Sort, first_of_month, hours_of_month

HEAD = ("person", "email", "schedule", "shifts", "hours", *(f"{sort}_hours" for sort in Sort), "night_hours")


@provider_only
@needs("manage_oncall")
@require_GET
def hours_file(request: HttpRequest) -> HttpResponse:
    """CSV of one month (`?month=2026-11`), the present one until now."""
    now = utc_now()
    month = first_of_month(request.GET.get("month", ""), now)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="oncall-hours-{month:%Y-%m}.csv"'
    rows = csv.writer(answer)
    rows.writerow(HEAD)
    for one in hours_of_month(month, now):
        of_days = [in_hours(one.of[sort]) for sort in Sort]
        names = [safe_cell(text) for text in (one.user.name, one.user.email, one.schedule.name)]
        rows.writerow([*names, one.shifts, in_hours(one.total), *of_days, in_hours(one.night)])
    return answer


def in_hours(span: timedelta) -> str:
    """Hours to the hundredth."""
    return f"{span / timedelta(hours=1):.2f}"
