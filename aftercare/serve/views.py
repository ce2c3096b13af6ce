"""The demo's own pages: entering as one of its people, and the real stream to break."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import apps_for, person
from aftercare.accounts.models import App
from aftercare.desk.models import Ticket
from aftercare.incidents.access import incidents_for
from aftercare.incidents.models import Incident
from aftercare.kernel.clock import utc_now
from aftercare.kernel.ids import new_ref
from aftercare.oncall.models import Page
from aftercare.serve.demo.entry import demo_person, is_entry
from aftercare.serve.demo.world import TRY_APP, kept_keys
from aftercare.telemetry.queries import session_timeline
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.store.engine import pool

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Whom the try-it page offers to become: the customer who sees the ticket, and back.
OFFERED = ("lin", "zhao")
PLAYER_WORDS = {
    "playing": _("Playing"),
    "stalled": _("Stalled"),
    "paused": _("Paused: press play"),
    "error": _("The player met an error and tries again"),
    "unsupported": _("This browser cannot play the stream: it has no Media Source Extensions"),
}


@require_GET
def enter(request: HttpRequest, person: str) -> HttpResponse:
    """Sign in by the address that the demo printed."""
    user = demo_person(person)
    if user is None or not is_entry(person, request.GET.get("key", "")):
        raise Http404
    login(request, user, backend=BACKEND)
    return redirect("/")


@login_required
@require_POST
def enter_as(request: HttpRequest, person: str) -> HttpResponse:
    """From within the demo: look at it with another person's eyes."""
    try_app_for(request)
    user = demo_person(person) if person in OFFERED else None
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    wanted = request.POST.get("next", "")
    return redirect(wanted if wanted in ("/tickets", "/try") else "/")


@login_required
@require_GET
def try_stream(request: HttpRequest) -> HttpResponse:
    """The page where this browser plays a real stream that can be made to stall."""
    app = try_app_for(request)
    viewer = new_ref()
    context = {
        "app": app,
        "session": str(uuid.uuid4()),
        "stream": f"/demo/live/{viewer}/index.m3u8",
        "throttle": f"/demo/live/{viewer}/throttle",
        "collector": f"/v1/cmcd/{kept_keys(settings.DATA_DIR).of_app[app.ref]}?user={viewer}",
        "words": json.dumps({name: str(word) for name, word in PLAYER_WORDS.items()}),
    }
    return render(request, "serve/try.html", context)


@login_required
@require_GET
def story_part(request: HttpRequest) -> HttpResponse:
    """What has come of the stall so far: session, alert, incident, page, ticket."""
    app = try_app_for(request)
    session = request.GET.get("session", "")[:64]
    now = utc_now()
    incident = incidents_for(person(request)).filter(app=app).order_by("-opened_at").first()
    timeline = session_timeline(app, session, now=now) if session else None
    ticket = Ticket.objects.filter(incident_ref=incident.ref, customer=app.customer).first() if incident else None
    row = headline_row(app, now - timedelta(minutes=1), now)
    context = {
        "app": app,
        "session": session,
        "timeline": timeline,
        "stall_s": round(timeline.totals["stall_ms"] / 1000, 1) if timeline else 0,
        "ratio": METRICS["rebuffering_ratio"].value(row) if row else None,
        "watched_s": round(row["watched_ms"] / 1000) if row else 0,
        "incident": incident,
        "incident_title": in_readers_language(incident),
        "page": Page.objects.filter(subject_ref=incident.ref).order_by("-opened_at").first() if incident else None,
        "ticket": ticket,
        "ticket_title": in_readers_language(ticket),
    }
    return render(request, "serve/_story.html", context)


def has_try_app(user: Any) -> bool:
    """Whether the try-it page exists for this person."""
    return apps_for(user).filter(name=TRY_APP[0]).exists()


def try_app_for(request: HttpRequest) -> App:
    """The app behind the try-it page; Http404 for other customers' people, to whom it does not exist."""
    return get_object_or_404(apps_for(request.user), name=TRY_APP[0])


def headline_row(app: App, start: datetime, end: datetime) -> dict[str, Any]:
    """What was watched and stalled in this span, as summed measures; empty where nothing was."""
    rows = pool().rows(
        "SELECT sum(stall_ms), sum(watched_ms) FROM r10s WHERE customer = {customer:UInt32} AND app = {app:UInt32} "
        "AND bucket >= {start:DateTime} AND bucket < {end:DateTime} AND cut = ''",
        {"customer": app.customer_id, "app": app.pk, "start": start, "end": end},
    )
    stalled, watched = rows[0]
    return {"stall_ms": stalled, "watched_ms": watched} if watched else {}


def in_readers_language(thing: Incident | Ticket | None) -> str:
    """The title in the language of the page."""
    if thing is None:
        return ""
    return ((get_language() or "").startswith("zh") and thing.title_zh) or thing.title
