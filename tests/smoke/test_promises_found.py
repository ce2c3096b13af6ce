"""We knew first: an evening's stall becomes a page and the customer's ticket, before anybody complains."""

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.models import Page
from tests.smoke.evening import Evening
from tests.world import World


def test_a_stall_is_paged_and_told(world: World, evening: Evening, receiver: Receiver) -> None:
    app = world.show_app
    evening.play(app, ticks=3)
    assert not Incident.objects.exists()
    fault_at = evening.now
    evening.play(app, ticks=3, stalled=0.4)
    message = receiver.take()
    assert (message.path, message.body["type"]) == ("/hook/lin", "page")
    incident = Incident.objects.get()
    assert (incident.opened_at - fault_at).total_seconds() <= 15
    assert (incident.severity, incident.status, incident.app) == ("red", "open", app)
    assert "Starlight Live" in message.body["data"]["title"]

    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.incident_ref, ticket.opened_by) == (world.show, incident.ref, None)
    assert ticket.evidence["state"] == "ready"
    assert ticket.evidence["sessions"][0]["session"].startswith("Starlight Live-")
    page = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Rebuffering ratio" in page and "before you had to tell us" in page
    assert "Starlight Live-" in page and "40" in page


def test_the_link_in_the_message_takes_it(world: World, evening: Evening, receiver: Receiver) -> None:
    evening.play(world.show_app, ticks=2, stalled=0.4)
    link = receiver.take().body["data"]["details"]["acknowledge_url"]
    path = "/p/" + link.split("/p/")[1]
    phone = world.client()
    assert "Acknowledge" in phone.get(path).content.decode()
    assert Page.objects.get().state == "open", "opening the link alone, as mail scanners do, takes nothing"
    assert phone.post(path).status_code == 302
    incident = Incident.objects.get()
    assert (incident.status, incident.acknowledged_by) == ("acknowledged", world.eng)
    told = world.client("zhao").get(f"/tickets/{Ticket.objects.get().ref}").content.decode()
    assert "An engineer took this" in told
    assert world.eng.name not in told, "who has it is the provider's business"
