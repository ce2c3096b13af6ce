"""Media sessions of an app: the search, and one session's timeline."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.telemetry import words
from aftercare.telemetry.access import get_session_for
from aftercare.telemetry.queries import SessionSummary, Timeline
from aftercare.telemetry.queries.session_sql import FACTS
from aftercare.telemetry.queries.sessions import PER_PAGE, Found, search_sessions
from aftercare.telemetry.queries.timeline import is_recent
from aftercare.telemetry.queries.values import dimension_values
from aftercare.telemetry.views.asked import SPANS, Window, read_filters, read_window, with_sentences
from aftercare.telemetry.views.comparing import findings
from aftercare.telemetry.views.drawing import draw
from aftercare.telemetry.views.joining import waterfall
from aftercare.telemetry.views.lanes import lanes_of, server_lanes_of
from aftercare.web.paging import PARAMETER, Page, page_of

ORDERS = ("worst", "newest")
CHOSEN = ("country", "province", "carrier", "network", "device", "sdk_version", "app_version", "edge")


class Rows:
    """A list of known length that fetches a page when it is asked for it."""

    def __init__(self, search: Callable[[int], Found], page: int) -> None:
        self.search, self.page = search, page
        self.found = search(page)

    def __len__(self) -> int:
        return self.found.total

    def __getitem__(self, asked: slice) -> list[dict[str, Any]]:
        page = asked.start // PER_PAGE + 1
        return self.found.rows if page == self.page else self.search(page).rows


@needs("see_telemetry")
@with_sentences
def session_search(request: HttpRequest, ref: str) -> HttpResponse:
    """The sessions of a time, worst or newest first, by any fact."""
    app = get_app_for(request.user, ref)
    now = utc_now()
    said = request.GET.dict()
    window = read_window(said, now)
    filters = read_filters(said, FACTS)
    order = said.get("order") if said.get("order") in ORDERS else "worst"
    text = said.get("q", "").strip()[:128]
    page = found_page(request, app, window, filters, text, order)
    return render(
        request,
        "telemetry/sessions.html",
        {
            "app": app,
            "place": "sessions",
            "window": window,
            "page": page,
            "text": text,
            "order": order,
            "hidden": hidden_fields(window, filters),
            "ranges": [(name, words.RANGES[name]) for name in SPANS],
            "selects": selects(app, window, filters),
            "chips": [
                {"label": words.FACTS[name], "value": value, "url": without(request, name)}
                for name, value in filters.items()
                if name not in CHOSEN
            ],
            "is_filtered": bool(filters or text),
        },
    )


def found_page(
    request: HttpRequest, app: App, window: Window, filters: dict[str, str], text: str, order: Any
) -> Page[dict[str, Any]]:
    """The page of sessions that `?page=` asks for."""
    asked = request.GET.get(PARAMETER, "1")
    number = int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1

    def search(page: int) -> Found:
        return search_sessions(
            app, start=window.start, end=window.end, filters=filters, text=text, order=order, page=page
        )

    return page_of(cast("Sequence[dict[str, Any]]", Rows(search, number)), request, per_page=PER_PAGE)


def without(request: HttpRequest, name: str) -> str:
    """This address's query without one filter."""
    query = request.GET.copy()
    query.pop(name, None)
    query.pop("page", None)
    return f"?{query.urlencode()}"


def hidden_fields(window: Window, filters: dict[str, str]) -> list[tuple[str, str]]:
    """What the form carries on: a drawn time range, and filters that have no select of their own."""
    drawn = [] if window.range else [("from", window.start.isoformat()), ("to", window.end.isoformat())]
    return [*drawn, *((name, value) for name, value in filters.items() if name not in CHOSEN)]


def selects(app: App, window: Window, filters: dict[str, str]) -> list[dict[str, Any]]:
    """A select for each dimension that was told at all in this time."""
    values = dimension_values(app, CHOSEN, window.start, window.end)
    made = []
    for name in CHOSEN:
        known = values.get(name, [])
        chosen = filters.get(name, "")
        if chosen and chosen not in known:
            known = [chosen, *known]
        if known:
            choices = [("", _("All")), *((value, value) for value in known)]
            made.append({"name": name, "label": words.DIMENSIONS[name], "value": chosen, "choices": choices})
    return made


@needs("see_telemetry")
def session_page(request: HttpRequest, ref: str, session: str) -> HttpResponse:
    """What happened in one session, and when; once its reports have expired, what they added up to."""
    now = utc_now()
    app, found = get_session_for(request.user, ref, session, now=now)
    context = {"app": app, "place": "sessions", "facts": facts_of(found)}
    if isinstance(found, SessionSummary):
        return render(request, "telemetry/session_expired.html", {**context, "summary": found})
    return render(
        request,
        "telemetry/session.html",
        {**context, **timeline_context(found, now, with_numbers=bool(request.GET.get("numbers")))},
    )


def facts_of(found: Timeline | SessionSummary) -> list[tuple[Any, str, str]]:
    """The facts that were told, with their labels."""
    return [(words.FACTS[name], name, value) for name, value in found.facts.items() if value]


def timeline_context(timeline: Timeline, now: datetime, *, with_numbers: bool) -> dict[str, Any]:
    """What the page of a session shows of its timeline; its curves' numbers where the address asks for them."""
    return {
        "timeline": timeline,
        "drawing": draw(timeline, lanes_of(timeline), server_lanes_of(timeline), with_numbers=with_numbers),
        "joining": waterfall(timeline.events),
        "findings": findings(timeline),
        "happenings": happenings(timeline),
        "intervals": [
            {
                "name": words.STATES[interval.state],
                "since_ms": interval.start - timeline.start,
                "interval": interval,
            }
            for interval in timeline.intervals
        ],
        "is_recent": is_recent(timeline, now),
    }


def happenings(timeline: Timeline) -> list[dict[str, Any]]:
    """The events in words, the client's and the server's, with their time into the session."""
    server = timeline.server.events if timeline.server else []
    told = sorted([*timeline.events, *server], key=lambda event: event.at)
    return [
        {
            "at": event.at,
            "since_ms": event.at - timeline.start,
            "name": words.EVENTS.get(event.name, event.name),
            "code": words.STEPS.get(event.code, event.code) if event.name == "step" else event.code,
            "elapsed_ms": event.elapsed_ms or None,
            "is_bad": event.name in words.BAD_EVENTS,
        }
        for event in told
    ]
