"""A rotation's shifts with its overrides laid over them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.oncall.models import Override, Rotation
from aftercare.oncall.schedule import Turns, turns_between


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
    if end <= start:
        return []
    base = base_shifts(rotation, start, end)
    covering = rotation.overrides.filter(starts_at__lt=end, ends_at__gt=start).select_related("user")
    for override in covering.order_by("id"):
        cover = Shift(override.starts_at, override.ends_at, able(override.user), override)
        base = laid_over(base, clipped(cover, start, end))
    return base


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


def turns_of(rotation: Rotation, places: int) -> Turns:
    """The rotation's arithmetic."""
    zone = ZoneInfo(rotation.timezone)
    return Turns(zone, rotation.starts_on, rotation.handoff_time, rotation.shift_length_days, places)


def base_shifts(rotation: Rotation, start: datetime, end: datetime) -> list[Shift]:
    """The shifts as the rotation alone says, cut to [start, end), the time before its first day a hole."""
    people = [member.user for member in rotation.members.select_related("user")]
    found: list[Shift] = []
    at = start
    for turn in turns_between(turns_of(rotation, len(people)), start, end):
        if turn.starts_at > at:
            found.append(Shift(at, turn.starts_at, None))
        shift = clipped(Shift(turn.starts_at, turn.ends_at, able(people[turn.place])), start, end)
        found.append(shift)
        at = shift.ends_at
    return found if at >= end else [*found, Shift(at, end, None)]


def able(user: User) -> User | None:
    """The person, or None when they could not take a page."""
    return user if can(user, "acknowledge_pages") else None


def clipped(shift: Shift, start: datetime, end: datetime) -> Shift:
    """The shift's part within [start, end)."""
    return replace(shift, starts_at=max(shift.starts_at, start), ends_at=min(shift.ends_at, end))


def laid_over(below: Iterable[Shift], top: Shift) -> list[Shift]:
    """`below` with `top` in place of what it covers."""
    before = [clipped(s, s.starts_at, top.starts_at) for s in below if s.starts_at < top.starts_at]
    after = [clipped(s, top.ends_at, s.ends_at) for s in below if s.ends_at > top.ends_at]
    return [*before, top, *after]
