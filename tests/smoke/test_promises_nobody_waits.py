"""Nobody waits: a page that is not acknowledged wakes the next person, then everyone, and never goes quiet."""

from datetime import timedelta

from aftercare.notify.models import Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.engine import audit_open_pages
from aftercare.oncall.models import Page
from tests.smoke.evening import Evening
from tests.world import World

STEP = timedelta(seconds=300)


def test_the_next_person_then_everyone_until_somebody_has_it(
    world: World, evening: Evening, receiver: Receiver
) -> None:
    evening.play(world.show_app, ticks=2, stalled=0.4)
    assert receiver.take().path == "/hook/lin"
    evening.now += STEP
    evening.engines()
    assert receiver.take().path == "/hook/mei"
    for _ in range(4):
        evening.now += STEP
        evening.engines()
        assert audit_open_pages(evening.now) == []
        assert receiver.take().path == "/hook/mei", "managers go on being woken"
        assert Delivery.objects.filter(user=world.ada, kind="page").exists()
    acknowledge_page(page=Page.objects.get(), user=world.mei, via="console", now=evening.now)
    evening.now += 3 * STEP
    evening.engines()
    assert receiver.inbox == []


def test_a_dead_phone_passes_it_on_at_once(world: World, evening: Evening, receiver: Receiver) -> None:
    receiver.answer = lambda received: (410 if received.path.endswith("lin") else 204, {})
    evening.play(world.show_app, ticks=2, stalled=0.4)
    evening.tick(2)
    assert [message.path for message in receiver.inbox] == ["/hook/lin", "/hook/mei"]
    receiver.inbox.clear()
