"""The on-call: who is on duty, four weeks of it, and what differs for a while."""

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
from aftercare.oncall.access import get_change_for
from aftercare.oncall.calendar import weeks
from aftercare.oncall.forms import ChangeForm, SwapForm
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.queries import (
    coverage,
    duties,
    live_pages,
    oncall_settings,
    open_swaps,
    reachability,
    sign_ins_of,
    warnings_about,
)
from aftercare.oncall.queries.policy import schedules_in_order
from aftercare.oncall.views.holes import accepts_holes, shown_holes
from aftercare.web.paging import page_of

LIVE_SHOWN = 20


@provider_only
@require_http_methods(["GET", "POST"])
def oncall(request: HttpRequest) -> HttpResponse:
    """Who is on duty, who is next, the coming four weeks; POST lets somebody cover."""
    form = ChangeForm(request.POST or None, initial={"starts_at": timezone.localtime(utc_now())})
    if request.method == "POST":
        saved = cover(request, form)
        if saved is not None:
            return saved
    now, schedules = utc_now(), schedules_in_order()
    changes = Change.objects.filter(ends_at__gt=now).select_related("schedule", "user", "replaced")
    context = {
        "duties": duties(now),
        "weeks": weeks(schedules, now),
        "schedules": schedules,
        "warnings": dict.fromkeys(said for schedule in schedules for said in warnings_about(schedule, now)),
        "pages": page_of(live_pages(), request, per_page=LIVE_SHOWN),
        "changes": changes.order_by("starts_at", "pk"),
        "swaps": open_swaps(now),
        "sign_ins": sign_ins_of(person(request), now),
        "form": form,
        "swap_form": SwapForm(auto_id="swap_%s"),
        "may_manage": can(request.user, "manage_oncall"),
        "may_cover": can(request.user, "acknowledge_pages"),
    }
    return render(request, "oncall/oncall.html", context, status=400 if form.errors else 200)


def cover(request: HttpRequest, form: ChangeForm) -> HttpResponse | None:
    """Save the change of a valid form, or show first what it leaves open; None when the page must be shown again with
    what is wrong.

    Raises PermissionDenied (403) for staff who take no pages: they may read the calendar only.
    """
    require(request.user, "acknowledge_pages")
    if not form.is_valid():
        return None
    try:
        change = actions.add_change(
            **form.cleaned_data, accepts_holes=accepts_holes(request), actor=person(request), now=utc_now()
        )
    except actions.OpensHoles as opens:
        return shown_holes(request, opens)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return None
    warn(request, change.schedule)
    return redirect("oncall:oncall")


def warn(request: HttpRequest, schedule: Schedule) -> None:
    """Say at once what a change leaves open."""
    for sentence in warnings_about(schedule, utc_now()):
        messages.warning(request, sentence)


@provider_only
@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The coming days: when nobody would be woken, who could not be reached, and who answered a test call."""
    now = utc_now()
    context = {
        "found": coverage(now),
        "reached": reachability(now),
        "settings": oncall_settings(now),
        "may_manage": can(request.user, "manage_oncall"),
    }
    return render(request, "oncall/coverage.html", context)


@provider_only
@needs("acknowledge_pages")
@require_POST
def remove_change(request: HttpRequest, ref: str) -> HttpResponse:
    """The schedule's own order holds again."""
    change = get_change_for(request.user, ref)
    try:
        actions.remove_change(change=change, accepts_holes=accepts_holes(request), actor=person(request), now=utc_now())
    except actions.OpensHoles as opens:
        return shown_holes(request, opens)
    except Refused as refused:
        messages.error(request, refused.sentence)
    warn(request, change.schedule)
    return redirect("oncall:oncall")


@login_required
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """Who is on duty, for the strip on top of every page; customers' people get nothing."""
    if not person(request).is_provider:
        return HttpResponse(status=204)
    return render(request, "oncall/_strip.html", {"duties": duties(utc_now())})
