"""A company's programs hear what happens at the desk, signed, until they answer; the log tells it and can repeat it."""

from datetime import timedelta

import pytest

from aftercare.desk.actions import open_ticket, reply
from aftercare.desk.models import Ticket
from aftercare.notify import engine
from aftercare.notify.models import Delivery, State, WebhookEndpoint
from aftercare.notify.tests.receiver import Receiver, receiver
from aftercare.notify.webhooks import ENDPOINTS_AT_MOST
from tests.world import World

__all__ = ["receiver"]


def add(world: World, who: str, url: str, *events: str) -> WebhookEndpoint:
    answer = world.client(who).post("/settings/webhooks", {"url": url, "events": events})
    assert answer.status_code == 302
    return WebhookEndpoint.objects.latest("id")


def open_one(world: World) -> Ticket:
    return open_ticket(
        customer_id=world.show.pk,
        app_id=world.show_app.pk,
        title="Black screen",
        severity="P2",
        body="Since 21:00",
        opened_by=world.zhao,
        now=world.now,
    )


def test_a_program_hears_of_tickets_and_words(world: World, receiver: Receiver) -> None:
    endpoint = add(world, "zhao", receiver.url)
    ticket = open_one(world)
    reply(ticket=ticket, author=world.agent, body="internal", internal=True, now=world.now)
    engine.process_due(world.now)
    heard = [receiver.take(), receiver.take()]
    assert sorted(received.body["type"] for received in heard) == ["message.posted", "ticket.opened"]
    for received in heard:
        received.verify(endpoint.secret)
        assert received.body["data"]["ticket"]["ref"] == ticket.ref
        assert "internal" not in received.text
    assert not receiver.inbox


def test_others_hear_nothing_and_the_provider_hears_all(world: World, receiver: Receiver) -> None:
    add(world, "stranger", receiver.url)
    open_one(world)
    assert not Delivery.objects.filter(endpoint__isnull=False).exists()
    add(world, "ada", receiver.url, "ticket.opened")
    open_one(world)
    assert [d.kind for d in Delivery.objects.filter(endpoint__isnull=False)] == ["ticket.opened"]


def test_it_is_told_again_by_hand_under_the_same_id(world: World, receiver: Receiver) -> None:
    endpoint = add(world, "zhao", receiver.url, "ticket.opened")
    open_one(world)
    engine.process_due(world.now)
    delivery = Delivery.objects.get(endpoint=endpoint)
    client = world.client("zhao")
    path = f"/settings/webhooks/{endpoint.ref}"
    assert delivery.ref in client.get(path).content.decode()
    assert world.client("stranger").post(f"{path}/deliveries/{delivery.ref}/replay").status_code == 404
    client.post(f"{path}/deliveries/{delivery.ref}/replay")
    engine.process_due(world.now + timedelta(seconds=1))
    assert [receiver.take().headers["webhook-id"] for _n in range(2)] == [delivery.ref] * 2


def test_a_receiver_that_is_down_is_tried_for_hours(world: World) -> None:
    endpoint = add(world, "zhao", "http://127.0.0.1:9/none", "ticket.opened")
    open_one(world)
    delivery, at = Delivery.objects.get(endpoint=endpoint), world.now
    Delivery.objects.filter(endpoint=endpoint).update(attempts=11)
    engine.process_due(at)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.FAILED, 12)


@pytest.mark.parametrize("url", ["ftp://a.example", "https://u:p@a.example/", "nonsense", ""])
def test_rejects_an_address_that_is_none(world: World, url: str) -> None:
    answer = world.client("zhao").post("/settings/webhooks", {"url": url})
    assert answer.status_code == 400
    assert "form-error" in answer.content.decode()


def test_rejects_an_event_that_does_not_exist_and_too_many(world: World) -> None:
    client = world.client("zhao")
    assert client.post("/settings/webhooks", {"url": "https://a.example/", "events": ["x"]}).status_code == 400
    for number in range(ENDPOINTS_AT_MOST):
        add(world, "zhao", f"https://a.example/{number}")
    assert client.post("/settings/webhooks", {"url": "https://a.example/more"}).status_code == 400
    assert world.client("viewer").get("/settings/webhooks").status_code == 403
