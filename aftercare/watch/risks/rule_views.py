"""The pages of rules of what runs out: all of them, one of them, making, changing, telling figures."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, needs, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.models import RiskRule, RiskSource, RiskState
from aftercare.watch.risks.access import get_rule_for
from aftercare.watch.risks.forms import FigureForm, NewRuleForm, RuleForm
from aftercare.watch.risks.queries import list_rules
from aftercare.watch.risks.rules import create_rule, delete_rule, edit_rule, tell_reading
from aftercare.watch.risks.words import Seen, seen_of
from aftercare.web.paging import page_of

PER_PAGE = 50
FIGURES_SHOWN = 10
SEEN_SHOWN = 50
SEES, CHANGES = "see_telemetry", "edit_monitors"


@needs(SEES)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules that the reader may see."""
    user = person(request)
    context = {"page": page_of(list_rules(user), request, per_page=PER_PAGE), "may_edit": can(user, CHANGES)}
    return render(request, "watch/risks/rules.html", context)


@needs(SEES)
def rule_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One rule; POST changes it."""
    user = person(request)
    rule = get_rule_for(user, ref)
    form = RuleForm(user, request.POST or None, rule=rule, initial=RuleForm.initial_of(user, rule))
    if request.method == "POST":
        require(user, CHANGES)
        if form.is_valid() and is_changed(user, rule, form):
            return redirect("watch:risk_rule", rule.ref)
    return shown(request, user, rule, form)


def shown(
    request: HttpRequest, user: User, rule: RiskRule, form: RuleForm, figure: FigureForm | None = None
) -> HttpResponse:
    """The page of a rule."""
    seen: list[Seen] = seen_of(rule)
    context: dict[str, Any] = {
        "rule": rule,
        "form": form,
        "seen": seen[:SEEN_SHOWN],
        "more_seen": max(len(seen) - SEEN_SHOWN, 0),
        "risks": rule.risks.select_related("customer", "app", "owner", "rule").exclude(state=RiskState.CLOSED)[:50],
        "takes_figures": rule.source == RiskSource.FIGURES,
        "figures": rule.readings.order_by("-at")[:FIGURES_SHOWN],
        "figure": figure or FigureForm(),
        "may_edit": can(user, CHANGES),
        "metrics": metrics(),
    }
    wrong = form.errors or (figure is not None and figure.errors)
    return render(request, "watch/risks/rule.html", context, status=400 if wrong else 200)


def metrics() -> list[tuple[str, str]]:
    """The catalog's metrics by their keys, to choose from."""
    return [(key, words.metric_name(metric)) for key, metric in METRICS.items()]


def is_changed(user: User, rule: RiskRule, form: RuleForm) -> bool:
    """Change the rule as a valid form says; False, with the sentence in the form, when that is refused."""
    said = form.cleaned_data
    try:
        edit_rule(rule=rule, facts=said["facts"], owner=said["owner"], actor=user, now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@needs(CHANGES)
def rule_new(request: HttpRequest) -> HttpResponse:
    """The form of a new rule, and what it makes."""
    user = person(request)
    form = NewRuleForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        customer, app = form.place(said)
        try:
            rule = create_rule(
                customer=customer, app=app, facts=said["facts"], owner=said["owner"], actor=user, now=utc_now()
            )
            return redirect("watch:risk_rule", rule.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "metrics": metrics()}
    return render(request, "watch/risks/new_rule.html", context, status=400 if form.errors else 200)


@require_POST
@needs(CHANGES)
def rule_figure(request: HttpRequest, ref: str) -> HttpResponse:
    """Tell the rule a figure as it is now."""
    user, now = person(request), utc_now()
    rule = get_rule_for(user, ref)
    figure = FigureForm(request.POST)
    if figure.is_valid():
        try:
            tell_reading(rule=rule, value=figure.cleaned_data["value"], at=now, actor=user, now=now)
            return redirect("watch:risk_rule", rule.ref)
        except Refused as refused:
            figure.add_error(None, refused.sentence)
    return shown(request, user, rule, RuleForm(user, rule=rule, initial=RuleForm.initial_of(user, rule)), figure)


@needs(CHANGES)
def rule_deletion(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST deletes."""
    user = person(request)
    rule = get_rule_for(user, ref)
    if request.method == "POST":
        delete_rule(rule=rule, actor=user, now=utc_now())
        return redirect("watch:risk_rules")
    return render(request, "watch/risks/rule_deletion.html", {"rule": rule})
