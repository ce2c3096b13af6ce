"""Proof of what escalates: whether each policy wakes somebody all the time, and whether those above can be told."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.notify.queries import people_without_contacts
from aftercare.oncall.models import EscalationPolicy, ManagementRung, Room, Schedule, Target
from aftercare.oncall.queries.policy import Step, wakes
from aftercare.oncall.roster.proof import Span, common


@dataclass(frozen=True)
class PolicyProof:
    """One policy: when none of its steps has anybody and everyone who manages the on-call is told instead.

    `wakes_nobody` says that all its steps are rooms and webhooks. `empty_steps` wake or reach nobody all the time: what
    they name, or its ref where it is gone.
    """

    policy: EscalationPolicy
    unheard: Sequence[Span]
    empty_steps: Sequence[str]
    wakes_nobody: bool
    persons: Sequence[User]

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.unheard or self.empty_steps or self.wakes_nobody)


@dataclass(frozen=True)
class RungProof:
    """Somebody above who would not be told: who has left, or whom nothing but an open console page reaches."""

    rung: ManagementRung
    has_left: bool


def prove_policies(holes: Mapping[str, Sequence[Span]], staffed: Container[str], whole: Span) -> list[PolicyProof]:
    """Every policy, with the holes of the schedules by ref, and the refs of those that somebody holds at some time."""
    policies = list(EscalationPolicy.objects.all())
    named = {step["ref"] for policy in policies for step in policy.steps}
    people = {user.ref: user for user in User.objects.filter(ref__in=named)}
    rooms = {room.ref: room for room in Room.objects.filter(ref__in=named).select_related("account")}
    return [
        PolicyProof(
            policy,
            unheard(policy.steps, holes, whole),
            [name for step in policy.steps if (name := empty_name(step, staffed, people, rooms)) is not None],
            not any(wakes(step) for step in policy.steps),
            [people[step["ref"]] for step in policy.steps if is_able(step, people)],
        )
        for policy in policies
    ]


def empty_name(
    step: Step, staffed: Container[str], people: Mapping[str, User], rooms: Mapping[str, Room]
) -> str | None:
    """How to call what a step names where it wakes or reaches nobody all the time; None where it does."""
    ref = str(step["ref"])
    if step["kind"] == Target.SCHEDULE:
        return None if ref in staffed else name_of_schedule(ref)
    if step["kind"] == Target.PERSON:
        return None if is_able(step, people) else (people[ref].name if ref in people else ref)
    room = rooms.get(ref)
    if room is not None and room.account.enabled:
        return None
    return room.name if room else ref


def persons_of(steps: Sequence[Step]) -> list[User]:
    """The people whom steps name and who could take a page."""
    refs = [step["ref"] for step in steps if step["kind"] == Target.PERSON]
    return [user for user in User.objects.filter(ref__in=refs) if can(user, "acknowledge_pages")]


def is_able(step: Step, people: Mapping[str, User]) -> bool:
    """Whether a step names a person who could take a page."""
    user = people.get(step["ref"]) if step["kind"] == Target.PERSON else None
    return user is not None and can(user, "acknowledge_pages")


def name_of_schedule(ref: str) -> str:
    """The schedule's name, its ref where it is gone."""
    return str(Schedule.objects.filter(ref=ref).values_list("name", flat=True).first() or ref)


def unheard(steps: Sequence[Step], holes: Mapping[str, Sequence[Span]], whole: Span) -> list[Span]:
    """When no step has anybody."""
    if persons_of(steps):
        return []
    left = [whole]
    for step in steps:
        if step["kind"] == Target.SCHEDULE and step["ref"] in holes:
            left = common(left, holes[step["ref"]])
    return left


def prove_rungs() -> list[RungProof]:
    """The people above who could not be told."""
    rungs = list(ManagementRung.objects.select_related("user"))
    away = {rung.user.pk for rung in rungs if not (rung.user.is_active and rung.user.is_provider)}
    silent = {user.pk for user in people_without_contacts([rung.user for rung in rungs])}
    return [RungProof(rung, rung.user.pk in away) for rung in rungs if rung.user.pk in away | silent]
