"""Saying in which order who is woken."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.schedules import check_can_be_woken, keep_record
from aftercare.oncall.models import EscalationPolicy, PolicyRule, Room, Schedule, Target

LONGEST_DELAY_S = 24 * 3600
STEPS_AT_MOST = 20
POLICIES_AT_MOST = 200
REPEAT_AT_MOST = 20
DEFAULT_NAME = "Default"
Woken: TypeAlias = Schedule | User | Room


@transaction.atomic
def save_policy(
    *,
    steps: Sequence[tuple[Woken, int]],
    repeat: int | None = 2,
    name: str = "",
    policy: EscalationPolicy | None = None,
    version: int | None = None,
    actor: User | None,
    now: datetime,
) -> EscalationPolicy:
    """Set the order in which they are woken: (schedule, person or room, seconds to wait after it) each, then all
    `repeat` times more, None for ever. A new policy needs a name; without a name it is the default one. Nothing happens
    where it says the same already. Open pages keep the version they started with.

    Raises Refused for an empty order, an impossible wait, somebody who could take no page, a name that another has,
    and, where `version` is told, when somebody has changed it since. A wait of 0 wakes the next step at the same time;
    a room is spoken to and passed at once, whatever is said.
    """
    kept = held(policy, name)
    name = " ".join((name or kept.name).replace("\x00", "").split())[:80]
    if not name:
        raise Refused(_("Give the policy a name."))
    if EscalationPolicy.objects.filter(name=name).exclude(pk=kept.pk).exists():
        raise Refused(_("There is a policy called “%(name)s” already.") % {"name": name})
    if version is not None and kept.version != version:
        raise Refused(_("Somebody has changed this policy meanwhile. Load it again, then make your change."))
    known = {(step["kind"], step["ref"]) for step in kept.steps}
    waits = [(target, 0 if isinstance(target, Room) else delay_s) for target, delay_s in steps]
    check_steps(waits, repeat, known)
    told = [{"kind": kind_of(target), "ref": target.ref, "delay_s": delay_s} for target, delay_s in waits]
    if (kept.name, kept.steps, kept.repeat) == (name, told, repeat) and kept.pk:
        return kept
    kept.name, kept.steps, kept.repeat = name, told, repeat
    kept.version += 1
    kept.save()
    keep_record("policy.save", kept.ref, actor, now, name=name, steps=told, repeat=repeat, version=kept.version)
    return kept


def held(policy: EscalationPolicy | None, name: str) -> EscalationPolicy:
    """The policy that is saved, locked; a new one where there is none. The first of all is the default."""
    locked = EscalationPolicy.objects.select_for_update()
    if policy is not None:
        return locked.get(pk=policy.pk)
    default = locked.filter(is_default=True).first()
    if default is not None and not name:
        return default
    if EscalationPolicy.objects.count() >= POLICIES_AT_MOST:
        raise Refused(_("There are %(n)s policies already; remove one first.") % {"n": POLICIES_AT_MOST})
    return EscalationPolicy(is_default=default is None, name=name or DEFAULT_NAME, version=0)


def check_steps(steps: Sequence[tuple[Woken, int]], repeat: int | None, known: set[tuple[str, str]]) -> None:
    """Raise Refused for what no policy can say; whoever has a place already (`known`) may stay in it."""
    if not 1 <= len(steps) <= STEPS_AT_MOST:
        raise Refused(_("An escalation policy has between 1 and %(n)s steps.") % {"n": STEPS_AT_MOST})
    if repeat is not None and not 0 <= repeat <= REPEAT_AT_MOST:
        raise Refused(_("Repeat between 0 and 20 times."))
    waits = [delay_s for target, delay_s in steps if not isinstance(target, Room)]
    if not all(delay_s == 0 or 30 <= delay_s <= LONGEST_DELAY_S for delay_s in waits) or waits[-1:] == [0]:
        raise Refused(_("A step waits between 30 seconds and 24 hours, or not at all before a next one."))
    for target, _delay_s in steps:
        if isinstance(target, User) and (Target.PERSON, target.ref) not in known:
            check_can_be_woken(target)


def kind_of(target: Woken) -> Target:
    """What a step calls this."""
    if isinstance(target, Room):
        return target.kind
    return Target.PERSON if isinstance(target, User) else Target.SCHEDULE


@transaction.atomic
def make_default(*, policy: EscalationPolicy, actor: User | None, now: datetime) -> None:
    """Pages that no rule is about go by this one from now on."""
    list(EscalationPolicy.objects.select_for_update().order_by("pk"))
    EscalationPolicy.objects.filter(is_default=True).exclude(pk=policy.pk).update(is_default=False)
    if EscalationPolicy.objects.filter(pk=policy.pk, is_default=False).update(is_default=True):
        keep_record("policy.default", policy.ref, actor, now, name=policy.name)


@transaction.atomic
def delete_policy(*, policy: EscalationPolicy, actor: User | None, now: datetime) -> None:
    """Forget a policy; pages that run by it go on as they began. Raises Refused for the default one, and while a rule
    leads to it: then nobody would know what its pages go by.
    """
    kept = EscalationPolicy.objects.select_for_update().get(pk=policy.pk)
    if kept.is_default:
        raise Refused(_("This is the default policy: make another one the default first."))
    if PolicyRule.objects.filter(policy=kept).exists():
        raise Refused(_("A rule leads to this policy: take the rule away first."))
    keep_record("policy.delete", kept.ref, actor, now, name=kept.name, steps=kept.steps)
    kept.delete()
