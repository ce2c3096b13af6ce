"""Escalation policies, the rules that choose one, and the management escalation over the API."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import customers_for, people_for, provider_with
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.access import get_policy_for, get_room_for, get_rule_for, get_schedule_for
from aftercare.oncall.actions.policy import Woken
from aftercare.oncall.models import EscalationPolicy, ManagementRung, PolicyRule, Target
from aftercare.oncall.queries.policies import list_rules, sentences, told_steps, warnings_of_policy

router = Router(tags=["escalation"])
SEES, CHANGES = "see_customers", "manage_oncall"


class EscalationStepIn(Schema):
    """One step of a policy."""

    kind: str = Field(description="schedule, person, room or webhook")
    ref: str
    delay_s: int = Field(300, description="Seconds to wait after it: 0, or 30 to 86400; of rooms and webhooks unused")


class EscalationPolicyIn(Schema):
    """A policy's name and order."""

    name: str
    steps: list[EscalationStepIn]
    repeat: int | None = Field(2, description="How many times more all of it runs, 0 to 20; null: for ever")


class EscalationPolicyEdit(EscalationPolicyIn):
    """The same with the version that was read: somebody's change in between is not written over."""

    version: int | None = None
    default: bool = Field(False, description="true makes it the default; false leaves it what it is")


class EscalationStepOut(EscalationStepIn):
    """One step with what it names; `name` is empty where that is gone."""

    name: str


class EscalationPolicyOut(Schema):
    """A policy; `warnings` is what it leaves open, told when it was just saved."""

    ref: str
    name: str
    version: int
    default: bool
    repeat: int | None
    steps: list[EscalationStepOut]
    warnings: list[str]


class EscalationRuleIn(Schema):
    """These pages go by the policy; at least one of customer and severity is told."""

    customer: str | None = Field(None, description="A customer's ref; null: any customer")
    severity: str = Field("", description="red or warning; empty: both")
    policy: str = Field(description="The policy's ref")


class EscalationRuleOut(EscalationRuleIn):
    """A rule that holds."""

    ref: str


class EscalationRulesOut(Schema):
    """All rules, and what they come to in words."""

    rules: list[EscalationRuleOut]
    sentences: list[str]


class ManagementRungBody(Schema):
    """Somebody above who is told so many minutes after a page began."""

    minutes: int = Field(description="1 to 1440")
    severity: str = Field("red", description="red or warning")
    until: str = Field("acknowledged", description="acknowledged: where nobody has it; over: where it is not over")
    person: str = Field(description="The person's ref")
    title: str = Field("", description="As what they are told, such as Director")


@router.get("/escalation-policies", response=list[EscalationPolicyOut], summary="Escalation policies")
def list_policies(request: HttpRequest) -> list[dict[str, Any]]:
    """The default one first."""
    provider_with(request, SEES)
    return [told(policy) for policy in EscalationPolicy.objects.all()]


@router.post("/escalation-policies", response={201: EscalationPolicyOut}, summary="Make an escalation policy")
def add(request: HttpRequest, facts: EscalationPolicyIn) -> Status[dict[str, Any]]:
    """The first of all becomes the default."""
    user, now = provider_with(request, CHANGES), utc_now()
    made = actions.save_policy(name=facts.name, steps=steps_of(user, facts), repeat=facts.repeat, actor=user, now=now)
    return Status(201, told(made, warnings_of_policy(made, now)))


