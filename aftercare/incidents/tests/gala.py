"""A gala of Starlight Live on a Friday evening in Shanghai, planned nine days before."""

from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.incidents.assurance.planning import Plan, plan_assurance
from aftercare.incidents.assurance.tightening import Tighter, add_rules
from aftercare.incidents.models import Assurance
from aftercare.watch.actions import create_default_monitors
from aftercare.watch.models import Monitor
from tests.world import World

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def plan(world: World, starts_at: datetime, **more: Any) -> Plan:
    """Three hours from `starts_at` on, led by Lin."""
    said: dict[str, Any] = {
        "title": "Friday gala",
        "title_zh": "周五盛典",
        "apps": [world.show_app],
        "regions": "Shanghai",
        "starts_at": starts_at,
        "ends_at": starts_at + 3 * HOUR,
        "zone": "Asia/Shanghai",
        "expected_concurrent": 62_000,
        "expected_mbps": None,
        "lead": world.eng,
        "rehearsal_at": None,
        "war_room": "https://meet.example/gala",
        "group": "星光重保群",
        "freezes": True,
        "tells_customers": False,
    }
    return Plan(**(said | more))


def make_gala(
    world: World, *, starts_at: datetime | None = None, now: datetime | None = None, **more: Any
) -> Assurance:
    """The gala, planned."""
    now = now or world.now
    token = f"{Assurance.objects.count():032x}"
    return plan_assurance(plan=plan(world, starts_at or now + 9 * DAY, **more), token=token, actor=world.ada, now=now)


def with_rules(world: World, gala: Assurance, app: App | None = None) -> list[Monitor]:
    """The app's red lines, each with one 30 percent tighter for the gala; returns the usual ones."""
    app = app or world.show_app
    create_default_monitors(app=app, now=world.now)
    monitors = list(Monitor.objects.filter(app=app, severity="red", kept_by="").order_by("pk"))
    add_rules(assurance=gala, monitors=monitors, how=Tighter(30, fire_after=1), actor=world.ada, now=world.now)
    return monitors


def tight(gala: Assurance) -> int:
    """How many tighter rules hold."""
    return Monitor.objects.filter(kept_by=gala.path, deleted_at=None).count()
