"""Who reads a status page from outside: they ask, confirm, and get mail; nobody of them signs in."""

from pathlib import Path
from typing import Any

from django.test import Client

from aftercare.incidents.models import Subscription
from aftercare.incidents.status import engine, keeping
from aftercare.incidents.status.addresses import link_of
from aftercare.incidents.status.subscribing import ASKS_OF_ADDRESS, ASKS_OF_CLIENT
from aftercare.notify.models import Delivery
from tests.world import World

READER = "reader@elsewhere.example"


def open_public(world: World, folder: Path, settings: Any) -> World:
    """The public page stands, its files in this folder, and nobody has asked for anything yet."""
    settings.STATUS_DIR = folder / "status"
    settings.STATUS_DIR.mkdir()
    ASKS_OF_CLIENT.forget()
    ASKS_OF_ADDRESS.forget()
    facts = keeping.PublicFacts("Provider", "服务商", "Asia/Shanghai")
    keeping.save_public(facts=facts, actor=world.ada, now=world.now)
    engine.process_due(world.now)
    return world


def asks(world: World, address: str = READER, page: str = "public", **more: str) -> Any:
    """Somebody fills in the form of a page; the answer, once the engine has worked on it."""
    said = {"page": page, "way": "email", "address": address, "language": "en", **more}
    answer = Client(enforce_csrf_checks=True).post("/subscriptions", said)
    engine.process_due(world.now)
    return answer


def mails() -> list[Delivery]:
    """What was written to readers, oldest first."""
    return list(Delivery.objects.filter(kind__startswith="status.").order_by("id"))


def updates() -> list[Delivery]:
    """Of that the updates."""
    return [one for one in mails() if one.kind == "status.update"]


def subscribed(world: World, address: str = READER, **more: str) -> Subscription:
    """Somebody who asked and confirmed."""
    asks(world, address, **more)
    found = Subscription.objects.get(address=address)
    Client().post(link_of(found))
    found.refresh_from_db()
    assert found.confirmed_at is not None
    return found
