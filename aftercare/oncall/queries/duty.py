"""Who is on duty now and who is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.accounts.models import User
from aftercare.oncall.models import Rotation
from aftercare.oncall.queries.policy import rotations_in_order
from aftercare.oncall.queries.shifts import Shift, shifts

LOOK_AHEAD = timedelta(days=57)


@dataclass(frozen=True)
class Duty:
    """One rotation at one instant: `user` holds until `until`, then comes `next_user`; None is nobody."""

    rotation: Rotation
    user: User | None
    until: datetime | None
    next_user: User | None


def user_on(rotation: Rotation, now: datetime) -> User | None:
    """Who holds this rotation at this instant."""
    return shifts(rotation, now, now + timedelta(seconds=1))[0].user


def rotation_duty(rotation: Rotation, now: datetime) -> Duty:
    """Who holds the rotation, until when, and who comes then (as far as eight weeks ahead)."""
    first, *rest = shifts(rotation, now, now + LOOK_AHEAD)
    following = next((shift for shift in rest if differs(shift, first)), None)
    if following is None:
        return Duty(rotation, first.user, None, None)
    return Duty(rotation, first.user, following.starts_at, following.user)


def differs(shift: Shift, other: Shift) -> bool:
    """Whether somebody else holds."""
    return (shift.user and shift.user.pk) != (other.user and other.user.pk)


def duties(now: datetime) -> list[Duty]:
    """Every rotation's duty, in the order they are woken."""
    return [rotation_duty(rotation, now) for rotation in rotations_in_order()]


def on_duty(now: datetime) -> list[User]:
    """The people on duty now, each once, in the order they are woken."""
    found: list[User] = []
    for rotation in rotations_in_order():
        user = user_on(rotation, now)
        if user is not None and user not in found:
            found.append(user)
    return found
