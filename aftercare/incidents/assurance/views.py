"""Pages of assurances: the list, the plan, one event, its board and its summary."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import can, person, provider_with
from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.assurance.access import apps_of, entries_for, get_assurance_for, items_for
from aftercare.incidents.assurance.board import against, may_decide, measured, on_duty_for, tickets_of
from aftercare.incidents.assurance.checklist import checklist_lines, save_checklist
from aftercare.incidents.assurance.closing import may_read, summary_for
from aftercare.incidents.assurance.document import summary_pdf
from aftercare.incidents.assurance.forms import DutyForm, ItemForm, PlanForm, RulesForm, new_plan, plan_of
from aftercare.incidents.assurance.lines import as_text, from_text
from aftercare.incidents.assurance.planning import change_plan, plan_assurance
from aftercare.incidents.assurance.queries import incidents_of, list_assurances, readiness, readiness_sentence
from aftercare.incidents.assurance.story import story_of
from aftercare.incidents.models import Assurance, AssuranceState, Status
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of

ACTS = "act_on_incidents"
STORY_ON_BOARD, STORY_ON_PAGE = 30, 100


@login_required
def assurance_list(request: HttpRequest) -> HttpResponse:
    """Those this person may see: what runs, what comes, what is over."""
    user, now = person(request), utc_now()
    page = page_of(list_assurances(user), request, per_page=50)
    rows = [(one, readiness(one, now) if user.is_provider else None) for one in page.rows]
    context = {"page": page, "rows": rows, "may_plan": user.is_provider and can(user, ACTS)}
    return render(request, "incidents/assurance/list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def assurance_new(request: HttpRequest) -> HttpResponse:
    """The form of a new one, and what it plans."""
    user, now = provider_with(request, ACTS), utc_now()
    form = PlanForm(request.POST or None, initial=new_plan(user, now))
    if request.method == "POST" and form.is_valid():
        try:
            token = form.cleaned_data["token"]
            assurance = plan_assurance(plan=form.plan(), token=token, actor=user, now=now)
            return redirect("incidents:assurance", assurance.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "zones": sorted(available_timezones())}
    return render(request, "incidents/assurance/plan.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def assurance_plan(request: HttpRequest, ref: str) -> HttpResponse:
    """Changing the plan of one that is not over."""
    user = provider_with(request, ACTS)
    assurance = get_assurance_for(user, ref)
    form = PlanForm(request.POST or None, initial=plan_of(assurance))
    if request.method == "POST" and form.is_valid():
        try:
            change_plan(assurance=assurance, plan=form.plan(), actor=user, now=utc_now())
            return redirect("incidents:assurance", assurance.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "zones": sorted(available_timezones()), "assurance": assurance}
    return render(request, "incidents/assurance/plan.html", context, status=400 if form.errors else 200)


@login_required
def assurance_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One event: how ready it is and everything prepared; a customer's people read their part of it."""
    user = person(request)
    return render(request, "incidents/assurance/assurance.html", page_context(user, get_assurance_for(user, ref)))


def page_context(user: User, assurance: Assurance) -> dict[str, Any]:
    """Everything the page shows to this person."""
    now = utc_now()
    context = {
        "assurance": assurance,
        "now": now,
        "apps": apps_of(user, assurance),
        "items": items_for(user, assurance),
        "is_alone": user.is_provider or assurance.customers.count() == 1,
        "may_read_summary": may_read(user, assurance),
        "may_act": may_decide(user) and assurance.is_live,
        "may_close": may_decide(user) and assurance.state == AssuranceState.CLOSED,
        "may_tick": assurance.is_live and (may_decide(user) or (user.customer_id and can(user, "open_tickets"))),
        "decisions": entries_for(user, assurance).order_by("-at", "-pk")[:STORY_ON_PAGE],
        "concurrent": against(assurance, None, "concurrent"),
        "mbps": against(assurance, None, "mbps"),
    }
    if not user.is_provider:
        return context
    return {
        **context,
        "readiness": readiness(assurance, now),
        "sentence": readiness_sentence(assurance, now),
        "customers": [one.customer for one in assurance.customers.select_related("customer")],
        "rules": assurance.rules.select_related("app", "monitor"),
        "duty": assurance.duty.select_related("schedule", "user", "change"),
        "people": list_staff_with("see_customers").order_by("name", "pk"),
        "item_form": ItemForm(),
        "rules_form": RulesForm(assurance=assurance),
        "duty_form": DutyForm(),
        "story": story_of(user, assurance, now, STORY_ON_PAGE),
    }


@login_required
def board(request: HttpRequest, ref: str) -> HttpResponse:
    """The event minute by minute, for a wall and for a phone."""
    user = person(request)
    return render(request, "incidents/assurance/board.html", board_context(user, get_assurance_for(user, ref)))


@login_required
def board_live(request: HttpRequest, ref: str) -> HttpResponse:
    """What changes on the board."""
    user = person(request)
    return render(request, "incidents/assurance/_board.html", board_context(user, get_assurance_for(user, ref)))


def board_context(user: User, assurance: Assurance) -> dict[str, Any]:
    """Everything on the board. What is expected of all apps together stands beside figures of all apps alone."""
    now = utc_now()
    if not user.is_provider and not can(user, "see_telemetry"):
        raise Http404
    told = measured(user, assurance, now)
    is_whole = user.is_provider or assurance.customers.count() == 1
    incidents = incidents_of(user, assurance, now) if assurance.started_at else None
    return {
        "assurance": assurance,
        "measured": told,
        "is_whole": is_whole,
        "concurrent": against(assurance, told.present, "concurrent"),
        "mbps": against(assurance, told.mbps, "mbps"),
        "incidents": incidents.exclude(status=Status.RESOLVED) if incidents is not None else [],
        "tickets": tickets_of(user, assurance),
        "duty": on_duty_for(user, assurance, now),
        "story": story_of(user, assurance, now, STORY_ON_BOARD),
        "may_decide": may_decide(user),
    }


@login_required
def summary(request: HttpRequest, ref: str) -> HttpResponse:
    """The closing summary; for a customer's people once it is published."""
    user = person(request)
    assurance = readable(user, ref)
    context = {**summary_for(user, assurance, utc_now()), "may_close": may_decide(user)}
    return render(request, "incidents/assurance/summary.html", context)


@login_required
def summary_document(request: HttpRequest, ref: str) -> HttpResponse:
    """The same as PDF, in the reader's language and zone."""
    user = person(request)
    assurance = readable(user, ref)
    answer = HttpResponse(summary_pdf(user, assurance, utc_now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="assurance-{assurance.ref}.pdf"'
    return answer


def readable(user: User, ref: str) -> Assurance:
    """The assurance whose summary this person may read; Http404 otherwise."""
    assurance = get_assurance_for(user, ref)
    if not may_read(user, assurance):
        raise Http404
    return assurance


@require_http_methods(["GET", "POST"])
@login_required
def checklist(request: HttpRequest) -> HttpResponse:
    """The list that new assurances begin with."""
    user = provider_with(request, "manage_oncall")
    text, error = request.POST.get("lines", ""), ""
    if request.method == "POST":
        try:
            save_checklist(lines=from_text(text), actor=user, now=utc_now())
            messages.success(request, _("New assurances begin with this list."))
            return redirect("incidents:assurance_checklist")
        except Refused as refused:
            error = refused.sentence
    context = {"lines": text or as_text(checklist_lines()), "error": error}
    return render(request, "incidents/assurance/checklist.html", context, status=400 if error else 200)
