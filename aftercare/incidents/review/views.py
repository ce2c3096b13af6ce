"""One incident seen whole: grade, responsibility, what is owed, what follows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_with, require
from aftercare.accounts.models import Customer, User
from aftercare.clocks.queries import explain
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import FollowUp, Impact, Incident, Level, PostMortem, ReviewRules
from aftercare.incidents.review import duty, follow_ups, judging
from aftercare.incidents.review.forms import FollowUpForm, GradeForm, ResponsibilityForm, RulesForm
from aftercare.incidents.review.impact import minutes_of
from aftercare.incidents.review.rules import rules_in_force, save_rules
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Deed = Callable[[HttpRequest, User, Incident, datetime], None]


@login_required
@require_GET
def review(request: HttpRequest, ref: str) -> HttpResponse:
    """The page."""
    incident = provider_incident(request, ref)
    return render(request, "incidents/review/review.html", context_of(request, incident))


def provider_incident(request: HttpRequest, ref: str) -> Incident:
    """The incident, for our own people. Raises Http404 for everybody else."""
    user = person(request)
    incident = get_incident_for(user, ref)
    if not user.is_provider:
        raise Http404
    return incident


def context_of(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """Everything the page shows."""
    now = utc_now()
    impact, rules = Impact.objects.filter(incident=incident).first(), rules_in_force()
    proposed = rules.level_of(impact.users if impact else None, minutes_of(incident, now))
    grade = judging.grade_of(incident)
    start = {"level": grade.level if grade else proposed or Level.FOUR, "seen": incident.gradings.count()}
    clocks = duty.clocks_of(incident)
    return {
        "incident": incident,
        "impact": impact,
        "by_customer": by_customer(impact),
        "minutes": minutes_of(incident, now),
        "proposed": Level(proposed).label if proposed else "",
        "rules": rules,
        "grade": grade,
        "gradings": incident.gradings.select_related("by"),
        "grade_form": GradeForm(initial=start),
        "rulings": judging.words_of(incident),
        "ruling_history": incident.responsibilities.select_related("by", "customer"),
        "ruling_form": ResponsibilityForm(incident=incident, initial={"seen": incident.responsibilities.count()}),
        "explanations": [explain(clock, now) for clock in clocks],
        "owes_regulator": any(clock.kind == duty.REGULATOR_CLOCK for clock in clocks),
        "follow_ups": follow_ups.of_incident(incident),
        "today": duty.today_of_provider(now),
        "follow_up_form": FollowUpForm(),
        "root_fix": follow_ups.root_fix_of(incident),
        "post_mortem": PostMortem.objects.filter(incident=incident).first(),
        "may_act": can(request.user, "act_on_incidents"),
        "back": request.path,
    }


def by_customer(impact: Impact | None) -> list[dict[str, Any]]:
    """Each customer's figures with its name, the hardest hit first, unknown last."""
    rows = impact.by_customer if impact else []
    named = {one.ref: one for one in Customer.objects.filter(ref__in=[row["customer"] for row in rows])}
    told = [{**row, "customer": named[row["customer"]]} for row in rows if row["customer"] in named]
    return sorted(told, key=lambda row: -1 if row["users"] is None else row["users"], reverse=True)


def deed(form_name: str, form_of: Callable[[HttpRequest, Incident], Any]) -> Callable[[Any], Any]:
    """A view out of a deed with a form: a stranger 404, without the capability 403, a wrong form or a refusal 400/409
    on the page with everything that was typed.
    """

    def make(do: Callable[[Any, User, Incident, datetime], None]) -> Callable[..., HttpResponse]:
        @login_required
        @require_POST
        def view(request: HttpRequest, ref: str) -> HttpResponse:
            incident = provider_incident(request, ref)
            require(request.user, "act_on_incidents")
            form, status = form_of(request, incident), 400
            if form.is_valid():
                try:
                    do(form, person(request), incident, utc_now())
                    return redirect("incidents:review", ref)
                except Refused as refused:
                    form.add_error(None, refused.sentence)
                    status = 409
            context = {**context_of(request, incident), form_name: form, "opened": form_name}
            return render(request, "incidents/review/review.html", context, status=status)

        return view

    return make


@deed("grade_form", lambda request, incident: GradeForm(request.POST))
def grade(form: Any, user: User, incident: Incident, now: datetime) -> None:
    """Confirm the grade or give another."""
    judging.grade(incident=incident, actor=user, now=now, **form.cleaned_data)


@deed("ruling_form", lambda request, incident: ResponsibilityForm(request.POST, incident=incident))
def responsibility(form: Any, user: User, incident: Incident, now: datetime) -> None:
    """Say whose it was."""
    judging.hold_responsible(incident=incident, actor=user, now=now, **form.facts())


@deed("follow_up_form", lambda request, incident: FollowUpForm(request.POST))
def follow_up(form: Any, user: User, incident: Incident, now: datetime) -> None:
    """Set a follow-up."""
    follow_ups.add_follow_up(incident=incident, actor=user, now=now, **form.cleaned_data)


@login_required
@require_POST
def regulator(request: HttpRequest, ref: str) -> HttpResponse:
    """Note that the regulator was told."""
    incident = provider_incident(request, ref)
    require(request.user, "act_on_incidents")
    try:
        text = request.POST.get("text", "")
        duty.note_regulator(incident=incident, text=text, actor=person(request), now=utc_now())
    except Refused as refused:
        context = {**context_of(request, incident), "regulator_error": refused.sentence}
        return render(request, "incidents/review/review.html", context, status=409)
    return redirect("incidents:review", ref)


@login_required
@require_POST
def end_follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """A follow-up is done, or dropped for a reason; back to where it was pressed."""
    user = provider_with(request, "act_on_incidents")
    if not FollowUp.objects.filter(ref=ref).exists():
        raise Http404
    try:
        said = {name: request.POST.get(name, "") for name in ("state", "reason")}
        follow_ups.end_follow_up(ref=ref, actor=user, now=utc_now(), **said)
    except Refused as refused:
        messages.error(request, refused.sentence)
    back = request.POST.get("back", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if safe else "incidents:post_mortems")


@login_required
@require_http_methods(["GET", "POST"])
def grading(request: HttpRequest) -> HttpResponse:
    """The rules in force; POST makes the next version."""
    user = provider_with(request, "manage_oncall")
    rules = rules_in_force()
    form = RulesForm(request.POST or None, rules=rules)
    if request.method == "POST" and form.is_valid():
        try:
            save_rules(rules=form.rules(), seen_version=form.cleaned_data["seen"], actor=user, now=utc_now())
            return redirect("incidents:grading")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    versions = ReviewRules.objects.select_related("by").order_by("-version")[:10]
    context = {"form": form, "rules": rules, "versions": versions}
    return render(request, "incidents/review/grading.html", context, status=400 if form.errors else 200)
