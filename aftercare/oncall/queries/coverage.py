"""Proof of coverage: when nobody would be woken, by policy, schedule and customer, and who could not be reached."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.accounts.models import Customer, User
from aftercare.notify.queries import people_without_contacts
from aftercare.oncall.models import CustomerSchedule, Schedule
from aftercare.oncall.queries.escalation_proof import (
    PolicyProof,
    RungProof,
    prove_policies,
    prove_rungs,
    unheard,
)
from aftercare.oncall.queries.policy import policy_snapshot
from aftercare.oncall.queries.settings import limits_of, oncall_settings
from aftercare.oncall.queries.shifts import Shift, shifts
from aftercare.oncall.roster.proof import Fault, Finding, Span, joined, prove
from aftercare.oncall.roster.schedules import Stretch

TOO_MUCH = (Fault.TOO_LONG, Fault.TOO_OFTEN, Fault.TOO_MANY_NIGHTS)


@dataclass(frozen=True)
class Covered:
    """One schedule over the time that was looked at: when nobody holds it, and when only its fallback does."""

    schedule: Schedule
    holes: Sequence[Span]
    fallbacks: Sequence[Span]
    people: Sequence[User]


@dataclass(frozen=True)
class Coverage:
    """Everything that was found from `start` until before `end` (UTC).

    `unheard` is when a page would find nobody on any step of the policy and everyone who manages the on-call were told;
    `customers` are those whose own schedule has holes, in which the policy's first step is woken instead. `empty_steps`
    wake nobody all the time: the schedule or person they name, None where it is gone. `unheard` is of the default
    policy; `policies` are those with something wrong, it among them, and `rungs` the people above who cannot be told.
    """

    start: datetime
    end: datetime
    unheard: Sequence[Span]
    schedules: Sequence[Covered]
    customers: Sequence[tuple[Customer, Covered]]
    empty_steps: Sequence[str]
    unreachable: Sequence[User]
    overworked: Sequence[tuple[User, Finding]]
    policies: Sequence[PolicyProof] = ()
    rungs: Sequence[RungProof] = ()

    @property
    def days(self) -> int:
        """How many days were looked at."""
        return (self.end - self.start).days

    @property
    def asked_too_much(self) -> list[tuple[User, list[Finding]]]:
        """Those who are asked for too much, each once for each fault, with all times of it."""
        found: dict[tuple[int, Fault], tuple[User, list[Finding]]] = {}
        for user, finding in self.overworked:
            found.setdefault((user.pk, finding.fault), (user, []))[1].append(finding)
        return list(found.values())

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to do."""
        has_holes = any(covered.holes for covered in self.schedules)
        has_people = not (self.unreachable or self.overworked or self.rungs)
        return has_people and not (self.unheard or has_holes or self.empty_steps or self.policies)


def coverage(now: datetime) -> Coverage:
    """The coming days, as many as the settings say, as the engine would find them if nothing changed."""
    settings = oncall_settings(now)
    end = now + timedelta(days=settings.ahead_days)
    told = {schedule.ref: (schedule, shifts(schedule, now, end)) for schedule in Schedule.objects.all()}
    covered = {ref: covered_of(schedule, held) for ref, (schedule, held) in told.items()}
    steps = policy_snapshot()["steps"]
    people = {user.ref: user for one in covered.values() for user in one.people}
    proofs = prove_policies({ref: one.holes for ref, one in covered.items()}, staffed(covered), (now, end))
    people |= {user.ref: user for one in proofs for user in one.persons}
    zones = {ref: ZoneInfo(user.timezone) for ref, user in people.items()}
    findings = prove({ref: stretches_of(held) for ref, (_schedule, held) in told.items()}, limits_of(settings), zones)
    too_much = [one for one in findings if one.fault in TOO_MUCH]
    own = CustomerSchedule.objects.select_related("customer", "schedule").order_by("customer__name")
    of_customers = [(one.customer, covered[one.schedule.ref]) for one in own]
    return Coverage(
        now,
        end,
        unheard(steps, {ref: one.holes for ref, one in covered.items()}, (now, end)),
        list(covered.values()),
        [(customer, one) for customer, one in of_customers if one.holes],
        list(dict.fromkeys(name for one in proofs for name in one.empty_steps)),
        people_without_contacts(list(people.values())),
        [(people[one.person], one) for one in too_much],
        [one for one in proofs if not one.is_whole],
        prove_rungs(),
    )


def staffed(covered: Mapping[str, Covered]) -> Container[str]:
    """The refs of the schedules that somebody holds at some time."""
    return {ref for ref, one in covered.items() if one.people}


def covered_of(schedule: Schedule, held: Sequence[Shift]) -> Covered:
    """What is to say of one schedule."""
    holes = joined((one.starts_at, one.ends_at) for one in held if not one.users)
    fallbacks = joined((one.starts_at, one.ends_at) for one in held if one.is_fallback)
    return Covered(schedule, holes, fallbacks, list(dict.fromkeys(user for one in held for user in one.users)))


def stretches_of(held: Iterable[Shift]) -> list[Stretch]:
    """The shifts as the proof takes them."""
    return [Stretch(one.starts_at, one.ends_at, tuple(user.ref for user in one.users)) for one in held]
