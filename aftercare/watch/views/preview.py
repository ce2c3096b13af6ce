"""What a rule would have done, shown before it is saved."""

from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import needs, person
from aftercare.accounts.models import App
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.store.engine import pool
from aftercare.watch.access import get_monitor_for
from aftercare.watch.forms import MonitorForm, NewMonitorForm
from aftercare.watch.preview import LOOKS_BACK, Preview, preview
from aftercare.watch.types import AllApps, MonitorFacts, apps_of

SHOWN_FIRINGS = 20


@require_POST
@needs("edit_monitors")
def monitor_preview(request: HttpRequest, ref: str = "") -> HttpResponse:
    """The part of a page that says when the filled-in rule would have fired; of a new one, or of the one of `ref`."""
    user = person(request)
    monitor = get_monitor_for(user, ref) if ref else None
    form = MonitorForm(request.POST) if monitor else NewMonitorForm(user, request.POST)
    if not form.is_valid():
        sentences = [error for errors in form.errors.values() for error in errors]
        return answer(request, {"error": sentences[0]})
    place = apps_of(monitor) if monitor else place_of(form)
    facts: MonitorFacts = form.cleaned_data["facts"]
    try:
        found = preview(pool(), place, facts, utc_now())
    except Refused as refused:
        return answer(request, {"error": refused.sentence})
    shown = {"firings": found.firings[-SHOWN_FIRINGS:][::-1], "count": len(found.firings)}
    shown |= {"days": LOOKS_BACK.days, "judged": round(found.judged * 100), "chart": chart_of(found, facts)}
    return answer(request, shown)


def place_of(form: MonitorForm) -> App | AllApps:
    """The app that was chosen, or all apps of the customer that was."""
    place = form.place() if isinstance(form, NewMonitorForm) else None
    return place if isinstance(place, App) else AllApps(place.pk if place else 0)


def answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The fragment; a refusal is an answer too, and stands where the preview would."""
    return render(request, "watch/_preview.html", context)


def chart_of(found: Preview, facts: MonitorFacts) -> dict[str, Any]:
    """The metric over the time looked at, with its limit or band, and a mark where it would have fired."""
    metric = METRICS[facts.metric]
    line = telemetry_words.shown_value(metric, facts.threshold) if facts.threshold is not None else None
    limit = {"value": line, "severity": facts.severity, "label": ""}

    def shown(values: Any) -> list[float | None]:
        return [None if np.isnan(one) else telemetry_words.shown_value(metric, float(one)) for one in values]

    has_band = line is None and bool(np.isfinite(found.low).any())
    return {
        "times": found.times,
        "series": [{"label": telemetry_words.metric_name(metric), "values": shown(found.values)}],
        "unit": telemetry_words.unit_of(metric),
        "digits": telemetry_words.digits_of(metric),
        "thresholds": [] if line is None else [limit],
        "band": {"low": shown(found.low), "high": shown(found.high)} if has_band else None,
        "marks": [{"at": epoch_ms(one.start) // 1000, "label": _("Alert")} for one in found.firings[-SHOWN_FIRINGS:]],
    }
