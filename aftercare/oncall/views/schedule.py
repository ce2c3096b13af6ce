"""The on-call: who is on duty, four weeks of it, and changing it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, needs, person, provider_only, require
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_override_for, get_rotation_for
from aftercare.oncall.calendar import weeks
from aftercare.oncall.exporting import as_document
from aftercare.oncall.forms import OverrideForm, PolicyForm, RotationForm
from aftercare.oncall.models import Override, Rotation
from aftercare.oncall.queries import default_policy, duties, live_pages, warnings_about
from aftercare.oncall.queries.policy import rotations_in_order
from aftercare.web.paging import page_of

LIVE_SHOWN = 20
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
@require_http_methods(["GET", "POST"])
def oncall(request: HttpRequest) -> HttpResponse:
    """Who is on duty, who is next, the coming four weeks; POST puts an override in."""
    form = OverrideForm(request.POST or None, initial={"starts_at": timezone.localtime(utc_now())})
    if request.method == "POST":
        saved = cover(request, form)
        if saved is not None:
            return saved
    now, rotations = utc_now(), rotations_in_order()
    context = {
        "duties": duties(now),
        "weeks": weeks(rotations, now),
        "rotations": rotations,
        "warnings": dict.fromkeys(said for rotation in rotations for said in warnings_about(rotation, now)),
        "pages": page_of(live_pages(), request, per_page=LIVE_SHOWN),
        "overrides": Override.objects.filter(ends_at__gt=now).select_related("rotation", "user").order_by("starts_at"),
        "policy": default_policy(),
        "form": form,
        "may_manage": can(request.user, "manage_oncall"),
        "may_cover": can(request.user, "acknowledge_pages"),
    }
    return render(request, "oncall/oncall.html", context, status=400 if form.errors else 200)


def cover(request: HttpRequest, form: OverrideForm) -> HttpResponse | None:
    """Save the override of a valid form; None when the page must be shown again with what is wrong.

    Raises PermissionDenied (403) for staff who take no pages: they may read the calendar only.
    """
    require(request.user, "acknowledge_pages")
    if not form.is_valid():
        return None
    try:
        override = actions.add_override(**form.cleaned_data, actor=person(request), now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return None
    warn(request, override.rotation)
    return redirect("oncall:oncall")


def warn(request: HttpRequest, rotation: Rotation) -> None:
    """Say at once what the change leaves open."""
    for sentence in warnings_about(rotation, utc_now()):
        messages.warning(request, sentence)


@provider_only
@require_GET
def schedules_file(request: HttpRequest) -> HttpResponse:
    """The rotations as a file, to keep beside one's code and to look through with `aftercare oncall preview`."""
    text = as_document(rotations_in_order(), utc_now())
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="schedules.yaml"'},
    )


@provider_only
@needs("acknowledge_pages")
@require_POST
def remove_override(request: HttpRequest, ref: str) -> HttpResponse:
    """End a cover."""
    override = get_override_for(request.user, ref)
    rotation = override.rotation
    actions.remove_override(override=override, actor=person(request), now=utc_now())
    warn(request, rotation)
    return redirect("oncall:oncall")


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def rotation(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make a rotation, or change one."""
    found = get_rotation_for(request.user, ref) if ref else None
    form = rotation_form(request, found)
    if request.method == "POST" and form.is_valid():
        data = {key: value for key, value in form.cleaned_data.items() if not key.startswith("place_")}
        try:
            saved = actions.save_rotation(
                rotation=found, **data, members=form.members(), actor=person(request), now=utc_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            warn(request, saved)
            return redirect("oncall:oncall")
    context = {"form": form, "rotation": found, "zones": ZONES_OFFERED}
    return render(request, "oncall/rotation.html", context, status=400 if form.errors else 200)


def rotation_form(request: HttpRequest, found: Rotation | None) -> RotationForm:
    """The form with what is kept, or with what was sent."""
    now = timezone.localtime(utc_now())
    initial: dict[str, object] = {"timezone": str(timezone.get_current_timezone()), "starts_on": now.date()}
    members = []
    if found is not None:
        fields = ("name", "timezone", "shift_length_days", "handoff_time", "starts_on")
        initial = {name: getattr(found, name) for name in fields}
        members = [member.user for member in found.members.select_related("user")]
    return RotationForm(request.POST or None, initial=initial, members=members)


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """The order in which rotations are woken."""
    kept = default_policy()
    form = PolicyForm(request.POST or None, policy=kept, initial={"repeat": kept.repeat if kept else 2})
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_policy(
                steps=form.steps(), repeat=form.cleaned_data["repeat"], actor=person(request), now=utc_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            for step_rotation, _delay_s in form.steps():
                warn(request, step_rotation)
            return redirect("oncall:oncall")
    context = {"form": form, "policy": kept, "has_rotations": Rotation.objects.exists()}
    return render(request, "oncall/policy.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """Who is on duty, for the strip on top of every page; customers' people get nothing."""
    if not person(request).is_provider:
        return HttpResponse(status=204)
    return render(request, "oncall/_strip.html", {"duties": duties(utc_now())})
