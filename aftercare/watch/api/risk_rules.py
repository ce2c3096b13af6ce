"""Rules of what runs out over the API."""

from datetime import UTC
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.watch.api.risk_schemas import (
    NewRiskRuleIn,
    RiskFigureIn,
    RiskFigureOut,
    RiskRuleIn,
    RiskRuleOut,
    RiskRulesPage,
)
from aftercare.watch.models import RiskReading, RiskRule
from aftercare.watch.risks.access import get_rule_for
from aftercare.watch.risks.forms import NewRuleForm, RuleForm
from aftercare.watch.risks.people import owner_value
from aftercare.watch.risks.queries import list_rules
from aftercare.watch.risks.rules import create_rule, delete_rule, edit_rule, tell_reading
from aftercare.watch.risks.types import facts_of
from aftercare.watch.risks.words import seen_of
from aftercare.web.api import LONGEST_PAGE, cursor_of, page_number, valid

router = Router(tags=["risks"])
SEES, CHANGES = "see_telemetry", "edit_monitors"
SEEN_TOLD = 100


@router.get("/risk-rules", response=RiskRulesPage, summary="Rules of what runs out")
def list_all(request: HttpRequest, cursor: str = "") -> dict[str, Any]:
    """Those the caller may see, each with what its last look said."""
    user = person(request)
    require(user, SEES)
    number = max(page_number(cursor), 1)
    first = (number - 1) * LONGEST_PAGE
    found = list(list_rules(user)[first : first + LONGEST_PAGE + 1])
    more = cursor_of(number + 1) if len(found) > LONGEST_PAGE else None
    return {"rules": [told(user, one) for one in found[:LONGEST_PAGE]], "next": more}


@router.post("/risk-rules", response={201: RiskRuleOut}, summary="Add a rule of what runs out")
def add(request: HttpRequest, facts: NewRiskRuleIn) -> Status[dict[str, Any]]:
    """It is looked at at once, and then once an hour."""
    user = person(request)
    require(user, CHANGES)
    form = NewRuleForm(user, form_facts(facts))
    said = valid(form)
    customer, app = form.place(said)
    made = create_rule(customer=customer, app=app, facts=said["facts"], owner=said["owner"], actor=user, now=utc_now())
    return Status(201, told(user, get_rule_for(user, made.ref)))


@router.get("/risk-rules/{ref}", response=RiskRuleOut, summary="One rule of what runs out")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Its settings, and what its last look said."""
    user = person(request)
    require(user, SEES)
    return told(user, get_rule_for(user, ref))


@router.put("/risk-rules/{ref}", response=RiskRuleOut, summary="Change a rule of what runs out")
def change(request: HttpRequest, ref: str, facts: RiskRuleIn) -> dict[str, Any]:
    """A renewed date closes the risk by itself, with the next look."""
    user, rule = held(request, ref)
    said = valid(RuleForm(user, form_facts(facts), rule=rule))
    edit_rule(rule=rule, facts=said["facts"], owner=said["owner"], actor=user, now=utc_now())
    return told(user, get_rule_for(user, ref))


@router.delete("/risk-rules/{ref}", response={204: None}, summary="Delete a rule of what runs out")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """Its open risks are closed, and count as nothing."""
    user, rule = held(request, ref)
    delete_rule(rule=rule, actor=user, now=utc_now())
    return Status(204, None)


@router.get("/risk-rules/{ref}/figures", response=list[RiskFigureOut], summary="The figures a rule was told")
def figures(request: HttpRequest, ref: str) -> list[RiskReading]:
    """The newest 100."""
    user = person(request)
    require(user, SEES)
    return list(get_rule_for(user, ref).readings.order_by("-at")[:LONGEST_PAGE])


@router.post("/risk-rules/{ref}/figures", response={201: RiskFigureOut}, summary="Tell a rule a figure")
def tell(request: HttpRequest, ref: str, figure: RiskFigureIn) -> Status[RiskReading]:
    """A balance, a quota's use: once a day is enough for a forecast from the fifth day on."""
    user, rule = held(request, ref)
    now = utc_now()
    at = figure.at or now
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Status(201, tell_reading(rule=rule, value=figure.value, at=at, actor=user, now=now))


def held(request: HttpRequest, ref: str) -> tuple[User, RiskRule]:
    """Who calls and the rule that they may change; 404 before 403, so that a stranger learns nothing."""
    user = person(request)
    rule = get_rule_for(user, ref)
    require(user, CHANGES)
    return user, rule


def form_facts(facts: RiskRuleIn) -> dict[str, Any]:
    """What the page's form would hold."""
    said = facts.model_dump()
    said["lead_days"] = ", ".join(map(str, facts.lead_days))
    said["conditions"] = ", ".join(f"{name}={value}" for name, value in facts.filters.items())
    said["source"] = facts.known_from
    return {name: value for name, value in said.items() if value is not None and name != "filters"}


def told(user: User, rule: RiskRule) -> dict[str, Any]:
    """A rule as the API tells it."""
    return {
        **facts_of(rule).as_dict(),
        "ref": rule.ref,
        "customer": rule.customer.ref if rule.customer else None,
        "app": rule.app.ref if rule.app else None,
        "owner": owner_value(user, rule) or None,
        "looked_at": rule.looked_at,
        "known_from": rule.source,
        "known": rule.is_known,
        "seen": seen_of(rule)[:SEEN_TOLD],
    }
