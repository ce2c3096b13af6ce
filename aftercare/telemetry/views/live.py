"""An app's live page: headline, one big chart, split, worst sessions; every part refreshes by itself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from aftercare.accounts.access import get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.telemetry import words
from aftercare.telemetry.queries import SplitRow, headline, metric_series, split, worst_sessions
from aftercare.telemetry.queries.reading import instant
from aftercare.telemetry.queries.session_sql import FACTS
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.columns import DIMENSIONS
from aftercare.telemetry.views.asked import SPANS, Asked, leading_metrics, read_asked, with_sentences

SPLIT_ROWS, SESSION_ROWS = 15, 10
REFRESH_S = 5
# The parts of a page wait for the telemetry engine, not for each other. Fewer threads than the engine has clients.
SIDE_BY_SIDE = ThreadPoolExecutor(6, thread_name_prefix="live")


@vary_on_headers("HX-Target")
@needs("see_telemetry")
@with_sentences
def app_live(request: HttpRequest, ref: str) -> HttpResponse:
    """The page, or the one part whose id htmx names."""
    app = get_app_for(request.user, ref)
    asked = read_asked(request, app, utc_now())
    common = {"app": app, "asked": asked, "refresh_s": REFRESH_S if asked.window.is_live else 0}
    target = request.headers.get("HX-Target", "")
    if target == SILENT:
        return silent_part(request, common)
    if target in PARTS:
        template, context = PARTS[target]
        return render(request, template, {**common, **context(app, asked)})
    shown = all_parts(app, asked)
    return render(
        request,
        "telemetry/app_live.html",
        {
            **common,
            "place": "live",
            "ranges": range_links(asked),
            "chips": filter_chips(asked),
            "metric_choices": metric_choices(),
            "dimension_choices": [(name, words.DIMENSIONS[name]) for name in DIMENSIONS],
            "series_query": asked.query(),
            "is_silent": is_silent(shown),
            **shown,
        },
    )


def silent_part(request: HttpRequest, common: dict[str, Any]) -> HttpResponse:
    """What a page without data shows; once there is some, htmx is told to load the page anew."""
    response = render(request, "telemetry/_silent.html", common)
    if not is_silent(headline_context(common["app"], common["asked"])):
        response["HX-Refresh"] = "true"
    return response


def is_silent(shown: dict[str, Any]) -> bool:
    """Whether none of the headline's figures was reported."""
    return all(figure["value"] is None for figure in shown["figures"])


def all_parts(app: App, asked: Asked) -> dict[str, Any]:
    """What every part shows, asked side by side, each in this reader's language; none of them asks PostgreSQL."""
    running = [SIDE_BY_SIDE.submit(copy_context().run, made, app, asked) for _template, made in PARTS.values()]
    return {name: value for part in running for name, value in part.result().items()}


def headline_context(app: App, asked: Asked) -> dict[str, Any]:
    """The headline's figures: those that were reported, the chosen metric among them, and the names of the others."""
    keys = list(leading_metrics(app))
    if asked.metric.key not in keys:
        keys.append(asked.metric.key)
    figures = headline(app, keys, asked.window.start, asked.window.end, asked.filters)
    told = [figure for figure in figures if figure.value is not None or figure.metric.key == asked.metric.key]
    return {
        "figures": [
            {
                "metric": figure.metric,
                "value": figure.value,
                "volume": figure.volume,
                "verdict": figure.verdict,
                "is_thin": figure.is_thin,
                "day_before": figure.day_before,
                "week_before": figure.week_before,
                "query": asked.query(metric=figure.metric.key),
                "is_chosen": figure.metric.key == asked.metric.key,
            }
            for figure in told
        ],
        "silent": [figure.metric for figure in figures if figure not in told],
    }


def split_context(app: App, asked: Asked) -> dict[str, Any]:
    """The split's rows, each with the link that narrows to it."""
    rows = split(app, asked.metric.key, asked.by, asked.window.start, asked.window.end, asked.filters, SPLIT_ROWS)
    following = next_dimension(asked)
    return {
        "rows": [
            {"row": row, "query": asked.query(**{asked.by: row.value, "by": following}) if row.value else ""}
            for row in rows
        ],
        "numbers": numbers_of(rows) if asked.numbers else [],
        "numbers_query": asked.query(numbers=None if asked.numbers else "1"),
    }


