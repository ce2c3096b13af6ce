"""Hours at the desk: recorded intervals, summed up by person and day."""

import csv
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.routing.queries import SPANS, Day, by_person, hours_in
from aftercare.desk.views.places import places
from aftercare.desk.views.staff import staff_page
from aftercare.kernel.cells import safe_cell
from aftercare.kernel.clock import utc_now


@staff_page()
def hours(request: HttpRequest) -> HttpResponse:
    """Hours on duty per person and day: a published quality figure, from recorded intervals."""
    user, now = person(request), utc_now()
    span, days = asked(request, user, now)
    return render(
        request,
        "desk/hours.html",
        {
            "places": places("hours"),
            "people": by_person(days),
            "days": sorted(days, key=lambda one: (-one.day.toordinal(), one.user.name)),
            "filters": [{"name": "span", "label": _("Time"), "value": span, "choices": span_choices()}],
            "span": span,
            "may_manage": can(user, "manage_oncall"),
        },
    )


@staff_page()
def hours_csv(request: HttpRequest) -> HttpResponse:
    """The same figures as a file."""
    span, days = asked(request, person(request), utc_now())
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="hours-{span}.csv"'
    answer.write("\ufeff")  # so that spreadsheets read the names as UTF-8
    writer = csv.writer(answer)
    writer.writerow(["day", "person", "e-mail", "on_h", "away_h"])
    for one in days:
        cells = [safe_cell(one.user.name), safe_cell(one.user.email)]
        writer.writerow([one.day.isoformat(), *cells, f"{one.on_s / 3600:.2f}", f"{one.away_s / 3600:.2f}"])
    return answer


def asked(request: HttpRequest, user: User, now: datetime) -> tuple[str, list[Day]]:
    """The span that the address asks for and its figures, in the reader's zone."""
    span = request.GET.get("span", "7d")
    span = span if span in SPANS else "7d"
    return span, hours_in(span, user, now)


def span_choices() -> list[tuple[str, str]]:
    """The spans in words."""
    return [("today", _("today")), ("7d", _("7 days")), ("30d", _("30 days")), ("90d", _("90 days"))]
