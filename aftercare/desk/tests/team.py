"""People of the cast who take tickets by routing."""

from datetime import datetime
from typing import Any

from aftercare.accounts.models import User
from aftercare.desk.actions import open_ticket
from aftercare.desk.actions.agents import save_agent
from aftercare.desk.actions.presence import set_presence
from aftercare.desk.models import Ticket
from tests.world import World


def takes(world: World, user: User, *, on: bool = True, **facts: Any) -> User:
    """`user` takes tickets of tier 1 and is on."""
    told = {"languages": [], "skills": [], "scenarios": [], "tiers": [1], "capacity": 6, **facts}
    save_agent(user=user, actor=world.ada, now=world.now, **told)
    if on:
        set_presence(user=user, state="on", now=world.now)
    return user


def asks(world: World, title: str = "Black screen", *, at: datetime | None = None, **facts: Any) -> Ticket:
    """A ticket of Starlight's owner."""
    told = {
        "customer_id": world.show.pk,
        "app_id": world.show_app.pk,
        "severity": "P3",
        "body": "please help",
        "opened_by": world.zhao,
        **facts,
    }
    return open_ticket(title=title, now=at or world.now, **told)
