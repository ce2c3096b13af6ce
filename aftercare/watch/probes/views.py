"""The pages of probe targets: all of them by place, one of them, making and changing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import apps_for, can, needs, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes.access import get_target_for, targets_for
from aftercare.watch.probes.actions import create_target, delete_target, edit_target, pause_target, resume_target
from aftercare.watch.probes.forms import NewProbeForm, ProbeForm, initial_from
from aftercare.watch.probes.queries import look_at
from aftercare.watch.probes.types import facts_of
from aftercare.watch.probes.words import shown_address
from aftercare.watch.views.monitors import app_filter
from aftercare.web.paging import page_of

PER_PAGE = 50
COMMAND = "aftercare probe --server {server} --key {key} --region CN-GD --carrier 'China Telecom'"


@needs("see_telemetry")
def probe_list(request: HttpRequest) -> HttpResponse:
    """The targets that the reader may see, each with every place that looks at it."""
    user = person(request)
    app_ref = request.GET.get("app", "")[:16]
    targets = targets_for(user).order_by("customer__name", "app__name", "name", "pk")
    page = page_of(targets.filter(app__ref=app_ref) if app_ref else targets, request, per_page=PER_PAGE)
    context = {
        "page": page,
        "rows": look_at(page.rows, utc_now()),
        "filters": app_filter(user, app_ref),
        "is_filtered": bool(app_ref),
        "may_edit": can(user, "edit_monitors"),
        "command": command(),
    }
    return render(request, "watch/probes/probes.html", context)


def command() -> str:
    """How an agent is started."""
    return COMMAND.format(server=settings.BASE_URL, key=_("YOUR-KEY"))


@needs("see_telemetry")
def probe_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One target; POST changes it."""
    user = person(request)
    target = get_target_for(user, ref)
    form = ProbeForm(request.POST or None, initial=initial_from(facts_of(target)))
    if request.method == "POST":
        require(user, "edit_monitors")
        if form.is_valid() and is_changed(user, target, form):
            return redirect("watch:probe", target.ref)
    may_edit = can(user, "edit_monitors")
    (row,) = look_at([target], utc_now())
    context = {
        "target": target,
        "row": row,
        "address": shown_address(target, in_full=may_edit),
        "form": form,
        "may_edit": may_edit,
        "command": command(),
    }
    return render(request, "watch/probes/probe.html", context, status=400 if form.errors else 200)


def is_changed(user: User, target: ProbeTarget, form: ProbeForm) -> bool:
    """Change the target as a valid form says; False, with the sentence in the form, when that is refused."""
    try:
        edit_target(target=target, facts=form.cleaned_data["facts"], actor=user, now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@needs("edit_monitors")
def probe_new(request: HttpRequest) -> HttpResponse:
    """The form of a new target, and what it makes."""
    user = person(request)
    form = NewProbeForm(user, request.POST or None, initial=initial_of(request, user))
    if request.method == "POST" and form.is_valid():
        try:
            target = create_target(app=form.app(), facts=form.cleaned_data["facts"], actor=user, now=utc_now())
            return redirect("watch:probe", target.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "watch/probes/new_probe.html", {"form": form}, status=400 if form.errors else 200)


def initial_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """What is filled in beforehand: the only app there is, or the one a link names."""
    apps = apps_for(user).values_list("ref", flat=True)[:2]
    return {"app": apps[0] if len(apps) == 1 else request.GET.get("app", "")}


@require_POST
@needs("edit_monitors")
def probe_pause(request: HttpRequest, ref: str) -> HttpResponse:
    """Pause a target, or let it go on where `resume` is said."""
    user = person(request)
    target = get_target_for(user, ref)
    change = resume_target if "resume" in request.POST else pause_target
    change(target=target, actor=user, now=utc_now())
    return redirect("watch:probe", target.ref)


@needs("edit_monitors")
def probe_deletion(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST deletes."""
    user = person(request)
    target = get_target_for(user, ref)
    if request.method == "POST":
        delete_target(target=target, actor=user, now=utc_now())
        return redirect("watch:probes")
    return render(request, "watch/probes/probe_deletion.html", {"target": target})
