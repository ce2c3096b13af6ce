"""Escalation policies, as pages keep them and as people should be warned about them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.notify.queries import people_without_contacts
from aftercare.oncall.models import (
    SPOKEN_TO,
    CustomerSchedule,
    EscalationPolicy,
    PolicyRule,
    Room,
    Schedule,
    Target,
)
from aftercare.oncall.queries.shifts import Shift, holes, refs_in

DEFAULT_DELAY_S = 300
DEFAULT_REPEAT = 2
LOOK_AHEAD = timedelta(weeks=4)
HOLES_NAMED = 3
Step = Mapping[str, Any]


def default_policy() -> EscalationPolicy | None:
    """The policy of the pages that no rule is about; None while nobody has written one."""
    return EscalationPolicy.objects.filter(is_default=True).first()


def ruling(rules: Iterable[PolicyRule], customer_id: int | None, severity: str) -> PolicyRule | None:
    """The rule that a page goes by, None where the default policy holds: what is said of the customer comes before what
    is said of all, and of two such rules the one that names the severity.
    """
    fitting = [rule for rule in rules if rule.customer_id in (None, customer_id) and rule.severity in ("", severity)]
    return max(fitting, key=lambda rule: (rule.customer_id is not None, rule.severity != ""), default=None)


def policy_of(customer_id: int | None, severity: str) -> EscalationPolicy | None:
    """The policy that a page goes by."""
    of_customer = Q(customer=None) if customer_id is None else Q(customer=None) | Q(customer=customer_id)
    rule = ruling(PolicyRule.objects.filter(of_customer).select_related("policy"), customer_id, severity)
    return rule.policy if rule else default_policy()


def policy_snapshot(customer_id: int | None = None, severity: str = "") -> dict[str, Any]:
    """What a page that starts now keeps: steps with their target's kind, ref and name and the delay in seconds, repeat
    (None: for ever), and the policy's ref, name and version.

    Without a policy every schedule is a step, in the order they were made. A customer with a schedule of its own has it
    as the first step; the others follow, so that nobody waits for one person.
    """
    policy = policy_of(customer_id, severity)
    if policy is None:
        steps = [step_of(schedule) for schedule in Schedule.objects.all()]
        kept = {"policy": "", "name": "", "version": 0, "repeat": DEFAULT_REPEAT}
        return kept | {"steps": with_own_first(steps, customer_id)}
    kept = {"policy": policy.ref, "name": policy.name, "version": policy.version, "repeat": policy.repeat}
    return kept | {"steps": with_own_first(named_steps(policy), customer_id)}


def named_steps(policy: EscalationPolicy) -> list[dict[str, Any]]:
    """The steps whose target there still is, with its name."""
    names = names_of(policy.steps)
    return [{**step, "name": names[key_of(step)]} for step in policy.steps if key_of(step) in names]


def step_of(schedule: Schedule) -> dict[str, Any]:
    """The step that wakes a schedule and waits as long as is usual."""
    return {"kind": Target.SCHEDULE, "ref": schedule.ref, "name": schedule.name, "delay_s": DEFAULT_DELAY_S}


def key_of(step: Step) -> tuple[str, str]:
    """What a step wakes."""
    return step["kind"], step["ref"]


def names_of(steps: Iterable[Step]) -> dict[tuple[str, str], str]:
    """How the targets of these steps are called, of those that there still are."""
    refs = [step["ref"] for step in steps]
    schedules = Schedule.objects.filter(ref__in=refs).values_list("ref", "name")
    people = User.objects.filter(ref__in=refs, is_active=True).values_list("ref", "name")
    rooms = Room.objects.filter(ref__in=refs).select_related("account")
    named = {(str(Target.SCHEDULE), ref): name for ref, name in schedules}
    named |= {(str(room.kind), room.ref): room.name for room in rooms}
    return named | {(str(Target.PERSON), ref): name for ref, name in people}


def wakes(step: Step) -> bool:
    """Whether a step is there to wake somebody; where a page only speaks, nobody wakes."""
    return step["kind"] not in SPOKEN_TO


def shortest_wait_s() -> int:
    """After how many seconds the next person may be woken while one is still being reached: the shortest step's."""
    policies = EscalationPolicy.objects.all()
    waits = [step["delay_s"] for policy in policies for step in policy.steps if wakes(step)]
    return min(waits, default=DEFAULT_DELAY_S)


def with_own_first(steps: list[dict[str, Any]], customer_id: int | None) -> list[dict[str, Any]]:
    """The steps with the customer's own schedule before all others, where it has one."""
    own = CustomerSchedule.objects.filter(customer=customer_id).select_related("schedule").first()
    if own is None:
        return steps
    first = step_of(own.schedule)
    said = next((step for step in steps if key_of(step) == key_of(first)), first)
    return [said, *(step for step in steps if key_of(step) != key_of(first))]


def schedules_of_customers() -> dict[int, Schedule]:
    """The customers with a schedule of their own, by primary key."""
    named = CustomerSchedule.objects.select_related("schedule")
    return {one.customer_id: one.schedule for one in named}


def schedules_in_order() -> list[Schedule]:
    """All schedules: those of the default policy in its order, then those of the others, then the rest."""
    schedules = list(Schedule.objects.all())
    steps = [step["ref"] for policy in EscalationPolicy.objects.all() for step in policy.steps]
    places = {ref: place for place, ref in reversed(list(enumerate(steps)))}
    return sorted(schedules, key=lambda schedule: places.get(schedule.ref, len(places)))


def warnings_about(schedule: Schedule, now: datetime) -> list[str]:
    """What a person who just saved this schedule should know: holes in four weeks, people nobody can reach."""
    named = people_of(schedule)
    if not named:
        return [_("%(schedule)s has nobody in it: pages pass it by.") % {"schedule": schedule.name}]
    said = [hole_sentence(schedule, hole) for hole in holes(schedule, now, now + LOOK_AHEAD)[:HOLES_NAMED]]
    said += [unable_sentence(user) for user in named if not can(user, "acknowledge_pages")]
    return said + [
        _("%(person)s has no confirmed contact method: only an open console page reaches them.") % {"person": user.name}
        for user in people_without_contacts(named)
    ]


def people_of(schedule: Schedule) -> list[User]:
    """Everybody whom the schedule names, in its order, those who left included."""
    refs = refs_in(schedule.document)
    return sorted(User.objects.filter(ref__in=refs), key=lambda user: refs.index(user.ref))


def hole_sentence(schedule: Schedule, hole: Shift) -> str:
    """One hole in words, in the reader's zone."""
    return _("Nobody is on %(schedule)s from %(start)s until %(end)s.") % {
        "schedule": schedule.name,
        "start": date_format(timezone.localtime(hole.starts_at), "Y-m-d H:i"),
        "end": date_format(timezone.localtime(hole.ends_at), "Y-m-d H:i"),
    }


def unable_sentence(user: User) -> str:
    """Somebody who left, or may take no pages any more, still has a place."""
    return _("%(person)s can take no pages any more but still has a place in the schedule.") % {"person": user.name}
