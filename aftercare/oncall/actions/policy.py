"""Saying in which order who is woken."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.schedules import check_can_be_woken, keep_record
from aftercare.oncall.models import EscalationPolicy, Schedule, Target

LONGEST_DELAY_S = 24 * 3600
STEPS_AT_MOST = 20


@transaction.atomic
def save_policy(
    *, steps: Sequence[tuple[Schedule | User, int]], repeat: int = 2, actor: User | None, now: datetime
) -> EscalationPolicy:
    """Set the order in which they are woken: (schedule or person, seconds to wait after it) each, then all `repeat`
    times more. Open pages keep the version they started with. Raises Refused for an empty order, an impossible wait, or
    somebody who could take no page. A wait of 0 wakes the next step at the same time.
    """
    if not 1 <= len(steps) <= STEPS_AT_MOST:
        raise Refused(_("An escalation policy has between 1 and %(n)s steps.") % {"n": STEPS_AT_MOST})
    if not 0 <= repeat <= 20:
        raise Refused(_("Repeat between 0 and 20 times."))
    if not all(delay_s == 0 or 30 <= delay_s <= LONGEST_DELAY_S for _target, delay_s in steps) or steps[-1][1] == 0:
        raise Refused(_("A step waits between 30 seconds and 24 hours, or not at all before a next one."))
    for target, _delay_s in steps:
        if isinstance(target, User):
            check_can_be_woken(target)
    policy = EscalationPolicy.objects.select_for_update().filter(is_default=True).first()
    policy = policy or EscalationPolicy(is_default=True, name="Default", version=0)
    policy.steps = [
        {"kind": Target.PERSON if isinstance(target, User) else Target.SCHEDULE, "ref": target.ref, "delay_s": delay_s}
        for target, delay_s in steps
    ]
    policy.repeat = repeat
    policy.version += 1
    policy.save()
    keep_record("policy.save", policy.ref, actor, now, steps=policy.steps, repeat=repeat, version=policy.version)
    return policy
