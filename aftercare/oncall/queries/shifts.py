"""A rotation's shifts with its overrides laid over them, as the roster reckons them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.oncall.models import Override, Rotation
from aftercare.oncall.roster.schedules import Change, Kind, Layer, Schedule, stretches
from aftercare.oncall.roster.turns import Unit


@dataclass(frozen=True)
class Shift:
    """From `starts_at` until before `ends_at` (UTC) this person holds; None is a hole."""

    starts_at: datetime
    ends_at: datetime
    user: User | None
    override: Override | None = None


def shifts(rotation: Rotation, start: datetime, end: datetime) -> list[Shift]:
    """The shifts within [start, end), cut to it, without a gap between them: holes are shifts of nobody.

    Somebody who left or whose role may not acknowledge pages counts as nobody.
    """
    members = [member.user for member in rotation.members.select_related("user")]
    covering = rotation.overrides.filter(starts_at__lt=end, ends_at__gt=start).select_related("user")
    overrides = {str(override.pk): override for override in covering.order_by("id")}
    people = {user.ref: user for user in (*members, *(override.user for override in overrides.values()))}
    return [
        Shift(
            one.starts_at,
            one.ends_at,
            people[one.people[0]] if one.people else None,
            next((overrides[name] for name in reversed(one.by) if name in overrides), None),
        )
        for one in stretches(schedule_of(rotation, members, overrides), start, end)
    ]


def schedule_of(rotation: Rotation, members: Sequence[User], overrides: Mapping[str, Override]) -> Schedule:
    """The rotation as a schedule of one layer, with its overrides, by name, laid over it."""
    layer = Layer(
        turns=tuple(able(user) for user in members),
        starts=datetime.combine(rotation.starts_on, rotation.handoff_time),
        unit=Unit.DAY,
        every=rotation.shift_length_days,
    )
    changes = tuple(
        Change(Kind.INSTEAD, override.starts_at, override.ends_at, able(override.user), name=name)
        for name, override in overrides.items()
    )
    return Schedule(ZoneInfo(rotation.timezone), (layer,), changes)


def holes(rotation: Rotation, start: datetime, end: datetime) -> list[Shift]:
    """The parts of [start, end) where nobody of this rotation can be woken, neighbours joined."""
    found: list[Shift] = []
    for shift in shifts(rotation, start, end):
        if shift.user is not None:
            continue
        if found and found[-1].ends_at == shift.starts_at:
            found[-1] = replace(found[-1], ends_at=shift.ends_at)
        else:
            found.append(Shift(shift.starts_at, shift.ends_at, None))
    return found


def able(user: User) -> tuple[str, ...]:
    """The person as one who holds; nobody when they could not take a page."""
    return (user.ref,) if can(user, "acknowledge_pages") else ()
