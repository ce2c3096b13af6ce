"""Policies, the rules that choose one, and the management escalation, as the document of schedules has them."""

import re
from dataclasses import dataclass

from aftercare.oncall.roster.places import Place

KINDS = ("schedule", "person", "room", "webhook")
ROOMS = ("room", "webhook")
SEVERITIES = ("red", "warning")
UNTIL = ("acknowledged", "over")
FOR_EVER = "for ever"
REPEAT = 2
WAIT_MIN = "5"
LONGEST_MIN = 24 * 60
REPEAT_AT_MOST = 20


@dataclass(frozen=True)
class DeclaredStep:
    """One step: `target` is a schedule's or room's name or a person's address."""

    kind: str
    target: str
    wait_s: int


@dataclass(frozen=True)
class DeclaredPolicy:
    """One policy; `repeat` is None for ever."""

    name: str
    steps: tuple[DeclaredStep, ...]
    repeat: int | None
    is_default: bool

    @property
    def wakes_nobody(self) -> bool:
        """Whether all its steps are rooms and webhooks."""
        return all(step.kind in ROOMS for step in self.steps)


@dataclass(frozen=True)
class DeclaredRule:
    """Pages of a customer (empty: of all) and a severity (empty: of both) go by a policy."""

    customer: str
    severity: str
    policy: str


@dataclass(frozen=True)
class DeclaredRung:
    """Somebody above, so many minutes after a page began."""

    minutes: int
    severity: str
    until: str
    person: str
    title: str


@dataclass(frozen=True)
class DeclaredDuty:
    """Pages of a customer begin with a schedule of its own."""

    customer: str
    schedule: str


@dataclass(frozen=True)
class Escalation:
    """What a document says of escalating; None where it does not say anything."""

    policies: tuple[DeclaredPolicy, ...] = ()
    rules: tuple[DeclaredRule, ...] | None = None
    management: tuple[DeclaredRung, ...] | None = None
    duty: tuple[DeclaredDuty, ...] | None = None


def escalation_of(found: dict[str, Place]) -> Escalation:
    """What the fields `policies`, `rules`, `management` and `duty` of a document say. Raises Refused with the line."""
    policies = tuple(policy_of(one) for one in found["policies"].items("policies")) if "policies" in found else ()
    for place, policy in zip(found["policies"].items("policies") if policies else (), policies, strict=True):
        if [one.name for one in policies].count(policy.name) > 1:
            raise place.wrong(f"two policies are called “{policy.name}”.")
        if policy.is_default and [one.is_default for one in policies].count(True) > 1:
            raise place.wrong("two policies are the default.")
    return Escalation(
        policies,
        rules_of(found["rules"]) if "rules" in found else None,
        tuple(rung_of(one) for one in found["management"].items("management")) if "management" in found else None,
        duty_of(found["duty"]) if "duty" in found else None,
    )


def policy_of(place: Place) -> DeclaredPolicy:
    """One policy."""
    found = place.fields("name", "default", "repeat", "steps", needs=["name", "steps"])
    steps = tuple(step_of(one) for one in found["steps"].items("steps"))
    if not steps:
        raise found["steps"].wrong("there are none.")
    waits = [step.wait_s for step in steps if step.kind not in ROOMS]
    if waits[-1:] == [0]:
        raise found["steps"].wrong("the last one that wakes somebody waits before it is repeated.")
    return DeclaredPolicy(
        found["name"].text(),
        steps,
        repeat_of(found["repeat"]) if "repeat" in found else REPEAT,
        one_of(found["default"], "true", "false") == "true" if "default" in found else False,
    )


def step_of(place: Place) -> DeclaredStep:
    """One step: exactly one target, and the minutes to wait after it."""
    found = place.fields(*KINDS, "wait")
    kinds = [kind for kind in KINDS if kind in found]
    if len(kinds) != 1:
        raise place.wrong(f"write exactly one of {', '.join(KINDS)}.")
    kind = kinds[0]
    if kind in ROOMS and "wait" in found:
        raise found["wait"].wrong("nobody waits for a room or a webhook.")
    wait_s = 0 if kind in ROOMS else as_wait_s(found["wait"]) if "wait" in found else int(WAIT_MIN) * 60
    return DeclaredStep(kind, found[kind].text(), wait_s)


def as_wait_s(place: Place) -> int:
    """Minutes to wait as seconds: 0, or half a minute to a day."""
    text = place.text()
    seconds = round(float(text) * 60) if re.fullmatch(r"\d{1,4}(\.\d{1,2})?", text) else -1
    if seconds != 0 and not 30 <= seconds <= LONGEST_MIN * 60:
        raise place.wrong(f"“{text}” is no wait; write minutes, 0 or 0.5 to {LONGEST_MIN}.")
    return seconds


def repeat_of(place: Place) -> int | None:
    """How many times more; None for ever."""
    text = place.text()
    if text == FOR_EVER:
        return None
    if not re.fullmatch(r"\d{1,2}", text) or int(text) > REPEAT_AT_MOST:
        raise place.wrong(f"write a number up to {REPEAT_AT_MOST}, or “{FOR_EVER}”.")
    return int(text)


def rules_of(place: Place) -> tuple[DeclaredRule, ...]:
    """All rules, one at most for the same pages."""
    rules: list[DeclaredRule] = []
    for one in place.items("rules"):
        found = one.fields("customer", "severity", "policy", needs=["policy"])
        customer = found["customer"].text() if "customer" in found else ""
        severity = one_of(found["severity"], *SEVERITIES) if "severity" in found else ""
        if not customer and not severity:
            raise one.wrong("name a customer or a severity: all other pages go by the default policy.")
        if any((rule.customer, rule.severity) == (customer, severity) for rule in rules):
            raise one.wrong("another rule is about the same pages.")
        rules.append(DeclaredRule(customer, severity, found["policy"].text()))
    return tuple(rules)


def duty_of(place: Place) -> tuple[DeclaredDuty, ...]:
    """Which customers have a schedule of their own; none has two."""
    duties: list[DeclaredDuty] = []
    for one in place.items("duty"):
        found = one.fields("customer", "schedule", needs=["customer", "schedule"])
        customer = found["customer"].text()
        if any(duty.customer == customer for duty in duties):
            raise one.wrong(f"“{customer}” has a schedule of its own already.")
        duties.append(DeclaredDuty(customer, found["schedule"].text()))
    return tuple(duties)


def rung_of(place: Place) -> DeclaredRung:
    """Somebody above."""
    found = place.fields("after", "severity", "where", "tell", "as", needs=["after", "tell"])
    text = found["after"].text()
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= LONGEST_MIN:
        raise found["after"].wrong(f"write minutes, 1 to {LONGEST_MIN}.")
    return DeclaredRung(
        int(text),
        one_of(found["severity"], *SEVERITIES) if "severity" in found else SEVERITIES[0],
        one_of(found["where"], *UNTIL) if "where" in found else UNTIL[0],
        found["tell"].text(),
        found["as"].text()[:40] if "as" in found else "",
    )


def one_of(place: Place, *known: str) -> str:
    """One of a few words."""
    if place.text() not in known:
        raise place.wrong(f"write one of {', '.join(known)}.")
    return place.text()
