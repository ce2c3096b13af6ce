"""Nobody is paged twice for one fault: many measures, several processes and a slow evening make one page."""

from datetime import timedelta

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
from aftercare.watch.engine import Evaluator
from aftercare.watch.models import Alert
from tests.smoke.evening import Evening
from tests.world import World


def test_many_measures_and_processes_page_once(world: World, evening: Evening, receiver: Receiver) -> None:
    evening.evaluators += [Evaluator(lambda: evening.telemetry.pool) for _ in range(2)]
    evening.senders += [Sender()]
    evening.play(world.show_app, ticks=8, stalled=0.4, video_gaps=[600, 700], video_ms=5000)
    assert Alert.objects.count() > 2, "several rules speak of it"
    assert (Incident.objects.count(), Page.objects.count(), Ticket.objects.count()) == (1, 1, 1)
    messages = [receiver.take()]
    assert receiver.inbox == []
    assert messages[0].path == "/hook/lin"


def test_whoever_has_it_is_left_alone(world: World, evening: Evening, receiver: Receiver) -> None:
    evening.play(world.show_app, ticks=2, stalled=0.4)
    receiver.take()
    acknowledge_page(page=Page.objects.get(), user=world.eng, via="console", now=evening.now)
    evening.play(world.show_app, ticks=6, stalled=0.6)
    evening.now += timedelta(hours=1)
    evening.engines()
    assert receiver.inbox == []
    assert not Delivery.objects.filter(user=world.mei, channel="webhook").exists()


def test_a_second_app_is_a_second_fault(world: World, evening: Evening, receiver: Receiver) -> None:
    evening.play(world.show_app, ticks=2, stalled=0.4)
    evening.play(world.social_app, ticks=2, stalled=0.4)
    assert Incident.objects.count() == Ticket.objects.count() == 2
    titles = sorted(receiver.take().body["data"]["title"] for _ in range(2))
    assert "Starlight Live" in titles[0] and "Whisper" in titles[1]
