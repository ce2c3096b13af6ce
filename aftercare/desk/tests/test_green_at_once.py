"""Many hands at the same instant: one emergency, one waking, and nobody is ended by a deadlock."""

import itertools
from datetime import timedelta
from typing import Any

from aftercare.desk import engine
from aftercare.desk.actions import raise_emergency, reply
from aftercare.desk.models import Emergency, EmergencyCall, Message
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import make_duty
from aftercare.oncall.tests.test_two_workers import at_once
from tests.world import World, make_world


def press(world: World, sentence: str, **more: Any) -> Emergency:
    values: dict[str, Any] = {"customer": world.show, "app": None, "caller": world.zhao, "way": "green"}
    return raise_emergency(**(values | more), sentence=sentence, now=world.now)


def test_presses_of_one_instant_are_one_emergency(transactional_db: Any) -> None:
    world = make_world()
    make_duty(world)
    numbers = itertools.count()
    made = at_once(lambda: press(world, f"断流 {next(numbers)}"), workers=8)
    assert len(made) == 8 and len({emergency.pk for emergency in made}) == 1
    assert (Emergency.objects.count(), EmergencyCall.objects.count(), Page.objects.get().firings) == (1, 8, 1)
    assert Message.objects.filter(side="customer").count() == 8


def test_one_token_pressed_at_once_is_one_call(transactional_db: Any) -> None:
    world = make_world()
    made = at_once(lambda: press(world, "断流", token="same"), workers=6)
    assert len(made) == 6 and EmergencyCall.objects.count() == 1


def test_calling_acknowledging_speaking_and_settling_go_on_beside_each_other(transactional_db: Any) -> None:
    world = make_world()
    make_duty(world)
    ticket = press(world, "断流").ticket
    numbers = itertools.count()

    def work() -> str:
        n = next(numbers)
        if n % 4 == 0:
            press(world, f"还没好 {n}")
        elif n % 4 == 1:
            page = Page.objects.get(subject_ref=ticket.ref)
            acknowledge_page(page=page, user=world.eng, via="phone", now=world.now)
        elif n % 4 == 2:
            reply(ticket=ticket, author=world.eng, body=f"在看 {n}", now=world.now + timedelta(seconds=1))
        else:
            engine.process_due(world.now + timedelta(seconds=2))
        return "done"

    for _ in range(5):
        assert at_once(work, workers=8) == ["done"] * 8
    page = Page.objects.get()
    assert (page.state, page.acknowledged_by, page.firings) == ("acknowledged", world.eng, 1)
