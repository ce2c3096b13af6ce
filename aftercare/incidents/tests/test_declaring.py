"""Incidents that people open: by hand, and out of what several customers' tickets say."""

from typing import Any

import pytest

from aftercare.desk import actions as desk
from aftercare.desk.actions.emergency import raise_emergency
from aftercare.desk.models import Message, Ticket
from aftercare.incidents import engine
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.tests.scene import open_alert
from aftercare.kernel.clock import utc_now
from aftercare.oncall.models import Page
from tests.world import World

TOKEN = "c" * 32


def ticket_of(world: World, who: str = "zhao", title: str = "No sound") -> Ticket:
    """A ticket of this person's company."""
    author = world.people[who]
    return desk.open_ticket(
        customer_id=author.customer_id,
        app_id=None,
        title=title,
        severity="P2",
        body="Since eight.",
        opened_by=author,
        now=world.now,
    )


def declare(world: World, **more: Any) -> Any:
    """Lin opens an incident."""
    said = {"title": "Login is down", "title_zh": "登录中断", "severity": "red", "token": TOKEN, **more}
    return world.client("eng").post("/incidents/new", said)


def test_several_tickets_become_one_incident_and_one_update_answers_all(world: World) -> None:
    ours, theirs = ticket_of(world), ticket_of(world, "stranger")
    client = world.client("eng")
    form = client.get(f"/incidents/new?ticket={ours.ref}&ticket={theirs.ref}").content.decode()
    assert f"#{ours.number}" in form and "Starlight Show" in form and "Whisper 1-1" in form
    answer = declare(world, tickets=[ours.ref, theirs.ref], wakes="on")
    incident = Incident.objects.get()
    assert answer.headers["Location"] == f"/incidents/{incident.ref}"
    assert (incident.customer, incident.place) == (None, "Several customers")
    assert {touched.ticket for touched in incident.customers.all()} == {ours, theirs}
    assert Page.objects.get(subject_ref=incident.ref).severity == "red"
    assert clock_of(incident) is not None
    said = {"stage": "investigating", "body": "We look.", "body_zh": "排查中。", "next_within": "30"}
    client.post(f"/incidents/{incident.ref}/updates", {**said, "token": TOKEN, "action": "send"})
    engine.process_due(utc_now())
    for ticket in (ours, theirs):
        assert Message.objects.filter(ticket=ticket, side="provider").count() == 1


def test_the_green_channel_becomes_one_and_wakes_nobody_twice(world: World) -> None:
    called = {"customer": world.show, "app": world.show_app, "caller": world.zhao, "way": "web", "now": world.now}
    ticket = raise_emergency(sentence="Nobody can join", **called).ticket
    client = world.client("eng")
    assert f"/incidents/new?ticket={ticket.ref}" in client.get(f"/incidents/of-ticket/{ticket.ref}").content.decode()
    form = client.get(f"/incidents/new?ticket={ticket.ref}").content.decode()
    assert "Nobody can join" in form and 'name="wakes" id="id_wakes">' in form, "whoever was woken is in the room"
    assert 'name="wakes" id="id_wakes" checked>' in client.get("/incidents/new").content.decode()
    declare(world, tickets=[ticket.ref])
    incident = Incident.objects.get()
    assert incident.customers.get().ticket == ticket and not Page.objects.filter(subject_ref=incident.ref).exists()


def test_pressed_twice_it_is_one(world: World) -> None:
    assert declare(world).headers["Location"] == declare(world).headers["Location"]
    assert Incident.objects.count() == 1


def test_without_waking_whoever_opened_it_has_it(world: World) -> None:
    declare(world, customers=[world.show.ref])
    incident = Incident.objects.get()
    assert (incident.status, incident.acknowledged_by, incident.customer) == ("acknowledged", world.eng, world.show)
    assert not Page.objects.exists()
    assert world.client("zhao").get(f"/incidents/{incident.ref}").status_code == 200
    assert world.client("stranger").get(f"/incidents/{incident.ref}").status_code == 404


@pytest.mark.parametrize("wrong", [{"title": " ", "title_zh": ""}, {"severity": "huge"}, {"customers": ["nobody"]}])
def test_what_is_missing_is_said(world: World, wrong: dict[str, Any]) -> None:
    assert declare(world, **wrong).status_code == 400
    assert not Incident.objects.exists()


def test_customers_are_added_and_taken_back_until_they_know(world: World) -> None:
    declare(world)
    incident, client = Incident.objects.get(), world.client("eng")
    path = f"/incidents/{incident.ref}/customers"
    client.post(path, {"customer": world.show.ref})
    client.post(path, {"customer": world.show.ref})
    assert incident.timeline.filter(kind=Kind.CUSTOMER_ADDED).count() == 1
    client.post(f"{path}/removal", {"customer": world.show.ref})
    assert not incident.customers.exists()
    client.post(f"/incidents/{incident.ref}/tickets", {"ticket": ticket_of(world).ref})
    refused = client.post(f"{path}/removal", {"customer": world.show.ref})
    assert (refused.status_code, incident.customers.count()) == (409, 1)


def test_a_ticket_is_part_of_one_incident(world: World, incident: Incident) -> None:
    ticket, client = ticket_of(world), world.client("eng")
    part = client.get(f"/incidents/of-ticket/{ticket.ref}").content.decode()
    assert incident.display_title in part and "Open an incident of it" in part
    assert client.post(f"/incidents/{incident.ref}/tickets", {"ticket": ticket.ref}).status_code == 302
    assert "It is part of this" not in client.get(f"/incidents/of-ticket/{ticket.ref}").content.decode()
    declare(world)
    other = Incident.objects.exclude(pk=incident.pk).get()
    refused = client.post(f"/incidents/{other.ref}/tickets", {"ticket": ticket.ref})
    assert (refused.status_code, "another incident" in refused.content.decode()) == (409, True)
    assert not other.customers.exists(), "and nothing of it happened"
    thread = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "made the ticket part of an incident" in thread


@pytest.mark.parametrize("name", ["zhao", "stranger"])
def test_none_of_it_is_the_customers(world: World, incident: Incident, name: str) -> None:
    client, ticket = world.client(name), ticket_of(world)
    assert client.get("/incidents/new").status_code == 404
    assert client.post(f"/incidents/{incident.ref}/customers", {"customer": world.show.ref}).status_code in (403, 404)
    assert client.post(f"/incidents/{incident.ref}/tickets", {"ticket": ticket.ref}).status_code in (403, 404)
    part = client.get(f"/incidents/of-ticket/{ticket.ref}")
    assert part.status_code == (200 if name == "zhao" else 404)
    assert b"Open an incident" not in part.content


def test_who_is_touched_besides_reads_no_word_of_whose_it_was(world: World) -> None:
    """Monitoring opened it for Starlight; Whisper was added by hand."""
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    world.client("ada").post(f"/incidents/{incident.ref}/customers", {"customer": world.social.ref})
    pages = [f"/incidents/{incident.ref}", f"/incidents/{incident.ref}/live", "/incidents", "/", "/incidents/strip"]
    for path in pages:
        text = world.client("stranger").get(path).content.decode()
        assert "Starlight" not in text and "星光" not in text and "7.9%" not in text, path
    assert "Service disruption" in world.client("stranger").get(pages[0]).content.decode()
    assert "Starlight Live" in world.client("zhao").get(pages[0]).content.decode()
