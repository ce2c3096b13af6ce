"""The page of figures, and the rows behind one as a page or a file."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from aftercare.accounts.access import provider_only
from aftercare.incidents.figures.definitions import BY_KEY, DEFINITIONS, Definition
from aftercare.incidents.figures.forms import wanted_of
from aftercare.incidents.figures.queries import figures
from aftercare.incidents.figures.types import Counted
from aftercare.kernel.cells import safe_cell
from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

HEAD = ("what", "link", "about", "from", "until", "value", "unit", "note")


@dataclass(frozen=True)
class Shown:
    """A figure with what it is and what it was in the period before."""

    definition: Definition
    now: Counted
    before: Counted
    query: str


@provider_only
@require_GET
def figures_page(request: HttpRequest) -> HttpResponse:
    """All figures; with `?figure=` also the rows behind that one, the worst first."""
    now = utc_now()
    wanted, form = wanted_of(request.GET, timezone.get_current_timezone(), now)
    counted, before = figures(wanted, now), figures(wanted.before, now)
    shown = [Shown(one, counted[one.key], before[one.key], query(request, one.key)) for one in DEFINITIONS]
    chosen = request.GET.get("figure", "")
    context = {
        "form": form,
        "wanted": wanted,
        "shown": shown,
        "chosen": next((one for one in shown if one.definition.key == chosen), None),
        "rows": page_of(counted[chosen].rows, request) if chosen in BY_KEY else None,
    }
    return render(request, "incidents/figures/figures.html", context, status=200 if form.is_valid() else 400)


def query(request: HttpRequest, key: str) -> str:
    """The address of the same page with the rows of one figure."""
    asked = request.GET.copy()
    asked.pop("page", None)
    asked["figure"] = key
    return asked.urlencode()


@provider_only
@require_GET
def rows_file(request: HttpRequest) -> HttpResponse:
    """CSV of the rows behind `?figure=`, under the same filters; instants in UTC. 404 for a figure that is none."""
    definition = BY_KEY.get(request.GET.get("figure", ""))
    if definition is None:
        raise Http404
    now = utc_now()
    wanted, form = wanted_of(request.GET, timezone.get_current_timezone(), now)
    if not form.is_valid():
        return HttpResponse(" ".join(str(one) for of in form.errors.values() for one in of), status=400)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="incidents-{definition.key}-{wanted.start:%Y-%m-%d}.csv"'
    lines = csv.writer(answer)
    lines.writerow(HEAD)
    for row in figures(wanted, now)[definition.key].rows:
        link = request.build_absolute_uri(row.path) if row.path else ""
        value = "" if row.value is None else f"{row.value:.0f}"
        texts = [safe_cell(row.title), link, safe_cell(row.about), instant(row.since), instant(row.until)]
        lines.writerow([*texts, value, definition.row_unit, row.word])
    return answer


def instant(at: datetime | None) -> str:
    """In UTC to the second; "" for none."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
