"""The console's rotations as the document that `aftercare oncall preview` reads (docs/on-call.md)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from aftercare.oncall.models import Rotation
from aftercare.oncall.queries.shifts import able
from aftercare.oncall.roster.document import VERSION


def as_document(rotations: Sequence[Rotation], now: datetime) -> str:
    """YAML with every rotation as a schedule of one layer, people by the address they sign in with, and the covers that
    are not over. Whoever could not take a page is left out, as the engine leaves them out.
    """
    names = Counter(rotation.name for rotation in rotations)
    told = [schedule_of(one, one.name if names[one.name] == 1 else f"{one.name} ({one.ref})", now) for one in rotations]
    written: str = yaml.safe_dump(
        {"version": int(VERSION), "schedules": told}, allow_unicode=True, sort_keys=False, width=120
    )
    return written


def schedule_of(rotation: Rotation, name: str, now: datetime) -> dict[str, Any]:
    """One rotation."""
    zone = ZoneInfo(rotation.timezone)
    members = [member.user for member in rotation.members.select_related("user")]
    covers = rotation.overrides.filter(ends_at__gt=now).select_related("user").order_by("id")
    return {
        "name": name,
        "timezone": rotation.timezone,
        "layers": [
            {
                "name": rotation.name,
                "turns": [user.email if able(user) else [] for user in members],
                "every": f"{rotation.shift_length_days} days",
                "starts": f"{rotation.starts_on:%Y-%m-%d} {rotation.handoff_time:%H:%M:%S}",
            }
        ],
        "changes": [
            {
                "name": cover.reason or cover.ref,
                "from": local(cover.starts_at, zone),
                "to": local(cover.ends_at, zone),
                "instead": [cover.user.email] if able(cover.user) else [],
            }
            for cover in covers
        ],
    }


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the wall clock; of an hour that comes twice both readings look the same."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(sep=" ")
