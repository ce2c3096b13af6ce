"""A calendar from elsewhere: what it would change of a schedule, then the change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import needs, person, provider_only
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall.access import get_schedule_for
from aftercare.oncall.ics.planning import Plan, apply_plan, plan_calendar
from aftercare.oncall.ics.reading import BYTES_AT_MOST
from aftercare.oncall.models import Schedule
from aftercare.oncall.views.schedule import warn

SHOWN = 100


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def take_calendar(request: HttpRequest, ref: str) -> HttpResponse:
    """Look through whose shifts a calendar holds, then take them."""
    schedule = get_schedule_for(request.user, ref)
    text = sent_calendar(request) if request.method == "POST" else ""
    plan, wrong = None, ""
    if text:
        try:
            plan = plan_calendar(schedule, text, utc_now())
            if "take" in request.POST and (plan.news or plan.gone):
                return taken(request, schedule, plan)
        except Refused as refused:
            wrong = refused.sentence
    context = {"schedule": schedule, "text": text, "plan": plan, "shown": SHOWN, "wrong": wrong}
    return render(request, "oncall/ics.html", context, status=400 if wrong else 200)


def sent_calendar(request: HttpRequest) -> str:
    """The file that was sent, else the text of the field; one byte more than is taken shows that it is too long."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("text", "").replace("\x00", "")
    read: bytes = upload.read(BYTES_AT_MOST + 1)
    return read.decode("utf-8-sig", "replace").replace("\x00", "")


def taken(request: HttpRequest, schedule: Schedule, plan: Plan) -> HttpResponse:
    """Carry it out, and say what is left open."""
    takes_away = "takes_away" in request.POST
    count = apply_plan(schedule, plan, takes_away=takes_away, actor=person(request), now=utc_now())
    said = ngettext("%(n)s shift of the calendar holds now.", "%(n)s shifts of the calendar hold now.", count)
    if count:
        messages.success(request, said % {"n": count})
    if takes_away and plan.gone:
        n = len(plan.gone)
        said = ngettext("%(n)s shift that it no longer has is gone.", "%(n)s shifts that it no longer has are gone.", n)
        messages.success(request, said % {"n": n})
    warn(request, schedule)
    return redirect("oncall:oncall")
