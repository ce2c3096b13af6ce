"""Changing who takes turns, who covers, and in which order rotations are woken."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.oncall.models import CustomerRotation, EscalationPolicy, Override, Rotation, RotationMember

LONGEST_SHIFT_DAYS = 56
LONGEST_DELAY_S = 24 * 3600


@transaction.atomic
def save_rotation(
    *,
    rotation: Rotation | None = None,
    name: str,
    timezone: str,
    shift_length_days: int,
    handoff_time: time,
    starts_on: date,
    members: Sequence[User],
    actor: User | None,
    now: datetime,
) -> Rotation:
    """Make a rotation or change one; `members` take turns in this order. Raises Refused with what does not fit."""
    if not name.strip():
        raise Refused(_("Give the rotation a name."))
    if not 1 <= shift_length_days <= LONGEST_SHIFT_DAYS:
        raise Refused(_("A shift lasts 1 to %(n)s days.") % {"n": LONGEST_SHIFT_DAYS})
    check_zone(timezone)
    for person in members:
        check_can_be_woken(person)
    rotation = rotation or Rotation(created_at=now)
    rotation.name, rotation.timezone = name.strip()[:80], timezone
    rotation.shift_length_days, rotation.handoff_time, rotation.starts_on = shift_length_days, handoff_time, starts_on
    rotation.save()
    rotation.members.all().delete()
    places = [RotationMember(rotation=rotation, user=user, position=n) for n, user in enumerate(members)]
    RotationMember.objects.bulk_create(places)
    keep_record(
        "rotation.save",
        rotation.ref,
        actor,
        now,
        name=rotation.name,
        timezone=timezone,
        shift_length_days=shift_length_days,
        handoff_time=handoff_time.isoformat(),
        starts_on=starts_on.isoformat(),
        members=[user.ref for user in members],
    )
    return rotation


def check_zone(name: str) -> None:
    """Raise Refused unless this is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(_("“%(zone)s” is not a time zone; write one like Asia/Shanghai.") % {"zone": name}) from None


def check_can_be_woken(person: User) -> None:
    """Raise Refused for somebody who could not take a page."""
    if not can(person, "acknowledge_pages"):
        raise Refused(_("%(person)s cannot take pages in their role.") % {"person": person.name})


@transaction.atomic
def add_override(
    *,
    rotation: Rotation,
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    actor: User | None,
    now: datetime,
) -> Override:
    """Let somebody cover a rotation for a while. Raises Refused when the time has no length or is over."""
    if ends_at <= starts_at:
        raise Refused(_("The cover must end after it begins."))
    if ends_at <= now:
        raise Refused(_("This time is over already."))
    check_can_be_woken(user)
    override = Override.objects.create(
        rotation=rotation, user=user, starts_at=starts_at, ends_at=ends_at, reason=reason[:200], created_at=now
    )
    keep_record(
        "override.add",
        override.ref,
        actor,
        now,
        rotation=rotation.ref,
        person=user.ref,
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return override


@transaction.atomic
def remove_override(*, override: Override, actor: User | None, now: datetime) -> None:
    """The rotation's own order holds again."""
    keep_record("override.remove", override.ref, actor, now, rotation=override.rotation.ref, person=override.user.ref)
    override.delete()


@transaction.atomic
def save_policy(
    *, steps: Sequence[tuple[Rotation, int]], repeat: int = 2, actor: User | None, now: datetime
) -> EscalationPolicy:
    """Set the order in which rotations are woken: (rotation, seconds to wait after it) each, then all `repeat` times
    more. Open pages keep the version they started with. Raises Refused for an empty order or an impossible wait.
    """
    if not steps:
        raise Refused(_("An escalation policy needs at least one step."))
    if not 0 <= repeat <= 20:
        raise Refused(_("Repeat between 0 and 20 times."))
    if not all(30 <= delay_s <= LONGEST_DELAY_S for _rotation, delay_s in steps):
        raise Refused(_("A step waits between 30 seconds and 24 hours."))
    policy = EscalationPolicy.objects.select_for_update().filter(is_default=True).first()
    policy = policy or EscalationPolicy(is_default=True, name="Default", version=0)
    policy.steps = [{"rotation": rotation.ref, "delay_s": delay_s} for rotation, delay_s in steps]
    policy.repeat = repeat
    policy.version += 1
    policy.save()
    keep_record("policy.save", policy.ref, actor, now, steps=policy.steps, repeat=repeat, version=policy.version)
    return policy


@transaction.atomic
def set_customer_rotation(*, customer: Customer, rotation: Rotation | None, actor: User | None, now: datetime) -> None:
    """Let the customer's pages begin with this rotation; None: as everybody's do. Open pages keep their order."""
    known = CustomerRotation.objects.filter(customer=customer).first()
    if (known.rotation if known else None) == rotation:
        return
    if rotation is None:
        CustomerRotation.objects.filter(customer=customer).delete()
    else:
        CustomerRotation.objects.update_or_create(customer=customer, defaults={"rotation": rotation})
    audit.record(
        actor=actor,
        action="rotation.customer",
        subject=customer.ref,
        customer_id=customer.pk,
        detail={"rotation": rotation.ref if rotation else ""},
        now=now,
    )


def keep_record(action: str, subject: str, actor: User | None, now: datetime, **detail: object) -> None:
    """The audit row of a change of the schedule."""
    audit.record(actor=actor, action=action, subject=subject, customer_id=None, detail=detail, now=now)
