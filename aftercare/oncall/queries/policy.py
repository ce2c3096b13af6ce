"""The escalation policy, as pages keep it and as people should be warned about it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.notify.queries import people_without_contacts
from aftercare.oncall.models import CustomerRotation, EscalationPolicy, Rotation
from aftercare.oncall.queries.shifts import Shift, holes

DEFAULT_DELAY_S = 300
DEFAULT_REPEAT = 2
LOOK_AHEAD = timedelta(weeks=4)
HOLES_NAMED = 3


def default_policy() -> EscalationPolicy | None:
    """The policy that pages start with; None while nobody has written one."""
    return EscalationPolicy.objects.filter(is_default=True).first()


def policy_snapshot(customer_id: int | None = None) -> dict[str, Any]:
    """What a page that starts now keeps: steps with rotation ref, name and delay in seconds, repeat, and the version.

    Without a policy every rotation is a step, in the order they were made. A customer with a rotation of its own has it
    as the first step; the others follow, so that nobody waits for one person.
    """
    policy = default_policy()
    by_ref = {rotation.ref: rotation for rotation in Rotation.objects.all()}
    if policy is None:
        steps = [{"rotation": r.ref, "name": r.name, "delay_s": DEFAULT_DELAY_S} for r in by_ref.values()]
        kept: dict[str, Any] = {"policy": "", "version": 0, "repeat": DEFAULT_REPEAT}
    else:
        steps = [{**step, "name": by_ref[step["rotation"]].name} for step in policy.steps if step["rotation"] in by_ref]
        kept = {"policy": policy.ref, "version": policy.version, "repeat": policy.repeat}
    return kept | {"steps": with_own_first(steps, customer_id)}


def shortest_wait_s() -> int:
    """After how many seconds the next person may be woken while one is still being reached: the shortest step's."""
    policy = default_policy()
    return min((step["delay_s"] for step in policy.steps), default=DEFAULT_DELAY_S) if policy else DEFAULT_DELAY_S


def with_own_first(steps: list[dict[str, Any]], customer_id: int | None) -> list[dict[str, Any]]:
    """The steps with the customer's own rotation before all others, where it has one."""
    own = CustomerRotation.objects.filter(customer=customer_id).select_related("rotation").first()
    if own is None:
        return steps
    rotation = own.rotation
    said = next((step for step in steps if step["rotation"] == rotation.ref), None)
    first = said or {"rotation": rotation.ref, "name": rotation.name, "delay_s": DEFAULT_DELAY_S}
    return [first, *(step for step in steps if step["rotation"] != rotation.ref)]


def rotations_of_customers() -> dict[int, Rotation]:
    """The customers with a rotation of their own, by primary key."""
    named = CustomerRotation.objects.select_related("rotation")
    return {one.customer_id: one.rotation for one in named}


def rotations_in_order() -> list[Rotation]:
    """All rotations: those of the policy in its order, then the others."""
    rotations = list(Rotation.objects.all())
    policy = default_policy()
    places = {step["rotation"]: place for place, step in reversed(list(enumerate(policy.steps if policy else [])))}
    return sorted(rotations, key=lambda r: places.get(r.ref, len(places)))


def warnings_about(rotation: Rotation, now: datetime) -> list[str]:
    """What a person who just saved this rotation should know: holes in four weeks, people nobody can reach."""
    members = [member.user for member in rotation.members.select_related("user")]
    if not members:
        return [_("%(rotation)s has nobody in it: pages pass it by.") % {"rotation": rotation.name}]
    said = [hole_sentence(rotation, hole) for hole in holes(rotation, now, now + LOOK_AHEAD)[:HOLES_NAMED]]
    said += [unable_sentence(user) for user in distinct(members) if not user.is_active]
    return said + [
        _("%(person)s has no confirmed contact method: only an open console page reaches them.") % {"person": user.name}
        for user in people_without_contacts(distinct(members))
    ]


def distinct(people: list[User]) -> list[User]:
    """Each person once, in order."""
    return list(dict.fromkeys(people))


def hole_sentence(rotation: Rotation, hole: Shift) -> str:
    """One hole in words, in the reader's zone."""
    return _("Nobody is on %(rotation)s from %(start)s until %(end)s.") % {
        "rotation": rotation.name,
        "start": date_format(timezone.localtime(hole.starts_at), "Y-m-d H:i"),
        "end": date_format(timezone.localtime(hole.ends_at), "Y-m-d H:i"),
    }


def unable_sentence(user: User) -> str:
    """Somebody who left still has a place."""
    return _("%(person)s no longer works here but still has a place in the rotation.") % {"person": user.name}
