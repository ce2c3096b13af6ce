"""The promise across rooms: an alert reaches an engineer and the customer, and words go both ways until it is over."""

from datetime import timedelta

from django.utils import timezone

from aftercare.desk.models import Message, Ticket
from aftercare.incidents.actions import add_note
from aftercare.incidents.engine import process_due
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.notify.models import Delivery
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
from tests.world import World


def test_alert_incident_page_ack_ticket_reply_resolve(world: World, telemetry: object) -> None:
    start = world.now
    alert = open_alert(world, at=start)
    incident, ticket, page = Incident.objects.get(), Ticket.objects.get(), Page.objects.get()
    assert Delivery.objects.filter(kind="page", urgency="urgent").exists()
    assert Delivery.objects.filter(kind="message", user=world.zhao, url_path=f"/tickets/{ticket.ref}").exists()

    process_due(start + timedelta(seconds=5))
    ticket.refresh_from_db()
    assert ticket.evidence["state"] == "ready"

    acknowledge_page(page=page, user=world.eng, via="phone", now=start + timedelta(seconds=40))
    incident.refresh_from_db()
    assert (incident.acknowledged_by, incident.acknowledged_at) == (world.eng, start + timedelta(seconds=40))

    zhao, agent = world.client("zhao"), world.client("agent")
    assert zhao.post(f"/tickets/{ticket.ref}/messages", {"body": "Our hosts complain."}).status_code == 302
    ticket.refresh_from_db()
    answer = {"body": "One edge is being taken out.", "version": str(ticket.version)}
    assert agent.post(f"/tickets/{ticket.ref}/messages", answer).status_code == 302
    assert "One edge is being taken out." in zhao.get(f"/tickets/{ticket.ref}").content.decode()
    assert Message.objects.filter(side="customer").values_list("ticket", flat=True).get() == ticket.pk

    close_alert(alert, at=start + timedelta(minutes=9))
    incident.refresh_from_db()
    page.refresh_from_db()
    assert (incident.status, page.state) == ("resolved", "closed")

    story = [entry.kind for entry in incident.timeline.order_by("at", "pk")]
    assert sorted(story) == sorted(
        ["opened", "paged", "ticket_opened", "acknowledged", "customer_replied", "provider_replied", "alert_closed",
         "resolved"]
    )  # fmt: skip
    told = zhao.get(f"/incidents/{incident.ref}").content.decode()
    assert "It is over. It lasted 9 min." in told
    assert timezone.is_aware(incident.resolved_at)


def test_a_long_story_begins_with_its_last_lines(world: World, incident: Incident) -> None:
    for n in range(120):
        add_note(incident=incident, user=world.eng, text=f"note {n:03}", now=world.now)
    client = world.client("eng")
    page = client.get(f"/incidents/{incident.ref}").content.decode()
    count = incident.timeline.count()
    assert f"{count - 100} earlier lines" in page and "note 119" in page and "note 019" not in page
    whole = client.get(f"/incidents/{incident.ref}?whole=1").content.decode()
    assert "note 000" in whole and "earlier lines" not in whole
