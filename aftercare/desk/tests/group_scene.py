"""Starlight's Feishu group with Lin as its expert, and Wang who writes there."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.desk.actions import contact_of, post_in_group
from aftercare.desk.models import Contact, Group, Message
from aftercare.notify.models import Account, Channel
from tests.world import World


def make_group(world: World, **more: Any) -> Group:
    """The group; `more` replaces its fields."""
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu app", created_at=world.now)
    values: dict[str, Any] = {
        "customer": world.show,
        "account": account,
        "chat_id": "oc_1",
        "name": "Starlight service",
        "expert": world.eng,
        "created_at": world.now,
        "updated_at": world.now,
    }
    return Group.objects.create(**(values | more))


def make_wang(world: World, group: Group) -> Contact:
    """Somebody of the customer's who does not sign in."""
    return contact_of(
        account=group.account, external_id="ou_wang", name="Wang Fang", customer_id=group.customer_id, now=world.now
    )


def say(group: Group, speaker: Any, body: str, at: datetime, message_id: str | None = None) -> Message:
    """Words in the group; with an id they come from the vendor."""
    account = group.account if message_id else None
    return post_in_group(
        group=group, speaker=speaker, body=body, account=account, provider_message_id=message_id, now=at
    )


def exchange(world: World, group: Group, wang: Contact, reply_after_s: float, *, ago: timedelta, by: Any) -> None:
    """A question so long ago, answered after so many seconds."""
    at = world.now - ago
    say(group, wang, "在吗", at, f"om_{at.timestamp()}")
    say(group, by, "在", at + timedelta(seconds=reply_after_s))


@pytest.fixture
def group(world: World) -> Group:
    return make_group(world)


@pytest.fixture
def wang(world: World, group: Group) -> Contact:
    return make_wang(world, group)
