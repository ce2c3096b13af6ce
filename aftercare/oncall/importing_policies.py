"""Policies, rules, management escalation and customers' own schedules out of a file: what they would change, and the
change.
"""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.escalation import Rung, check_rung, remove_rule, save_rule, save_rungs
from aftercare.oncall.actions.policy import Woken, make_default, save_policy
from aftercare.oncall.actions.schedules import set_customer_schedule
from aftercare.oncall.exporting import as_yaml
from aftercare.oncall.exporting_policies import (
    customers_by_word,
    duty_entries,
    duty_words,
    policy_entry,
    policy_words,
    rule_entry,
    rule_words,
    rung_entry,
    rung_words,
)
from aftercare.oncall.models import CustomerSchedule, EscalationPolicy, ManagementRung, PolicyRule, Room, Schedule
from aftercare.oncall.queries.policies import list_rules
from aftercare.oncall.roster.policies import (
    DeclaredDuty,
    DeclaredPolicy,
    DeclaredRule,
    DeclaredRung,
    DeclaredStep,
    Escalation,
)


@dataclass(frozen=True)
class Part:
    """What the file would make of one policy, or of all of another kind, and how to do it."""

    name: str
    diff: tuple[str, ...]
    carry_out: Callable[[User, datetime], None]

    @property
    def is_same(self) -> bool:
        """Whether nothing would change."""
        return not self.diff


def plan_escalation(told: Escalation, schedules: Collection[str]) -> list[Part]:
    """What the file would change beside its schedules, whose names are `schedules`. Policies that it does not name
    stay; rules, the management escalation and customers' own schedules are replaced as a whole where it has them.

    Raises Refused for a schedule, person, room, customer or policy that there is not.
    """
    known = {*Schedule.objects.values_list("name", flat=True), *schedules}
    people = {user.email.lower(): user for user in User.objects.filter(customer=None)}
    rooms = {room.name: room for room in Room.objects.select_related("account")}
    kept = {policy.name: policy for policy in EscalationPolicy.objects.all()}
    for policy in told.policies:
        for step in policy.steps:
            check_target(policy.name, step, known, people, rooms)
    parts = [policy_part(policy, kept.get(policy.name)) for policy in told.policies]
    if told.rules is not None:
        parts.append(rules_part(told.rules, {*kept, *(policy.name for policy in told.policies)}))
    if told.management is not None:
        parts.append(management_part(told.management, people))
    if told.duty is not None:
        parts.append(duty_part(told.duty, known))
    return parts


def check_target(
    policy: str,
    step: DeclaredStep,
    schedules: Collection[str],
    people: Mapping[str, User],
    rooms: Mapping[str, Room],
) -> None:
    """Raise Refused for a step that names nothing of ours."""
    if step.kind == "schedule":
        is_known = step.target in schedules
    elif step.kind == "person":
        is_known = step.target.lower() in people
    else:
        is_known = step.target in rooms and rooms[step.target].kind == step.kind
    if not is_known:
        words = {"policy": policy, "kind": step.kind, "target": step.target}
        raise Refused(_("%(policy)s: there is no %(kind)s “%(target)s”.") % words)


def policy_part(told: DeclaredPolicy, kept: EscalationPolicy | None) -> Part:
    """One policy. That the file does not call it the default leaves it what it is."""
    is_default = told.is_default or (kept is not None and kept.is_default)
    steps = [(step.kind, step.target, step.wait_s) for step in told.steps]
    after = policy_words(told.name, is_default, told.repeat, steps)
    before = policy_entry(kept) if kept else None

    def carry_out(actor: User, now: datetime) -> None:
        version = kept.version if kept else None
        waits = [(target_of(step), step.wait_s) for step in told.steps]
        saved = save_policy(
            policy=kept, version=version, name=told.name, steps=waits, repeat=told.repeat, actor=actor, now=now
        )
        if told.is_default:
            make_default(policy=saved, actor=actor, now=now)

    return Part(told.name, difference(before, after), carry_out)


