"""Replies, and what they do to the ticket."""

from datetime import timedelta

import pytest

from aftercare.audit.models import Entry
from aftercare.desk.actions import reply, resolve_ticket
from aftercare.desk.models import Message, Status, Ticket
from aftercare.kernel.errors import Refused
from aftercare.notify.models import ContactMethod, Delivery
from tests.world import World


def test_it_works_both_ways(world: World, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.ref}"
    answer = world.client("agent").post(f"{path}/messages", {"body": "We are on it.", "version": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}#latest")
    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING_CUSTOMER
    assert ticket.first_response_at is not None
    assert ticket.waiting_since is None

    assert world.client("zhao").post(f"{path}/messages", {"body": "Thanks, still bad."}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.waiting_since is not None
    assert [m.side for m in ticket.messages.order_by("pk")] == ["system", "provider", "customer"]
    assert Entry.objects.filter(action="ticket.reply", subject=ticket.ref).count() == 2


def test_rejects_a_stale_reply_and_keeps_the_draft(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.eng, body="Found it.", version=1, now=world.now)
    answer = world.client("agent").post(f"/tickets/{ticket.ref}/messages", {"body": "My words", "version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lin was here first" in page
    assert "My words</textarea>" in page
    assert 'name="version" value="2"' in page
    assert ticket.messages.count() == 2


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_rejects_a_reply_without_a_version(world: World, ticket: Ticket, version: str) -> None:
    answer = world.client("agent").post(f"/tickets/{ticket.ref}/messages", {"body": "hi", "version": version})
    assert answer.status_code == 409
    assert "Reload the page" in answer.content.decode()


def test_rejects_empty_and_endless(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    assert "empty" in client.post(f"/tickets/{ticket.ref}/messages", {"body": " \x00 "}).content.decode()
    answer = client.post(f"/tickets/{ticket.ref}/messages", {"body": "x" * 20_001})
    assert (answer.status_code, ticket.messages.count()) == (409, 1)


def test_a_customers_reply_lands_in_its_ticket_alone(world: World, ticket: Ticket) -> None:
    client = world.client("stranger")
    assert client.post(f"/tickets/{ticket.ref}/messages", {"body": "let me in"}).status_code == 404
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "ours"})
    assert list(Message.objects.filter(side="customer").values_list("ticket", "body")) == [(ticket.pk, "ours")]


def test_a_customer_cannot_write_a_note(world: World, ticket: Ticket) -> None:
    answer = world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "psst", "internal": "1"})
    assert answer.status_code == 409
    assert ticket.messages.count() == 1


def test_a_reply_to_a_solved_ticket_opens_it(world: World, ticket: Ticket) -> None:
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "It is back."})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == (Status.OPEN, None)
    assert "opened the ticket again" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_send_and_mark_solved(world: World, ticket: Ticket) -> None:
    data = {"body": "Fixed.", "version": "1", "then": "solve"}
    world.client("agent").post(f"/tickets/{ticket.ref}/messages", data)
    ticket.refresh_from_db()
    assert ticket.status == Status.SOLVED


def test_a_note_moves_nothing(world: World, ticket: Ticket) -> None:
    world.client("agent").post(f"/tickets/{ticket.ref}/messages", {"body": "hm", "internal": "1"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.first_response_at) == (Status.OPEN, None)
    assert ticket.waiting_since is not None


def test_a_message_from_outside_counts_once(world: World, ticket: Ticket) -> None:
    first = reply(ticket=ticket, author=world.zhao, body="hi", provider_message_id="<1@mail>", now=world.now)
    again = reply(ticket=ticket, author=world.zhao, body="hi", provider_message_id="<1@mail>", now=world.now)
    assert first.pk == again.pk
    assert ticket.messages.count() == 2


def test_the_other_side_hears_of_it(world: World, ticket: Ticket) -> None:
    Delivery.objects.all().delete()
    ContactMethod.objects.create(
        user=world.zhao, channel="email", address="zhao@starlight.example", verified=True, created_at=world.now
    )
    ContactMethod.objects.create(
        user=world.viewer, channel="email", address="vera@starlight.example", verified=True, created_at=world.now
    )
    reply(ticket=ticket, author=world.agent, body="We are on it.", now=world.now)
    sent = {(d.user.name, d.channel) for d in Delivery.objects.select_related("user") if d.user}
    assert sent == {("Zhao", "push"), ("Dev", "push"), ("Vera", "push"), ("Zhao", "email")}
    assert all(d.kind == "message" and d.url_path == f"/tickets/{ticket.ref}" for d in Delivery.objects.all())


def test_staff_in_the_ticket_hear_of_a_customers_reply(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="We are on it.", now=world.now)
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.zhao, body="Thanks", now=world.now + timedelta(seconds=1))
    assert [d.user.name for d in Delivery.objects.select_related("user") if d.user] == ["Wang"]


def test_a_note_is_told_to_colleagues_only(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="We are on it.", now=world.now)
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.eng, body="secret", internal=True, now=world.now)
    assert [d.user.name for d in Delivery.objects.select_related("user") if d.user] == ["Wang"]


def test_a_push_is_in_its_readers_language(world: World, ticket: Ticket) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.agent, body="Hello", now=world.now)
    assert Delivery.objects.get(user=world.zhao).title == "#1 有新消息：星光直播 的卡顿率为 7.9%（限值 5%）"


def test_an_unknown_number_of_a_version_is_refused(world: World, ticket: Ticket) -> None:
    with pytest.raises(Refused):
        reply(ticket=ticket, author=world.agent, body="hi", version=7, now=world.now)
