"""On, away and off are recorded intervals; a console that goes silent ends them at its last sign of life."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from aftercare.audit.models import Entry
from aftercare.desk import engine
from aftercare.desk.actions import set_presence, touch_presence
from aftercare.desk.models import PresenceInterval
from aftercare.desk.presence import presence_of, who_is_on
from aftercare.kernel.errors import Refused
from tests.world import World


def intervals() -> list[tuple[str, float | None]]:
    return [
        (each.state, (each.ended_at - each.started_at).total_seconds() if each.ended_at else None)
        for each in PresenceInterval.objects.order_by("started_at")
    ]


def test_it_works(world: World) -> None:
    start = world.now
    set_presence(user=world.agent, state="on", now=start)
    set_presence(user=world.agent, state="on", now=start + timedelta(minutes=1))
    assert list(who_is_on(start + timedelta(minutes=1))) == [world.agent]
    set_presence(user=world.agent, state="away", now=start + timedelta(minutes=2))
    assert not who_is_on(start + timedelta(minutes=2)).exists()
    set_presence(user=world.agent, state="off", now=start + timedelta(minutes=3))
    assert intervals() == [("on", 120.0), ("away", 60.0)]
    assert presence_of(world.agent) == "off"
    assert Entry.objects.filter(action="presence.set").count() == 3


def test_a_silent_console_ends_at_its_last_sign(world: World) -> None:
    set_presence(user=world.agent, state="on", now=world.now)
    touch_presence(user=world.agent, now=world.now + timedelta(minutes=2))
    engine.keep_house(world.now + timedelta(minutes=6))
    assert presence_of(world.agent) == "on"
    engine.keep_house(world.now + timedelta(minutes=7))
    assert intervals() == [("on", 120.0)]
    touch_presence(user=world.agent, now=world.now + timedelta(minutes=8))
    assert presence_of(world.agent) == "off"


def test_rejects_other_words_and_other_people(world: World) -> None:
    with pytest.raises(Refused, match="on, away or off"):
        set_presence(user=world.agent, state="busy", now=world.now)
    with pytest.raises(Refused, match="colleagues"):
        set_presence(user=world.zhao, state="on", now=world.now)


def test_nobody_is_there_twice(world: World) -> None:
    set_presence(user=world.agent, state="on", now=world.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        PresenceInterval.objects.create(user=world.agent, state="away", started_at=world.now, seen_at=world.now)


def test_the_switch(world: World) -> None:
    agent = world.client("agent")
    assert 'aria-pressed="true">Off' in agent.get("/presence").content.decode()
    assert agent.post("/presence", {"state": "on"}).status_code == 302
    page = agent.post("/presence", {"state": "away"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true">Away' in page
    answer = agent.post("/presence", {"state": "on"}, headers={"Referer": "https://evil.example/x"})
    assert answer["Location"] == "/"
    assert world.client("zhao").get("/presence").status_code == 404
    assert world.client().get("/presence").status_code == 302