def target_of(step: DeclaredStep) -> Woken:
    """What a step names, now that the file's schedules hold."""
    if step.kind == "schedule":
        return Schedule.objects.get(name=step.target)
    if step.kind == "person":
        return User.objects.get(email__iexact=step.target, customer=None)
    return Room.objects.select_related("account").get(name=step.target)


def rules_part(told: Sequence[DeclaredRule], policies: Collection[str]) -> Part:
    """All rules. Raises Refused for a customer or a policy that there is not."""
    customers = customers_by_word()
    for rule in told:
        if rule.customer:
            check_customer(rule.customer, customers)
        if rule.policy not in policies:
            raise Refused(_("There is no policy “%(name)s”.") % {"name": rule.policy})
    before = [rule_entry(rule) for rule in list_rules()]
    after = [rule_words(rule.customer, rule.severity, rule.policy) for rule in told]
    wished: dict[tuple[Customer | None, str], str] = {
        (customers.get(rule.customer), rule.severity): rule.policy for rule in told
    }

    def carry_out(actor: User, now: datetime) -> None:
        for rule in PolicyRule.objects.select_related("customer", "policy"):
            if (rule.customer, rule.severity) not in wished:
                remove_rule(rule=rule, actor=actor, now=now)
        for (customer, severity), name in wished.items():
            policy = EscalationPolicy.objects.get(name=name)
            save_rule(customer=customer, severity=severity, policy=policy, actor=actor, now=now)

    return Part(_("Rules"), difference(in_any_order(before), in_any_order(after)), carry_out)


def check_customer(name: str, customers: Mapping[str, Customer]) -> None:
    """Raise Refused for a customer that there is not."""
    if name not in customers:
        raise Refused(_("There is no customer “%(name)s”, or there are two: write its ref.") % {"name": name})


def duty_part(told: Sequence[DeclaredDuty], schedules: Collection[str]) -> Part:
    """All customers' own schedules. Raises Refused for a customer or a schedule that there is not."""
    customers = customers_by_word()
    for one in told:
        check_customer(one.customer, customers)
        if one.schedule not in schedules:
            raise Refused(_("There is no schedule “%(name)s”.") % {"name": one.schedule})
    after = [duty_words(one.customer, one.schedule) for one in told]
    wished = {customers[one.customer]: one.schedule for one in told}

    def carry_out(actor: User, now: datetime) -> None:
        for own in CustomerSchedule.objects.select_related("customer"):
            if own.customer not in wished:
                set_customer_schedule(customer=own.customer, schedule=None, actor=actor, now=now)
        for customer, name in wished.items():
            schedule = Schedule.objects.get(name=name)
            set_customer_schedule(customer=customer, schedule=schedule, actor=actor, now=now)

    return Part(_("Customers' own schedules"), difference(in_any_order(duty_entries()), in_any_order(after)), carry_out)


def management_part(told: Sequence[DeclaredRung], people: Mapping[str, User]) -> Part:
    """The whole management escalation. Raises Refused for somebody who is none of the provider's own."""
    for rung in told:
        if rung.person.lower() not in people:
            words = {"schedule": _("Management escalation"), "email": rung.person}
            raise Refused(_("%(schedule)s: nobody here signs in with %(email)s.") % words)
    rungs = [Rung(one.minutes, people[one.person.lower()], one.severity, one.until, one.title) for one in told]
    for one in rungs:
        check_rung(one)
    before = [rung_entry(rung) for rung in ManagementRung.objects.select_related("user")]
    after = [rung_words(one.minutes, one.severity, one.until, one.user.email, one.title) for one in rungs]

    def carry_out(actor: User, now: datetime) -> None:
        save_rungs(rungs=rungs, actor=actor, now=now)

    return Part(_("Management escalation"), difference(in_any_order(before), in_any_order(after)), carry_out)


def in_any_order(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries whose order means nothing, in one order."""
    return sorted(entries, key=lambda entry: sorted((name, str(value)) for name, value in entry.items()))


def difference(before: Any, after: Any) -> tuple[str, ...]:
    """The lines as they are and as they would be; () where they are the same."""
    if before == after:
        return ()
    was, becomes = (as_yaml(one).splitlines() if one else [] for one in (before, after))
    return tuple(line for line in difflib.ndiff(was, becomes) if not line.startswith("?"))
