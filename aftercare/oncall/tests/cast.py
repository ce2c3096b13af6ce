"""A primary rotation of Lin and Mei, a backup rotation of Ada, woken in this order five minutes apart."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from aftercare.accounts.models import User
from aftercare.notify import actions as notify
from aftercare.notify.models import ContactMethod
from aftercare.oncall import actions
from aftercare.oncall.models import Page, Rotation
from tests.world import World

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass
class Duty:
    """The world with its rotations; `now` is noon of a Monday in Shanghai, Lin's first day of seven."""

    world: World
    primary: Rotation
    backup: Rotation
    now: datetime

    def page(self, now: datetime | None = None, **more: Any) -> Page:
        """Start a page about inc-1."""
        values: dict[str, Any] = {
            "subject_ref": "inc-1",
            "severity": "red",
            "title": "Freeze rate 6.2% in Starlight Live",
            "title_zh": "星光直播视频卡顿率 6.2%",
            "url_path": "/incidents/inc-1",
            "customer_id": self.world.show.pk,
        }
        return actions.start_page(**(values | more), now=now or self.now)

    def hook(self, user: User, url: str) -> ContactMethod:
        """A confirmed webhook of this person."""
        return notify.add_contact(user=user, channel="webhook", address=url, verified=True, now=self.now)


def make_duty(world: World) -> Duty:
    """Set the rotations up in the database."""
    common: dict[str, Any] = {"timezone": "Asia/Shanghai", "shift_length_days": 7, "handoff_time": time(10)}
    rest: dict[str, Any] = {"starts_on": date(2026, 11, 23), "actor": world.ada, "now": MONDAY - timedelta(days=3)}
    primary = actions.save_rotation(name="Primary", members=[world.eng, world.mei], **common, **rest)
    backup = actions.save_rotation(name="Backup", members=[world.ada], **common, **rest)
    actions.save_policy(steps=[(primary, 300), (backup, 300)], repeat=1, actor=world.ada, now=MONDAY)
    return Duty(world, primary, backup, MONDAY)


@pytest.fixture
def duty(world: World) -> Duty:
    """The rotations, in this test's transaction."""
    return make_duty(world)
