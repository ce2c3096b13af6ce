"""The console's policies, rules and management escalation as fields of the document of schedules."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from aftercare.accounts.models import Customer, User
from aftercare.oncall.models import CustomerSchedule, EscalationPolicy, ManagementRung, PolicyRule, Target, Until
from aftercare.oncall.queries.policies import list_rules
from aftercare.oncall.queries.policy import key_of, names_of
from aftercare.oncall.roster.policies import FOR_EVER, ROOMS


def escalation_entries() -> dict[str, Any]:
    """What the document says of escalating; a part of which there is nothing is left out."""
    rungs = ManagementRung.objects.select_related("user")
    told = {
        "policies": [policy_entry(policy) for policy in EscalationPolicy.objects.all()],
        "rules": [rule_entry(rule) for rule in list_rules()],
        "management": [rung_entry(rung) for rung in rungs if rung.user.is_active and rung.user.is_provider],
        "duty": duty_entries(),
    }
    return {name: part for name, part in told.items() if part}


def policy_entry(policy: EscalationPolicy) -> dict[str, Any]:
    """One policy; steps whose target is gone are left out, as the engine leaves them out."""
    names = names_of(policy.steps)
    people = User.objects.filter(ref__in=[step["ref"] for step in policy.steps], is_active=True)
    names |= {(str(Target.PERSON), ref): email for ref, email in people.values_list("ref", "email")}
    steps = [(step["kind"], names[key_of(step)], step["delay_s"]) for step in policy.steps if key_of(step) in names]
    return policy_words(policy.name, policy.is_default, policy.repeat, steps)


def policy_words(
    name: str, is_default: bool, repeat: int | None, steps: Iterable[tuple[str, str, int]]
) -> dict[str, Any]:
    """One policy out of its parts: (kind, target, seconds to wait) each step."""
    return {
        "name": name,
        **({"default": True} if is_default else {}),
        "repeat": FOR_EVER if repeat is None else repeat,
        "steps": [step_words(kind, target, wait_s) for kind, target, wait_s in steps],
    }


def step_words(kind: str, target: str, wait_s: int) -> dict[str, Any]:
    """One step; minutes are whole where they can be."""
    wait = {} if kind in ROOMS else {"wait": wait_s // 60 if wait_s % 60 == 0 else round(wait_s / 60, 2)}
    return {str(kind): target, **wait}


def rule_entry(rule: PolicyRule) -> dict[str, str]:
    """One rule, the customer by name."""
    return rule_words(customer_word(rule.customer) if rule.customer else "", rule.severity, rule.policy.name)


def rule_words(customer: str, severity: str, policy: str) -> dict[str, str]:
    """One rule out of its parts, what is empty left out."""
    told = {"customer": customer, "severity": severity, "policy": policy}
    return {name: value for name, value in told.items() if value}


def duty_entries() -> list[dict[str, str]]:
    """The customers that have a schedule of their own."""
    own = CustomerSchedule.objects.select_related("customer", "schedule").order_by("customer__name", "customer_id")
    return [duty_words(customer_word(one.customer), one.schedule.name) for one in own]


def duty_words(customer: str, schedule: str) -> dict[str, str]:
    """A customer's own schedule out of the parts."""
    return {"customer": customer, "schedule": schedule}


def customer_word(customer: Customer) -> str:
    """How a file calls a customer: by name, by ref where two share one."""
    return customer.name if Customer.objects.filter(name=customer.name).count() == 1 else customer.ref


def customers_by_word() -> dict[str, Customer]:
    """Every customer by what a file may call it."""
    customers = list(Customer.objects.all())
    shared = Counter(customer.name for customer in customers)
    by_name = {customer.name: customer for customer in customers if shared[customer.name] == 1}
    return {customer.ref: customer for customer in customers} | by_name


def rung_entry(rung: ManagementRung) -> dict[str, Any]:
    """Somebody above."""
    return rung_words(rung.minutes, rung.severity, rung.until, rung.user.email, rung.title)


def rung_words(minutes: int, severity: str, until: str, email: str, title: str) -> dict[str, Any]:
    """Somebody above out of the parts."""
    told: dict[str, Any] = {"after": minutes, "severity": str(severity), "where": str(Until(until).value)}
    return {**told, "tell": email, **({"as": title} if title else {})}
