"""Defects: told to a tracker by a signed webhook, and heard of from it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from aftercare.desk.accounts import TRACKER, add_account
from aftercare.desk.actions.tiers import hand_over
from aftercare.desk.engine import process_due
from aftercare.desk.models import DefectLink, Inbound, Message, Routing
from aftercare.desk.tests.team import asks
from aftercare.kernel.clock import utc_now
from aftercare.notify.envelope import envelope_of
from aftercare.notify.models import Account, Delivery
from tests.world import World

CONFIG = {
    "url": "https://tracker.example/hook",
    "fields": {"summary": "title", "project": "LIVE", "priority": "severity"},
    "map": {"ref": "fields.ref", "key": "issue.key", "status": "issue.status", "url": "issue.url", "comment": "text"},
    "values": {"done": "return", "viewed": "ignore"},
}


@pytest.fixture
def jira(world: World) -> tuple[Account, str]:
    return add_account(use=TRACKER, name="Jira", config=CONFIG, actor=world.ada, now=world.now)


def says(world: World, jira: tuple[Account, str], body: Any, *, name: str = "m1", secret: str = "") -> int:
    account, own = jira
    text = body if isinstance(body, str) else json.dumps(body)
    at = datetime.now(UTC)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret or own).sign(name, at, text),
    }
    return (
        world.client()
        .post(f"/hooks/desk/{account.ref}", text, content_type="application/json", headers=headers)
        .status_code
    )


def test_out_signed_with_the_mapped_fields(world: World, jira: tuple[Account, str]) -> None:
    ticket = asks(world)
    account, secret = jira
    path = f"/tickets/{ticket.ref}/defects"
    world.client("agent").post(path, {"tracker": account.ref, "words": "crash in 4.12"})
    delivery = Delivery.objects.get(kind="defect.create")
    assert delivery.data["fields"] == {"summary": "Black screen", "project": "LIVE", "priority": "P3"}
    assert envelope_of(delivery, world.now).secret == secret
    world.client("agent").post(path, {"tracker": account.ref, "words": "again today"})
    assert Delivery.objects.filter(kind="defect.comment").count() == 1
    assert DefectLink.objects.count() == 1
    assert "crash in 4.12" not in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    for name, status in (("zhao", 404), ("stranger", 404), ("viewer", 403)):
        assert world.client(name).post(path, {"tracker": account.ref, "words": "x"}).status_code == status
    assert world.client("agent").post(path, {"tracker": "nope", "words": "x"}).status_code == 409


def linked(world: World, jira: tuple[Account, str]) -> DefectLink:
    ticket = asks(world)
    hand_over(ticket=ticket, to_tier=3, reason="a crash", tried="older SDK", actor=world.agent, now=world.now)
    world.client("agent").post(f"/tickets/{ticket.ref}/defects", {"tracker": jira[0].ref, "words": "crash"})
    return DefectLink.objects.get()


def test_a_state_becomes_a_note_and_the_last_one_the_answer(world: World, jira: tuple[Account, str]) -> None:
    link = linked(world, jira)
    issue = {"key": "LIVE-7", "status": "In progress", "url": "https://tracker.example/LIVE-7"}
    assert says(world, jira, {"fields": {"ref": link.ref}, "issue": issue}) == 200
    assert says(world, jira, {"fields": {"ref": link.ref}, "issue": issue}) == 200
    process_due(utc_now())
    link.refresh_from_db()
    assert (link.key, link.status, link.url) == ("LIVE-7", "In progress", "https://tracker.example/LIVE-7")
    assert Message.objects.filter(side="system", internal=True).count() == 1
    says(world, jira, {"issue": {"key": "LIVE-7", "status": "viewed"}}, name="m2")
    says(world, jira, {"issue": {"key": "LIVE-7", "status": "Done"}, "text": "fixed in 4.12.1"}, name="m3")
    process_due(utc_now())
    assert Routing.objects.get(ticket=link.ticket).tier == 1
    page = world.client("agent").get(f"/tickets/{link.ticket.ref}").content.decode()
    assert "fixed in 4.12.1" in page
    assert 'href="https://tracker.example/LIVE-7"' in page
    assert "fixed in 4.12.1" not in world.client("zhao").get(f"/tickets/{link.ticket.ref}").content.decode()


def test_another_tracker_cannot_speak_of_this_ones_tickets(world: World, jira: tuple[Account, str]) -> None:
    link = linked(world, jira)
    other = add_account(use=TRACKER, name="TAPD", config=CONFIG, actor=world.ada, now=world.now)
    says(world, other, {"fields": {"ref": link.ref}, "issue": {"status": "done"}})
    process_due(utc_now())
    assert Inbound.objects.get().state == "refused"
    assert Routing.objects.get(ticket=link.ticket).tier == 3


@pytest.mark.parametrize("body", ["", "[]", "[[[[", "null", "\x00"])
def test_rejects_what_is_no_object(world: World, jira: tuple[Account, str], body: str) -> None:
    assert says(world, jira, body) == 400
    assert not Inbound.objects.exists()


def test_rejects_a_wrong_signature_and_a_large_body(world: World, jira: tuple[Account, str]) -> None:
    assert says(world, jira, {}, secret="whsec_" + "A" * 32) == 401
    assert says(world, jira, {"x": "y" * 300_000}) == 413


def test_a_script_as_address_is_no_link(world: World, jira: tuple[Account, str]) -> None:
    link = linked(world, jira)
    says(world, jira, {"fields": {"ref": link.ref}, "issue": {"key": "K\u0000", "status": "x", "url": "javascript:1"}})
    process_due(utc_now())
    link.refresh_from_db()
    assert (link.key, link.url) == ("K", "")


def test_connecting_and_trying_out(world: World) -> None:
    form = {"use": "tracker", "name": "ZenTao", "url": "https://zentao.example/h", "map_key": "bug.id"}
    form |= {"map_status": "bug.status", "values": "closed = return\nnonsense", "fields": "title = title"}
    assert world.client("agent").post("/trackers/new", form).status_code == 403
    assert world.client("zhao").get("/trackers").status_code == 404
    page = world.client("mei").post("/trackers/new", form).content.decode()
    assert "whsec_" in page
    account = Account.objects.get()
    assert "whsec_" not in world.client("mei").get("/trackers").content.decode()
    assert "whsec_" not in account.secrets
    sample = json.dumps({"bug": {"id": 7, "status": "Closed"}})
    tried = world.client("mei").post(f"/trackers/{account.ref}/trial", {"sample": sample}).content.decode()
    assert "return" in tried
    assert not Inbound.objects.exists()
    assert world.client("mei").post(f"/trackers/{account.ref}/trial", {"sample": "{"}).status_code == 409
    for bad in ({"map_key": "a..b"}, {"map_key": "__import__('os')"}, {"url": "ftp://x"}, {"name": ""}, {"use": "x"}):
        assert world.client("mei").post("/trackers/new", {**form, **bad}).status_code == 409, bad
    assert Account.objects.count() == 1
    world.client("mei").post(f"/trackers/{account.ref}/state", {"enabled": "0"})
    account.refresh_from_db()
    assert not account.enabled