@router.get("/escalation-policies/{ref}", response=EscalationPolicyOut, summary="One escalation policy")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Its steps in order."""
    return told(get_policy_for(provider_with(request, SEES), ref))


@router.put("/escalation-policies/{ref}", response=EscalationPolicyOut, summary="Change an escalation policy")
def change(request: HttpRequest, ref: str, facts: EscalationPolicyEdit) -> dict[str, Any]:
    """Pages that run go on by what they started with. 409 where `version` is not the present one."""
    user, now = provider_with(request, CHANGES), utc_now()
    saved = actions.save_policy(
        policy=get_policy_for(user, ref),
        version=facts.version,
        name=facts.name,
        steps=steps_of(user, facts),
        repeat=facts.repeat,
        actor=user,
        now=now,
    )
    if facts.default:
        actions.make_default(policy=saved, actor=user, now=now)
        saved.refresh_from_db()
    return told(saved, warnings_of_policy(saved, now))


@router.delete("/escalation-policies/{ref}", response={204: None}, summary="Delete an escalation policy")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """409 for the default one, and while a rule leads to it. Pages that run by it go on."""
    user = provider_with(request, CHANGES)
    actions.delete_policy(policy=get_policy_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/escalation-rules", response=EscalationRulesOut, summary="Which pages go by which policy")
def list_all_rules(request: HttpRequest) -> dict[str, Any]:
    """What no rule is about goes by the default policy."""
    provider_with(request, SEES)
    return {"rules": [told_rule(rule) for rule in list_rules()], "sentences": sentences()}


@router.post("/escalation-rules", response={201: EscalationRuleOut}, summary="Say which pages go by a policy")
def add_rule(request: HttpRequest, facts: EscalationRuleIn) -> Status[dict[str, Any]]:
    """What another rule said of the same pages is over."""
    user = provider_with(request, CHANGES)
    customer = get_object_or_404(customers_for(user), ref=facts.customer) if facts.customer else None
    rule = actions.save_rule(
        customer=customer,
        severity=facts.severity,
        policy=get_policy_for(user, facts.policy),
        actor=user,
        now=utc_now(),
    )
    return Status(201, told_rule(rule))


@router.delete("/escalation-rules/{ref}", response={204: None}, summary="Take a rule away")
def remove_rule(request: HttpRequest, ref: str) -> Status[None]:
    """These pages go by whatever else is said of them."""
    user = provider_with(request, CHANGES)
    actions.remove_rule(rule=get_rule_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/management-escalation", response=list[ManagementRungBody], summary="Who above is told when")
def get_management(request: HttpRequest) -> list[dict[str, Any]]:
    """By severity and minutes; empty: nobody."""
    provider_with(request, SEES)
    return [told_rung(rung) for rung in ManagementRung.objects.select_related("user")]


@router.put("/management-escalation", response=list[ManagementRungBody], summary="Change who above is told when")
def put_management(request: HttpRequest, facts: list[ManagementRungBody]) -> list[dict[str, Any]]:
    """The whole of it. Pages that run keep what they began with."""
    user = provider_with(request, CHANGES)
    staff = people_for(user).filter(customer=None)
    rungs = [
        actions.Rung(one.minutes, get_object_or_404(staff, ref=one.person), one.severity, one.until, one.title[:40])
        for one in facts
    ]
    actions.save_rungs(rungs=rungs, actor=user, now=utc_now())
    return get_management(request)


def steps_of(user: User, facts: EscalationPolicyIn) -> list[tuple[Woken, int]]:
    """What the steps name; 404 for what there is not."""
    return [(target_of(user, step), step.delay_s) for step in facts.steps]


def target_of(user: User, step: EscalationStepIn) -> Woken:
    """What a step names."""
    if step.kind == Target.SCHEDULE:
        return get_schedule_for(user, step.ref)
    if step.kind == Target.PERSON:
        return get_object_or_404(people_for(user).filter(customer=None), ref=step.ref)
    return get_room_for(user, step.ref)


def told(policy: EscalationPolicy, warnings: list[str] | None = None) -> dict[str, Any]:
    """A policy as the API tells it."""
    return {
        "ref": policy.ref,
        "name": policy.name,
        "version": policy.version,
        "default": policy.is_default,
        "repeat": policy.repeat,
        "steps": [vars(step) for step in told_steps(policy)],
        "warnings": warnings or [],
    }


def told_rule(rule: PolicyRule) -> dict[str, Any]:
    """A rule as the API tells it."""
    customer = rule.customer.ref if rule.customer else None
    return {"ref": rule.ref, "customer": customer, "severity": rule.severity, "policy": rule.policy.ref}


def told_rung(rung: ManagementRung) -> dict[str, Any]:
    """Somebody above as the API tells them."""
    return {
        "minutes": rung.minutes,
        "severity": rung.severity,
        "until": rung.until,
        "person": rung.user.ref,
        "title": rung.title,
    }
