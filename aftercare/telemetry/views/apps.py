"""The list of apps, each with its shape of the day, and one app's shape alone for other rooms' pages."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import apps_for, get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries.overview import Glance, glances
from aftercare.telemetry.views.asked import leading_metrics, with_sentences
from aftercare.web.paging import page_of

DAY = timedelta(hours=24)
NOW = timedelta(minutes=15)
# The day in steps of 5 minutes, drawn half an hour to a point; a younger app's few hours are drawn in full.
POINTS, THINNED = 288, 6
YOUNG = 72
PER_PAGE = 24
SHOWN = 3
# Listed apps are looked at through any scenario's metrics; distinct counts are left to an app's own page.
KEYS = ("join_success", "start_success", "rebuffering_ratio", "video_freeze_600", "audio_freeze_200", "call_connect")
SHAPE = "concurrent"


@needs("see_telemetry")
@with_sentences
def app_list(request: HttpRequest) -> HttpResponse:
    """All apps that exist for this person."""
    text = request.GET.get("q", "").strip()
    apps = apps_for(request.user).order_by("customer__name", "name", "id")
    if text:
        apps = apps.filter(name__icontains=text) | apps.filter(name_zh__icontains=text)
    page = page_of(apps, request, per_page=PER_PAGE)
    seen = look_at(page.rows)
    return render(
        request,
        "telemetry/app_list.html",
        {
            "page": page,
            "apps": [{"app": app, **seen[app.pk]} for app in page.rows],
            "search": {"name": "q", "value": text},
            "is_simulated": any(app.is_simulated for app in page.rows),
        },
    )


@needs("see_telemetry")
def app_shape(request: HttpRequest, ref: str) -> HttpResponse:
    """One app's day as a small multiple, a part for other pages."""
    app = get_app_for(request.user, ref)
    return render(request, "telemetry/_shape.html", {"app": app, **look_at([app])[app.pk]})


def look_at(apps: list[App]) -> dict[int, dict[str, Any]]:
    """For each app: the day's shape, its figures of the last quarter of an hour, and the worst verdict of those."""
    if not apps:
        return {}
    now = utc_now()
    day = glances(apps, [SHAPE], SHAPE, now - DAY, now, now=now, points=POINTS)
    present = glances(apps, [SHAPE, *KEYS], SHAPE, now - NOW, now, now=now, points=1)
    return {app.pk: summary(app, day[app.pk], present[app.pk]) for app in apps}


def summary(app: App, day: Glance, present: Glance) -> dict[str, Any]:
    """What a list shows of one app."""
    figures = {figure.metric.key: figure for figure in present.figures}
    leading = [figures[key] for key in leading_metrics(app) if key in KEYS and figures[key].value is not None]
    others = [figures[key] for key in KEYS if figures[key].value is not None and figures[key] not in leading]
    judged = [figure.verdict for figure in [*leading, *others] if figure.verdict]
    order = ("breached", "warning", "healthy", "unknown")
    return {
        "shape": drawn(day.series),
        "hours": hours_of(day.series),
        "concurrent": figures[SHAPE].value,
        "figures": [*leading, *others][:SHOWN],
        "verdict": next((verdict for verdict in order if verdict in judged), "unknown"),
        "has_reported": any(value is not None for value in day.series),
    }


def drawn(series: list[float | None]) -> list[float | None]:
    """The day's shape, or only from the first report on where that was less than six hours ago."""
    reported = series[first_known(series) :]
    if len(reported) <= YOUNG:
        return reported
    groups = [series[place : place + THINNED] for place in range(0, len(series), THINNED)]
    return [mean([value for value in group if value is not None]) for group in groups]


def hours_of(series: list[float | None]) -> int:
    """How many hours `drawn` shows."""
    reported = len(series) - first_known(series)
    return max(1, round(reported / 12)) if reported <= YOUNG else 24


def first_known(series: list[float | None]) -> int:
    """The place of the first value; the length where there is none."""
    return next((place for place, value in enumerate(series) if value is not None), len(series))


def mean(values: list[float]) -> float | None:
    """The mean of a count that holds for equal times; None of nothing."""
    return sum(values) / len(values) if values else None
