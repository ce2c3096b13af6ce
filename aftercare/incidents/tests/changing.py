"""Changes as the tests plan them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from aftercare.desk.models import Message
from aftercare.incidents.changes.announcing import announce_change
from aftercare.incidents.changes.drafting import draft_change
from aftercare.incidents.changes.freezing import declare_freeze
from aftercare.incidents.changes.types import ChangeFacts, FreezeFacts, Texts
from aftercare.incidents.models import Change, Freeze
from aftercare.telemetry.actions.resources import add_resource, serve_customer
from aftercare.telemetry.models import Resource
from tests.world import World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEXTS = Texts(
    title="sh-edge-3 to new switches",
    title_zh="上海三号边缘节点割接",
    plan="Drain, move, check, fill again.",
    feel="A reconnect of one second.",
    feel_zh="可能出现一秒重连。",
    rollback="Fill the old switches again, five minutes.",
)


def make_edge(world: World, name: str = "sh-edge-3", *, served: bool = True) -> Resource:
    """An edge in Shanghai that serves Starlight Live."""
    edge = add_resource(kind="edge", name=name, parent=None, actor=world.ada, now=world.now)
    if served:
        serve_customer(resource=edge, customer=world.show, app=world.show_app, actor=world.ada, now=world.now)
    return edge


def draft(world: World, *, starts_in: timedelta = 10 * DAY, lasts: timedelta = HOUR / 2, **more: Any) -> Change:
    """A cut-over of sh-edge-3 in ten days, owned by Lin: medium risk."""
    resources: Sequence[Resource] = more.pop("resources", None) or Resource.objects.filter(name="sh-edge-3")
    facts: dict[str, Any] = {
        "kind": "cutover",
        "texts": TEXTS,
        "risk": "medium",
        "timezone": "Asia/Shanghai",
        "starts_at": world.now + starts_in,
        "ends_at": world.now + starts_in + lasts,
        "resources": list(resources),
    }
    return draft_change(
        facts=ChangeFacts(**{**facts, **more}), owner=world.eng, token=secrets.token_hex(16), now=world.now
    )


def announced(world: World, **more: Any) -> Change:
    """The same, announced."""
    said = {"late_reason": more.pop("late_reason", ""), "freeze_reason": more.pop("freeze_reason", "")}
    return announce_change(change=draft(world, **more), actor=world.eng, now=world.now, **said)


def told(change: Change) -> list[str]:
    """What was said in the customers' tickets about it by us, oldest first, in English."""
    tickets = change.customers.filter(ticket__isnull=False).values("ticket")
    return list(Message.objects.filter(ticket__in=tickets).order_by("pk").values_list("body", flat=True))


def begun(change: Change, at: datetime) -> Change:
    """The same change, its window moved to begin at `at` and announced well before: no engine was asked."""
    lasts = change.ends_at - change.starts_at
    Change.objects.filter(pk=change.pk).update(starts_at=at, ends_at=at + lasts)
    change.refresh_from_db()
    return change


def freeze(world: World, *, begins_in: timedelta = 9 * DAY, lasts: timedelta = 3 * DAY, **more: Any) -> Freeze:
    """The gala's freeze, over the tenth day."""
    at = world.now + begins_in
    facts = {"name": "Gala", "name_zh": "晚会封网", "timezone": "Asia/Shanghai", "scope": "all"}
    return declare_freeze(
        facts=FreezeFacts(**{**facts, "starts_at": at, "ends_at": at + lasts, **more}), actor=world.ada, now=world.now
    )
