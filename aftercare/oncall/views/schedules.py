"""Making and changing schedules: by form, and as a file that is looked through before it holds."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import needs, person, provider_only
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_schedule_for
from aftercare.oncall.calendar import weeks
from aftercare.oncall.exporting import as_document
from aftercare.oncall.exporting_policies import escalation_entries
from aftercare.oncall.importing import Planned, apply_import, plan_beside, plan_import
from aftercare.oncall.importing_policies import Part
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries.people import takers
from aftercare.oncall.queries.policy import people_of, schedules_in_order
from aftercare.oncall.schedule_form import ScheduleForm, initial_of
from aftercare.oncall.views.holes import accepts_holes, shown_holes
from aftercare.oncall.views.schedule import warn

FILE_BYTES = 1_000_000
VERSIONS_SHOWN = 20
ZONES_OFFERED = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make a schedule, or change one."""
    found = get_schedule_for(request.user, ref) if ref else None
    form = schedule_form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_schedule(
                schedule=found,
                version=form.cleaned_data["version"],
                name=form.cleaned_data["name"],
                document=form.document(),
                accepts_holes=accepts_holes(request),
                actor=person(request),
                now=utc_now(),
            )
        except actions.OpensHoles as opens:
            return shown_holes(request, opens)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            warn(request, saved)
            return redirect("oncall:schedule", saved.ref)
    context = {
        "form": form,
        "schedule": found,
        "zones": ZONES_OFFERED,
        "takers": form.people,
        "weeks": weeks([found], utc_now()) if found else [],
        "versions": found.versions.select_related("actor")[:VERSIONS_SHOWN] if found else [],
    }
    return render(request, "oncall/schedule.html", context, status=400 if form.errors else 200)


def schedule_form(request: HttpRequest, found: Schedule | None) -> ScheduleForm:
    """The form with what is kept, or with what was sent."""
    people = {user.ref: user for user in takers().order_by("name", "pk")}
    if found is None:
        now = timezone.localtime(utc_now()).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        initial = {"timezone": str(timezone.get_current_timezone()), "layer_0_starts": now}
        return ScheduleForm(request.POST or None, initial=initial, people=list(people.values()), layers=0)
    people |= {user.ref: user for user in people_of(found)}
    initial = initial_of(found.document, people) | {"name": found.name, "version": found.version}
    layers = len(found.document["layers"])
    return ScheduleForm(request.POST or None, initial=initial, people=list(people.values()), layers=layers)


@provider_only
@needs("manage_oncall")
@require_POST
def remove_schedule(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a schedule away; a refusal says what still uses it."""
    found = get_schedule_for(request.user, ref)
    try:
        actions.delete_schedule(schedule=found, actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("oncall:schedule", ref)
    messages.success(request, _("%(schedule)s is gone.") % {"schedule": found.name})
    return redirect("oncall:oncall")


@provider_only
@require_GET
def schedules_file(request: HttpRequest) -> HttpResponse:
    """The schedules as a file, to keep beside one's code and to look through with `aftercare oncall preview`."""
    text = as_document(schedules_in_order(), utc_now(), escalation_entries())
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="schedules.yaml"'},
    )


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def take_file(request: HttpRequest) -> HttpResponse:
    """Look through what a file would change, then take it."""
    text = sent_text(request) if request.method == "POST" else ""
    planned: list[Planned] = []
    beside: list[Part] = []
    wrong = ""
    if text:
        try:
            planned, beside = plan_import(text, utc_now()), plan_beside(text, utc_now())
            if "take" in request.POST:
                return taken(request, person(request), planned, beside)
        except Refused as refused:
            wrong = refused.sentence
    parts: list[Planned | Part] = [*planned, *beside]
    context = {"text": text, "planned": parts, "wrong": wrong, "changes_nothing": all(one.is_same for one in parts)}
    return render(request, "oncall/file.html", context, status=400 if wrong else 200)


def sent_text(request: HttpRequest) -> str:
    """The file that was sent, else the text of the field."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("text", "")
    read: bytes = upload.read(FILE_BYTES)
    return read.decode("utf-8", "replace")


def taken(request: HttpRequest, user: User, planned: list[Planned], beside: list[Part]) -> HttpResponse:
    """Carry it out, and say what it leaves open."""
    apply_import(planned, beside, actor=user, now=utc_now())
    for kept in Schedule.objects.filter(name__in=[one.name for one in planned if not one.is_same]):
        warn(request, kept)
    messages.success(request, _("The file holds now."))
    return redirect("oncall:oncall")
