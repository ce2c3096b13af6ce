"""A customer on the phone: a colleague raises the emergency for them; both see who was paged, saw it, took it."""

from datetime import timedelta

import pytest

from aftercare.audit.models import Entry
from aftercare.desk.models import EmergencyCall, Ticket, TicketEvent
from aftercare.oncall.models import Page, PageSeen
from aftercare.oncall.tests.cast import Duty, make_duty
from aftercare.oncall.tokens import link_path
from tests.world import World

SENTENCE = "nobody can enter rooms"


@pytest.fixture
def duty(world: World) -> Duty:
    return make_duty(world)


def raise_for(world: World, caller: str = "Zhao", **more: str) -> Ticket:
    """Wang takes the call."""
    told = {"customer": world.show.ref, "caller": caller, "sentence": SENTENCE, **more}
    answer = world.client("agent").post("/green", told)
    assert answer.status_code == 302, answer.content
    return Ticket.objects.get(customer__ref=told["customer"])


def test_it_is_kept_who_raised_it_for_whom(world: World, duty: Duty) -> None:
    ticket = raise_for(world, token="one")
    assert (ticket.opened_by, ticket.way, ticket.severity, ticket.title) == (world.zhao, "green", "P1", SENTENCE)
    assert Page.objects.get(subject_ref=ticket.ref).severity == "red"
    call = EmergencyCall.objects.get()
    assert (call.raised_by, call.user, call.way) == (world.agent, world.zhao, "phone")
    entry = Entry.objects.get(action="emergency.raise")
    assert (entry.actor_id, entry.detail["for"]) == (world.agent.pk, world.zhao.ref)
    thread = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Zhao called by phone; Wang raised it" in thread
    raise_for(world, token="one")
    assert EmergencyCall.objects.count() == 1, "pressed twice"
    raise_for(world, sentence="still")
    assert Page.objects.count() == 1 and ticket.messages.filter(body="still").exists()


def test_a_caller_nobody_knows_is_a_contact_of_the_customer(world: World, duty: Duty) -> None:
    ticket = raise_for(world, "Stranger")
    assert ticket.opened_by is None, "another customer's person of this name is not meant"
    assert ticket.contact is not None and (ticket.contact.name, ticket.contact.customer) == ("Stranger", world.show)


def test_the_button_is_on_the_customers_page(world: World) -> None:
    part = world.client("agent").get(f"/customers/{world.show.ref}/emergencies").content.decode()
    assert f"/green?customer={world.show.ref}" in part
    form = world.client("agent").get(f"/green?customer={world.show.ref}").content.decode()
    assert f'value="{world.show.ref}" selected' in form


def test_rejects_a_call_without_its_customer(world: World) -> None:
    refused = world.client("agent").post("/green", {"customer": "nope", "sentence": SENTENCE})
    assert refused.status_code == 400 and SENTENCE in refused.content.decode(), "what was typed stays"
    assert not Ticket.objects.exists()
    customers = world.client("zhao").post("/green", {"customer": world.social.ref, "sentence": SENTENCE})
    assert customers.status_code == 302 and Ticket.objects.get().customer == world.show, "theirs whatever they say"


def test_the_caller_sees_per_engineer_when_paged_seen_and_taken(world: World, duty: Duty) -> None:
    ticket = raise_for(world)
    page, client = Page.objects.get(), world.client("zhao")
    url = f"/green/{ticket.ref}"
    engineer = page.notices.select_related("user").first()
    assert engineer is not None
    shown = client.get(url).content.decode()
    assert "paged " in shown and "seen: not yet" in shown and "taken: not yet" in shown
    link = link_path(page, engineer.user)
    anybody = world.client()
    anybody.get(link)
    assert not PageSeen.objects.exists(), "a preview of the link is nobody's look"
    browser = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    anybody.get(link, headers=browser)
    first = PageSeen.objects.get().at
    anybody.get(link, headers=browser)
    assert PageSeen.objects.get().at == first, "the first look counts"
    shown = client.get(url).content.decode()
    assert "seen: not yet" not in shown and "has seen it" in shown and "taken: not yet" in shown
    anybody.post(link)
    shown = client.get(url).content.decode()
    assert "taken: not yet" not in shown and "acknowledged" in shown
    assert TicketEvent.objects.filter(kind="taken", actor=engineer.user).exists()


def test_who_takes_it_has_seen_it_and_the_war_room_counts(world: World, duty: Duty) -> None:
    ticket = raise_for(world)
    world.client("eng").get(f"/tickets/{ticket.ref}/emergency")
    assert PageSeen.objects.get().user == world.eng
    world.client("zhao").get(f"/green/{ticket.ref}")
    assert PageSeen.objects.count() == 1, "the caller is not of ours"
    assert PageSeen.objects.get().at - ticket.created_at < timedelta(minutes=5)
