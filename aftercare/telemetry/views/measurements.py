"""The list of an app's measurements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.telemetry import words
from aftercare.telemetry.queries.measurements import Name, count_names, list_names
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import CATALOG
from aftercare.telemetry.schema.ucum import readable, unit_of
from aftercare.web.paging import page_of

LONGEST = 200


class Names:
    """The measurements as a list that fetches a page when it is asked for it."""

    def __init__(self, app: App, text: str, now: datetime) -> None:
        self.app, self.text, self.now = app, text, now

    def __len__(self) -> int:
        return count_names(self.app, self.text, now=self.now)

    def __getitem__(self, rows: slice) -> list[Name]:
        return list_names(self.app, self.text, limit=rows.stop - rows.start, offset=rows.start, now=self.now)


@needs("see_telemetry")
def measurement_list(request: HttpRequest, ref: str) -> HttpResponse:
    """The names told today and yesterday, with what is known of each."""
    app = get_app_for(request.user, ref)
    text = request.GET.get("q", "").strip()[:LONGEST]
    page = page_of(cast("Sequence[Name]", Names(app, text, utc_now())), request)
    return render(
        request,
        "telemetry/measurements.html",
        {"app": app, "place": "measurements", "page": page, "rows": [told(row) for row in page.rows], "search": text},
    )


def told(row: Name) -> dict[str, Any]:
    """A measurement as the list shows it."""
    return {
        "name": row.name,
        "kind": words.SERIES_KINDS.get(row.kind, row.kind),
        "query": f"?kind={row.kind}",
        "unit": readable(unit_of(row.unit, row.name), words.counted_noun),
        "series": row.series,
        "told_at": row.told_at,
        "catalog": [METRICS[key] for key in CATALOG.get(row.name, ())],
    }
