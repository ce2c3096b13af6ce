"""One edge dies, forty rules of twelve customers turn: one incident, one page, twelve tickets, one update that reaches
each customer in their own ticket and language, all closed together.
"""

from datetime import timedelta

from aftercare.desk.models import Message, Ticket
from aftercare.incidents import engine
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer, Kind
from aftercare.incidents.telling.posting import post_update
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert
from tests.incidents.outage import RULES, Outage
from tests.paging.night import Night

TEXT, TEXT_ZH = "We move viewers off it.", "正在把观众切走。"
RULES_OF_TWELVE = 40
TITLE = "Edge node sh-edge-3: 12 customers, 14 apps"


def test_one_incident_one_page_twelve_tickets(night: Night, night_of_outage: Outage) -> None:
    outage = night_of_outage
    monitors = outage.rules(outage.apps[:13]) + outage.rules(outage.apps[13:], RULES[:1])
    assert len(monitors) == RULES_OF_TWELVE
    outage.live(ticks=1)
    assert outage.open_alerts() == 0
    outage.live(["sh-edge-3"], ticks=14)  # distinct users are counted by the minute: they turn last
    assert outage.open_alerts() == RULES_OF_TWELVE

    incident = Incident.objects.get()
    assert incident.cause == outage.resources["sh-edge-3"]
    assert (incident.title, incident.app, incident.customer) == (
        "Edge node sh-edge-3: 12 customers, 14 apps",
        None,
        None,
    )
    assert IncidentAlert.objects.filter(incident=incident).count() == RULES_OF_TWELVE
    night.now = outage.now
    night.wait(5)
    assert len(night.heard()) == 1, "whoever is on duty now, once"
    assert Page.objects.get().title == TITLE, "as large as it was from the first"
    assert incident.timeline.filter(kind=Kind.PAGED).count() == 1

    tickets = {ticket.customer.name: ticket for ticket in Ticket.objects.filter(incident_ref=incident.ref)}
    assert sorted(tickets) == sorted(customer.name for customer in outage.customers)
    assert Ticket.objects.count() == len(tickets)

    night.take(Page.objects.get())
    facts = {"stage": "mitigated", "body": TEXT, "body_zh": TEXT_ZH, "next_within": timedelta(minutes=30)}
    post_update(incident=incident, author=night.world.eng, token="a" * 32, now=outage.now, **facts)
    engine.process_due(outage.now)
    for customer in outage.customers:
        said = Message.objects.filter(ticket=tickets[customer.name], side="provider", internal=False)
        assert [message.body for message in said] == [TEXT if customer.language == "en" else TEXT_ZH]

    outage.live(ticks=36)
    assert outage.open_alerts() == 0
    incident.refresh_from_db()
    assert (incident.status, incident.end_reason) == ("resolved", "recovered")
    assert Page.objects.get().state == "closed"
    for ticket in IncidentCustomer.objects.filter(incident=incident).select_related("ticket__customer"):
        last = Message.objects.filter(ticket=ticket.ticket).order_by("-pk")[0]
        assert ("Reply" not in last.body) and last.side == "system"
        assert ("within their limits again" in last.body) or ("恢复" in last.body)
    assert Incident.objects.count() == 1
    assert Alert.objects.filter(closed_at=None).count() == 0
    night.now = outage.now
    night.wait(5)
    night.heard()  # whoever was woken is told that it is over
