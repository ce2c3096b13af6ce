"""One update reaches every customer of an incident, in their ticket and their language, and promises the next."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.clocks import engine as clocks_engine
from aftercare.clocks.models import ClockState
from aftercare.desk import actions as desk
from aftercare.desk.models import Message, Ticket
from aftercare.incidents import engine
from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import Incident, IncidentCustomer, Kind, Update
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.telling.promise import clock_of
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from tests.world import World

MINUTE = timedelta(minutes=1)
TEXT, TEXT_ZH = "An edge in Shanghai drops packets.", "上海一个边缘节点丢包。"


def tell(world: World, incident: Incident, **more: Any) -> Update:
    """Lin tells what we know and promises the next update within half an hour."""
    facts: dict[str, Any] = {"stage": "identified", "body": TEXT, "body_zh": TEXT_ZH, "next_within": 30 * MINUTE}
    facts |= {"token": "a" * 32, "now": world.now}
    return post_update(incident=incident, author=world.eng, **{**facts, **more})


def heard(ticket: Ticket) -> list[str]:
    """Words of people of ours in a ticket."""
    said = Message.objects.filter(ticket=ticket, side="provider", internal=False)
    return list(said.order_by("pk").values_list("body", flat=True))


def test_each_customer_reads_it_in_their_own_ticket_and_language(world: World, incident: Incident) -> None:
    IncidentCustomer.objects.create(incident=incident, customer=world.social)
    world.social.language = "en"
    world.social.save()
    tell(world, incident)
    assert engine.process_due(world.now) >= 2
    theirs = Ticket.objects.get(customer=world.show, incident_ref=incident.ref)
    assert heard(theirs) == [TEXT_ZH]
    new = Ticket.objects.get(customer=world.social, incident_ref=incident.ref)
    assert Message.objects.get(ticket=new).body == TEXT, "without a ticket one opens with it"
    assert IncidentCustomer.objects.get(incident=incident, customer=world.social).ticket == new
    tell(world, incident, token="b" * 32, body="It holds.")
    engine.process_due(world.now)
    assert heard(new) == ["It holds."]


def test_every_ticket_that_was_linked_hears_it(world: World, incident: Incident) -> None:
    second = desk.open_ticket(
        customer_id=world.show.pk,
        app_id=None,
        title="Users complain",
        severity="P2",
        body="?",
        opened_by=world.zhao,
        incident_ref=incident.ref,
        now=world.now,
    )
    tell(world, incident)
    engine.process_due(world.now)
    assert heard(second) == [TEXT], "whoever asked it reads English"
    assert heard(Ticket.objects.exclude(pk=second.pk).get(incident_ref=incident.ref)) == [TEXT_ZH]


def test_pressed_twice_it_is_one_update(world: World, incident: Incident) -> None:
    assert tell(world, incident) == tell(world, incident)
    for _again in range(2):
        engine.process_due(world.now)
    assert heard(Ticket.objects.get(incident_ref=incident.ref)) == [TEXT_ZH]
    assert incident.timeline.filter(kind__in=[Kind.TOLD, Kind.PROVIDER_REPLIED]).count() == 1


def test_the_clock_of_the_next_word(world: World, incident: Incident) -> None:
    first = clock_of(incident)
    assert first is not None and first.due_at == incident.opened_at + 15 * MINUTE
    tell(world, incident)
    first.refresh_from_db()
    assert (first.state, first.breached_at) == (ClockState.STOPPED, None)
    second = clock_of(incident)
    assert second is not None and second.due_at == world.now + 30 * MINUTE
    clocks_engine.process_due(world.now + 31 * MINUTE)
    assert incident.timeline.filter(kind=Kind.UPDATE_OVERDUE).count() == 1
    assert Delivery.objects.filter(kind="incident.update", subject_ref=incident.ref, user=world.eng).exists()
    tell(world, incident, token="b" * 32, stage="resolved", next_within=None, now=world.now + 32 * MINUTE)
    assert clock_of(incident) is None


def test_the_end_of_the_incident_owes_no_further_word(world: World, incident: Incident) -> None:
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    assert clock_of(incident) is None
    clocks_engine.process_due(world.now + 60 * MINUTE)
    assert not incident.timeline.filter(kind=Kind.UPDATE_OVERDUE).exists()


def test_one_that_fails_holds_nobody_and_is_tried_again(
    world: World, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    IncidentCustomer.objects.create(incident=incident, customer=world.social)
    update = tell(world, incident)

    def broken(**_what: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("aftercare.incidents.telling.engine.desk.open_ticket", broken)
        engine.process_due(world.now)
    waiting = update.tellings.get(told_at=None)
    assert (waiting.customer, waiting.reason) == (world.social, "the disk is full")
    page = world.client("eng").get(f"/incidents/{incident.ref}/updates").content.decode()
    assert "1 of 2 customers have it" in page and "the disk is full" in page
    engine.process_due(world.now + MINUTE)
    assert not update.tellings.filter(told_at=None).exists()
    assert heard(Ticket.objects.get(customer=world.show, incident_ref=incident.ref)) == [TEXT_ZH]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"body": "  "}, "both languages"),
        ({"body_zh": ""}, "both languages"),
        ({"body": "x" * 10_001}, "longer than"),
        ({"stage": "done"}, "how far"),
        ({"next_within": None}, "when the next update comes"),
        ({"stage": "resolved"}, "promises no next one"),
        ({"next_within": timedelta(days=8)}, "seven days"),
    ],
)
def test_what_cannot_be_told_gets_a_sentence(
    world: World, incident: Incident, facts: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        tell(world, incident, **facts)
    assert not Update.objects.exists()


def form_in(client: Client, incident: Incident) -> dict[str, str]:
    """The composer's fields as it fills them."""
    form = client.get(f"/incidents/{incident.ref}/updates?stage=identified").context["form"]
    return {name: str(form[name].value() or "") for name in ("stage", "body", "body_zh", "next_within", "token")}


def test_it_is_looked_at_before_it_is_sent(world: World, incident: Incident) -> None:
    client, path = world.client("eng"), f"/incidents/{incident.ref}/updates"
    form = form_in(client, incident)
    assert "[cause]" in form["body"] and "Next update within 30 min" in form["body"]
    looked = client.post(path, {**form, "body_zh": "<b>查到了</b>", "action": "look"}).content.decode()
    assert "&lt;b&gt;查到了&lt;/b&gt;" in looked and "Tell one customer" in looked
    assert not Update.objects.exists()
    unfilled = client.post(path, {**form, "action": "send"})
    assert (unfilled.status_code, "in place of" in unfilled.content.decode()) == (400, True)
    form |= {"body": TEXT, "body_zh": TEXT_ZH}
    sent = client.post(path, {**form, "action": "send"}, follow=True).content.decode()
    assert "on its way" in sent
    assert client.post(path, {**form, "body": "", "action": "send"}).status_code == 400


def test_customers_read_it_and_cannot_write_it(world: World, incident: Incident) -> None:
    tell(world, incident)
    engine.process_due(world.now)
    path = f"/incidents/{incident.ref}/updates"
    assert world.client("zhao").get(path).status_code == 404
    assert world.client("stranger").get(path).status_code == 404
    assert world.client("agent").post(path, {"action": "send"}).status_code in (400, 403)
    read = world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert TEXT_ZH in read or TEXT in read
    assert "Lin told" not in read
