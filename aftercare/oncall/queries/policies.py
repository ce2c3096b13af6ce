"""Policies as people read them: which page goes by which, in sentences, and what a saved one leaves open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import Customer, User
from aftercare.notify.queries import usable_contacts
from aftercare.oncall.models import (
    CustomerSchedule,
    EscalationPolicy,
    PolicyRule,
    Schedule,
    Severity,
    Target,
)
from aftercare.oncall.queries.policy import (
    Step,
    default_policy,
    key_of,
    named_steps,
    ruling,
    wakes,
    warnings_about,
)
from aftercare.oncall.queries.policy import people_of as people_of_schedule


@dataclass(frozen=True)
class ToldStep:
    """One step to show: what it wakes or where it speaks, by name; a name that is gone is empty."""

    kind: str
    ref: str
    name: str
    delay_s: int

    @property
    def wakes(self) -> bool:
        """Whether it is there to wake somebody."""
        return wakes({"kind": self.kind})


def told_steps(policy: EscalationPolicy) -> list[ToldStep]:
    """All steps of a policy with their names."""
    names = {key_of(step): step["name"] for step in named_steps(policy)}
    return [ToldStep(one["kind"], one["ref"], names.get(key_of(one), ""), one["delay_s"]) for one in policy.steps]


WHAT = {Severity.RED: gettext_lazy("A red page"), Severity.WARNING: gettext_lazy("A warning")}


def sentences() -> list[str]:
    """Which page goes by which policy: one sentence for each kind of page that anything is said of, then the rest."""
    rules, own = list_rules(), list(CustomerSchedule.objects.select_related("customer", "schedule"))
    first = {one.customer_id: one.schedule for one in own}
    about: dict[tuple[int | None, str], Customer | None] = {
        (rule.customer_id, severity): rule.customer for rule in rules for severity in severities_of(rule)
    }
    about |= {(one.customer_id, severity): one.customer for one in own for severity in Severity.values}
    in_order = sorted(about.items(), key=lambda one: (one[1] is None, one[1].display_name if one[1] else ""))
    default = default_policy()
    said = []
    for (customer_id, severity), customer in in_order:
        rule = ruling(rules, customer_id, severity)
        policy = rule.policy if rule else default
        said.append(sentence(customer, severity, policy, first.get(customer_id or 0)))
    if default is not None:
        rest = _("All other pages go by “%(policy)s”, the default.") if said else _("All pages go by “%(policy)s”.")
        said.append(rest % {"policy": default.name})
    return said


def severities_of(rule: PolicyRule) -> Sequence[str]:
    """The severities that a rule is about."""
    return [rule.severity] if rule.severity else list(Severity.values)


def sentence(
    customer: Customer | None, severity: str, policy: EscalationPolicy | None, first: Schedule | None = None
) -> str:
    """What a page of this customer (None: of any that no rule names) and severity goes by."""
    words = {
        "page": WHAT[Severity(severity)],
        "customer": customer.display_name if customer else "",
        "policy": policy.name if policy else _("all schedules in turn"),
        "schedule": first.name if first else "",
    }
    if first is not None:
        return _("%(page)s of %(customer)s wakes “%(schedule)s” first, then goes by “%(policy)s”.") % words
    if customer is not None:
        return _("%(page)s of %(customer)s goes by “%(policy)s”.") % words
    return _("%(page)s of any other customer goes by “%(policy)s”.") % words


def list_rules() -> list[PolicyRule]:
    """All rules: those of customers first, as they come first."""
    rules = PolicyRule.objects.select_related("customer", "policy")
    return sorted(rules, key=lambda rule: (rule.customer is None, str(rule.customer or ""), rule.severity, rule.pk))


def warnings_of_policy(policy: EscalationPolicy, now: datetime) -> list[str]:
    """What somebody who just saved this policy should know: holes, people out of reach, ladders that are cut off."""
    refs = [step["ref"] for step in policy.steps if step["kind"] == Target.SCHEDULE]
    schedules = {schedule.ref: schedule for schedule in Schedule.objects.filter(ref__in=refs)}
    said = [one for schedule in schedules.values() for one in warnings_about(schedule, now)]
    if not any(wakes(step) for step in policy.steps):
        said.append(
            _("“%(policy)s” wakes nobody: its pages go to everyone who manages the on-call at once.")
            % {"policy": policy.name}
        )
    for place, step in enumerate(policy.steps, 1):
        said += [
            _(
                "Step %(step)s waits %(wait)s s, but %(person)s’s last way is used %(last)s s after a page: the next "
                "person is woken before their ladder ends."
            )
            % {"step": place, "wait": step["delay_s"], "person": person.name, "last": last}
            for person, last in cut_off(step, schedules)
        ]
    return list(dict.fromkeys(said))


def cut_off(step: Step, schedules: dict[str, Schedule]) -> list[tuple[User, int]]:
    """The people of a step whose own ladder is longer than it waits, with their last rung in seconds. A step that waits
    for nothing means to wake the next together with them.
    """
    if not wakes(step) or step["delay_s"] == 0:
        return []
    lasts = [(person, last_rung_s(person)) for person in people_of_step(step, schedules)]
    return [(person, last) for person, last in lasts if last >= step["delay_s"]]


def people_of_step(step: Step, schedules: dict[str, Schedule]) -> Iterable[User]:
    """Everybody whom a step may ever wake."""
    if step["kind"] == Target.PERSON:
        return User.objects.filter(ref=step["ref"])
    schedule = schedules.get(step["ref"])
    return people_of_schedule(schedule) if schedule else []


def last_rung_s(person: User) -> int:
    """How long after a page the last of a person's ways is used, in seconds."""
    return max((contact.after_s for contact in usable_contacts(person)), default=0)
