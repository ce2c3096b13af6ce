"""Recovery closes everything together, alerts, incident and page, and tells the customer; nobody is woken after."""

from datetime import timedelta

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert
from tests.smoke.evening import Evening
from tests.world import World


def test_all_of_it_ends_at_once(world: World, evening: Evening, receiver: Receiver) -> None:
    app = world.show_app
    evening.play(app, ticks=3, stalled=0.4)
    receiver.take()
    evening.recover(app)
    assert not Alert.objects.filter(closed_at__isnull=True).exists()
    assert set(Alert.objects.values_list("close_reason", flat=True)) == {"recovered"}
    incident, page, ticket = Incident.objects.get(), Page.objects.get(), Ticket.objects.get()
    last_closed = max(Alert.objects.values_list("closed_at", flat=True))
    assert incident.status == "resolved"
    assert incident.resolved_at == page.closed_at == last_closed
    told = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "within their limits again" in told and "This ticket stays open" in told
    assert ticket.status not in ("solved", "closed"), "only people say that it is solved"

    for _ in range(3):
        evening.now += timedelta(minutes=20)
        evening.engines()
    assert receiver.inbox == [], "a page that is over wakes nobody"
    assert "It is over." in world.client("eng").get(f"/incidents/{incident.ref}").content.decode()


def test_a_short_breath_is_no_recovery(world: World, evening: Evening, receiver: Receiver) -> None:
    app = world.show_app
    evening.play(app, ticks=3, stalled=0.4)
    receiver.take()
    for _ in range(3):
        evening.play(app, ticks=2)
        evening.play(app, ticks=2, stalled=0.4)
    assert Incident.objects.get().status == "open"
    assert Ticket.objects.count() == 1
    assert receiver.inbox == []
