"""A primary schedule of Lin and Mei, a backup schedule of Ada, woken in this order five minutes apart."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aftercare.accounts.models import User
from aftercare.notify import actions as notify
from aftercare.notify.models import ContactMethod
from aftercare.oncall import actions
from aftercare.oncall.models import Page, Schedule
from tests.world import World

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass
class Duty:
    """The world with its schedules; `now` is noon of a Monday in Shanghai, Lin's first day of seven."""

    world: World
    primary: Schedule
    backup: Schedule
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
    """Set the schedules up in the database."""
    primary = make_schedule(world, "Primary", [world.eng], [world.mei])
    backup = make_schedule(world, "Backup", [world.ada])
    actions.save_policy(steps=[(primary, 300), (backup, 300)], repeat=1, actor=world.ada, now=MONDAY)
    return Duty(world, primary, backup, MONDAY)


def make_schedule(world: World, name: str, *turns: list[User], **more: Any) -> Schedule:
    """A schedule of these turns, a week each from Monday morning on in Shanghai unless told otherwise."""
    told = {"timezone": "Asia/Shanghai", "starts": datetime.fromisoformat("2026-11-23T10:00")} | more
    document = actions.turns_document(turns=turns, **told)
    return actions.save_schedule(name=name, document=document, actor=world.ada, now=MONDAY - timedelta(days=3))


def empty(schedule: Schedule) -> None:
    """Nobody takes turns any more."""
    actions.save_schedule(
        schedule=schedule, name=schedule.name, document=schedule.document | {"layers": []}, actor=None, now=MONDAY
    )
    schedule.refresh_from_db()


@pytest.fixture
def duty(world: World) -> Duty:
    """The schedules, in this test's transaction."""
    return make_duty(world)