def numbers_of(rows: Sequence[SplitRow]) -> list[tuple[datetime, tuple[float | None, ...]]]:
    """The small charts as a table: each step's start, newest first, with the metric of every value."""
    times = rows[0].times if rows else []
    steps = zip(*(row.series for row in rows), strict=True)
    return [(instant(at), values) for at, values in zip(times, steps, strict=True)][::-1]


def worst_context(app: App, asked: Asked) -> dict[str, Any]:
    """The sessions that lost most time."""
    known = {name: value for name, value in asked.filters.items() if name in FACTS}
    return {
        "worst": worst_sessions(app, asked.window.start, asked.window.end, SESSION_ROWS, known),
        "wider": [words.DIMENSIONS[name] for name in asked.filters if name not in FACTS],
    }


PARTS = {
    "live-headline": ("telemetry/_headline.html", headline_context),
    "live-split": ("telemetry/_split.html", split_context),
    "live-worst": ("telemetry/_worst.html", worst_context),
}
SILENT = "live-silent"
# Having narrowed to one value, this is the next question people ask.
NARROWER = {
    "country": "province",
    "province": "carrier",
    "carrier": "province",
    "os": "device",
    "device": "app_version",
    "sdk_version": "device",
    "cdn": "edge",
    "edge": "carrier",
    "domain": "carrier",
}


def next_dimension(asked: Asked) -> str:
    """The dimension to split by after narrowing to a value of the present one."""
    following = NARROWER.get(asked.by, "province")
    return asked.by if following in asked.filters else following


def range_links(asked: Asked) -> list[dict[str, Any]]:
    """The time ranges as links."""
    plain = {"from": None, "to": None}
    return [
        {
            "label": words.RANGES[name],
            "url": asked.query(**plain, range=name),
            "is_current": name == asked.window.range,
        }
        for name in SPANS
    ]


def filter_chips(asked: Asked) -> list[dict[str, Any]]:
    """The filters, each with the link that takes it away."""
    return [
        {"name": name, "label": words.DIMENSIONS[name], "value": value, "url": asked.query(**{name: None})}
        for name, value in asked.filters.items()
    ]


def metric_choices() -> list[tuple[str, str]]:
    """All metrics for the chooser."""
    return [(metric.key, words.metric_name(metric)) for metric in METRICS.values()]


@needs("see_telemetry")
def series_json(request: HttpRequest, ref: str) -> HttpResponse:
    """The chart's numbers: `{times, series: [{label, values, volume}], unit, noun, thresholds}`, seconds UTC."""
    app = get_app_for(request.user, ref)
    return with_sentences(chart_json)(request, app)  # type: ignore[return-value]


def chart_json(request: HttpRequest, app: App) -> JsonResponse:
    """The series that this address asks for."""
    asked = read_asked(request, app, utc_now())
    metric = asked.metric
    points = metric_series(app, metric.key, asked.window.start, asked.window.end, asked.filters)
    series: dict[str, Any] = {
        "label": words.metric_name(metric),
        "values": [words.shown_value(metric, value) for _at, value, _volume in points],
    }
    if not words.is_its_own_volume(metric):
        series["volume"] = [round(words.volume_of(metric, volume), 1) for _at, _value, volume in points]
    return JsonResponse(
        {
            "times": [epoch_ms(at) // 1000 for at, _value, _volume in points],
            "series": [series],
            "unit": words.unit_of(metric),
            "digits": words.digits_of(metric),
            "noun": words.volume_noun(metric),
            "thresholds": thresholds(metric),
            "min": 0 if metric.direction != "higher" else None,
        }
    )


def thresholds(metric: Metric) -> list[dict[str, Any]]:
    """The catalog's lines of a metric."""
    lines = [
        (metric.warning, "warning", _("Warning %(value)s")),
        (metric.red, "red", _("Red line %(value)s")),
    ]
    return [
        {"value": value, "severity": severity, "label": text % {"value": f"{value:g}{words.unit_of(metric)}"}}
        for value, severity, text in lines
        if value is not None
    ]
