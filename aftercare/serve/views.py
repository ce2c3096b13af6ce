"""The demo's own pages: entering as one of its people, and the real stream to break."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.models import App
from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.kernel.clock import utc_now
from aftercare.kernel.ids import new_ref
from aftercare.oncall.models import Page
from aftercare.serve.demo.entry import demo_person, is_entry
from aftercare.serve.demo.world import TRY_APP, kept_keys
from aftercare.telemetry.queries import session_timeline

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Whom the try-it page offers to become: the customer who sees the ticket, and back.
OFFERED = ("lin", "zhao")


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
    user = demo_person(person) if person in OFFERED else None
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    return redirect(request.POST.get("next") if request.POST.get("next") in ("/tickets", "/try") else "/")


@login_required
@require_GET
def try_stream(request: HttpRequest) -> HttpResponse:
    """The page where this browser plays a real stream that can be made to stall."""
    app = App.objects.select_related("customer").get(name=TRY_APP[0])
    viewer = new_ref()
    context = {
        "app": app,
        "viewer": viewer,
        "stream": f"/demo/live/{viewer}/index.m3u8",
        "throttle": f"/demo/live/{viewer}/throttle",
        "collector": f"{settings.BASE_URL}/v1/cmcd/{kept_keys(settings.DATA_DIR).of_app[app.ref]}?user={viewer}",
    }
    return render(request, "serve/try.html", context)


@login_required
@require_GET
def story_part(request: HttpRequest) -> HttpResponse:
    """What has come of the stall so far: session, alert, incident, page, ticket."""
    app = App.objects.select_related("customer").get(name=TRY_APP[0])
    session = request.GET.get("session", "")[:64]
    incident = Incident.objects.filter(app=app).order_by("-opened_at").first()
    context = {
        "app": app,
        "session": session,
        "timeline": session_timeline(app, session, now=utc_now()) if session else None,
        "incident": incident,
        "page": Page.objects.filter(subject_ref=incident.ref).order_by("-opened_at").first() if incident else None,
        "ticket": Ticket.objects.filter(incident_ref=incident.ref).first() if incident else None,
    }
    return render(request, "serve/_story.html", context)
