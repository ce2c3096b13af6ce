"""Pages of runbooks, of going through one, and of drills."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_with, require
from aftercare.incidents.models import Drill, Run, Runbook
from aftercare.incidents.review.duty import today_of_provider
from aftercare.incidents.review.follow_ups import add_follow_up
from aftercare.incidents.review.forms import FollowUpForm
from aftercare.incidents.review.views import provider_incident
from aftercare.incidents.runbooks.forms import DrillForm, ResultForm, RunbookForm, started_from
from aftercare.incidents.runbooks.keeping import CAUSE_NAMES, retire_runbook, save_runbook
from aftercare.incidents.runbooks.running import do_step, end_drill, plan_drill, start_run, steps_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of

ACT = "act_on_incidents"


@login_required
@require_GET
def runbooks(request: HttpRequest) -> HttpResponse:
    """All runbooks; retired ones last."""
    user = provider_with(request, ACT)
    rows = Runbook.objects.order_by("retired_at", "title", "pk")
    context = {"page": page_of(rows, request, per_page=50), "may_manage": can(user, "manage_oncall")}
    return render(request, "incidents/runbooks/runbooks.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def runbook(request: HttpRequest, ref: str = "") -> HttpResponse:
    """A new runbook, or one that there is with who went through it; POST saves a version."""
    user = provider_with(request, ACT)
    row = get_object_or_404(Runbook.objects.select_related("changed_by"), ref=ref) if ref else None
    if row is None or request.method == "POST":
        require(user, "manage_oncall")
    form = RunbookForm(request.POST or None, initial=started_from(row) if row else {})
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_runbook(runbook=row, actor=user, now=utc_now(), **form.facts())
            return redirect("incidents:runbook", saved.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {
        "runbook": row,
        "form": form,
        "causes": CAUSE_NAMES.items(),
        "runs": row.runs.select_related("incident", "drill", "started_by")[:20] if row else [],
        "may_manage": can(user, "manage_oncall"),
    }
    return render(request, "incidents/runbooks/runbook.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def retire(request: HttpRequest, ref: str) -> HttpResponse:
    """Offer it no more."""
    user = provider_with(request, "manage_oncall")
    retire_runbook(runbook=get_object_or_404(Runbook, ref=ref), actor=user, now=utc_now())
    return redirect("incidents:runbooks")


@login_required
@require_POST
def start(request: HttpRequest, ref: str) -> HttpResponse:
    """Take up a runbook about an incident."""
    incident = provider_incident(request, ref)
    require(request.user, ACT)
    row = get_object_or_404(Runbook, ref=request.POST.get("runbook", "")[:16])
    try:
        made = start_run(incident=incident, runbook=row, actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("incidents:incident", ref)
    return redirect("incidents:run", made.ref)


@login_required
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, ref: str) -> HttpResponse:
    """The steps one by one; POST ticks one, or takes a tick back."""
    user = provider_with(request, ACT)
    row = get_object_or_404(Run.objects.select_related("runbook", "incident", "drill", "started_by"), ref=ref)
    if request.method == "POST":
        said = request.POST.get("number", "")
        number = int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
        try:
            do_step(run=row, number=number, undo="undo" in request.POST, actor=user, now=utc_now())
        except Refused as refused:
            messages.error(request, refused.sentence)
        return redirect("incidents:run", ref)
    steps = steps_of(row)
    context = {"run": row, "steps": steps, "done": sum(1 for step in steps if step["done"])}
    return render(request, "incidents/runbooks/run.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def drills(request: HttpRequest) -> HttpResponse:
    """All drills, what is ahead first; POST plans one."""
    user = provider_with(request, ACT)
    form = DrillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = plan_drill(actor=user, now=utc_now(), **form.cleaned_data)
            return redirect("incidents:drill", made.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    rows = Drill.objects.select_related("runbook").prefetch_related("people").order_by("ended_at", "-planned_on", "-pk")
    context = {
        "page": page_of(rows, request, per_page=50),
        "form": form,
        "has_runbooks": Runbook.objects.filter(retired_at=None).exists(),
        "today": today_of_provider(utc_now()),
    }
    return render(request, "incidents/runbooks/drills.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def drill(request: HttpRequest, ref: str) -> HttpResponse:
    """One drill; POST notes how it went, or (`action=follow_up`) what follows from it."""
    user = provider_with(request, ACT)
    row = get_object_or_404(Drill.objects.select_related("runbook"), ref=ref)
    is_follow_up = request.POST.get("action") == "follow_up"
    told = {"result": row.result, "findings": row.findings}
    result = ResultForm(request.POST if request.method == "POST" and not is_follow_up else None, initial=told)
    follow = FollowUpForm(request.POST if is_follow_up else None)
    form: Any = follow if is_follow_up else result
    if request.method == "POST" and form.is_valid():
        try:
            if is_follow_up:
                add_follow_up(drill=row, actor=user, now=utc_now(), **follow.cleaned_data)
            else:
                end_drill(drill=row, actor=user, now=utc_now(), **result.cleaned_data)
            return redirect("incidents:drill", ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {
        "drill": row,
        "people": row.people.order_by("name"),
        "run": row.runs.first(),
        "form": result,
        "follow_up_form": follow,
        "follow_ups": row.follow_ups.select_related("owner", "ended_by"),
        "today": today_of_provider(utc_now()),
        "may_act": True,
        "back": request.path,
    }
    return render(request, "incidents/runbooks/drill.html", context, status=400 if form.errors else 200)
