"""Calls written down and told by a call centre, recordings linked, call-backs kept; numbers for whoever needs them."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.accounts import CALLS, add_account, set_enabled
from aftercare.desk.engine import keep_house, process_due
from aftercare.desk.models import Call, Contact, Inbound, ReturnCall
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account, Delivery
from tests.world import World

NUMBER = "+8613812345678"
MAP = {
    "id": "call.uuid",
    "number": "call.from",
    "direction": "call.dir",
    "outcome": "call.result",
    "started_at": "call.at",
    "duration_s": "call.secs",
    "recording_url": "call.rec",
    "agent": "call.agent",
}


@pytest.fixture
def centre(world: World) -> tuple[Account, str]:
    config = {"map": MAP, "values": {"inbound": "in", "noanswer": "missed"}, "owner": world.agent.ref}
    return add_account(use=CALLS, name="Centre", config=config, actor=world.ada, now=world.now)


def ring(world: World, centre: tuple[Account, str], *, secret: str = "", **call: Any) -> int:
    account, own = centre
    told = {"uuid": "u1", "from": NUMBER, "dir": "inbound", "result": "answered", "secs": 61, **call}
    body = json.dumps({"call": told})
    made = hmac.new((secret or own).encode(), body.encode(), hashlib.sha256).hexdigest()
    return (
        world.client()
        .post(f"/hooks/desk/{account.ref}", body, content_type="application/json", headers={"X-Signature": made})
        .status_code
    )


def test_a_call_centre_tells_a_call_twice(world: World, centre: tuple[Account, str]) -> None:
    Contact.objects.create(customer=world.show, name="Zhao", phone=NUMBER, created_at=world.now)
    assert ring(world, centre, agent="wang@provider.example", rec="https://calls.example/r/1") == 200
    assert ring(world, centre, agent="wang@provider.example", rec="https://calls.example/r/1") == 200
    assert Inbound.objects.count() == 1
    process_due(utc_now())
    assert ring(world, centre, secs=90) == 200
    process_due(utc_now())
    call = Call.objects.get()
    assert (call.customer, call.agent, call.duration_s) == (world.show, world.agent, 90)
    page = world.client("agent").get("/calls").content.decode()
    assert 'href="https://calls.example/r/1"' in page
    assert NUMBER in page, "whoever had the call sees its number"
    other = world.client("eng").get("/calls").content.decode()
    assert NUMBER not in other
    assert "+86····78" in other
    assert NUMBER in world.client("mei").get("/calls").content.decode()


def test_a_missed_call_is_called_back(world: World, centre: tuple[Account, str]) -> None:
    ring(world, centre, result="noanswer")
    process_due(utc_now())
    back = ReturnCall.objects.get()
    assert back.owner == world.agent
    assert Inbound.objects.get().state == "ignored"
    keep_house(back.due_at + timedelta(seconds=1))
    keep_house(back.due_at + timedelta(seconds=2))
    assert Delivery.objects.filter(kind="call_back").count() == 1
    path = f"/calls/backs/{back.ref}"
    world.client("agent").post(path, {"result": ""})
    world.client("agent").post(path, {"result": "they restarted"})
    told = world.client("eng").post(path, {"result": "me too"}, follow=True).content.decode()
    assert "Wang has made this call already." in told
    back.refresh_from_db()
    assert back.result == "they restarted"


def test_a_forged_call_is_not_kept(world: World, centre: tuple[Account, str]) -> None:
    account, _secret = centre
    assert ring(world, centre, secret="whsec_guess") == 401
    path = f"/hooks/desk/{account.ref}"
    for headers in ({}, {"X-Signature": "sha256=" + "0" * 64}, {"X-Signature": "é"}, {"webhook-signature": "v1,,,"}):
        assert world.client().post(path, "{}", content_type="application/json", headers=headers).status_code == 401
    assert world.client().post("/hooks/desk/zzzzzzzzzzzz", "{}", content_type="application/json").status_code == 401
    set_enabled(account=account, enabled=False, actor=world.ada, now=world.now)
    assert ring(world, centre) == 401
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    "call", [{"uuid": ""}, {"dir": "sideways"}, {"result": "?"}, {"rec": "javascript:alert(1)"}, {"secs": 10**9}]
)
def test_what_cannot_be_read_is_kept_with_a_sentence(
    world: World, centre: tuple[Account, str], call: dict[str, Any]
) -> None:
    assert ring(world, centre, **call) == 200
    process_due(utc_now())
    row = Inbound.objects.get()
    assert row.state == "refused"
    assert row.last_error
    assert not Call.objects.exists()


def test_by_hand(world: World) -> None:
    form = {"direction": "in", "outcome": "answered", "number": NUMBER, "minutes": "3", "note": "asked about SDK"}
    form |= {"customer": world.show.ref, "due_at": "2030-01-01T10:00", "started_at": "2026-01-01T10:00"}
    world.client("agent").post("/calls/new", form)
    call = Call.objects.get()
    assert (call.customer, call.duration_s, call.agent) == (world.show, 180, world.agent)
    assert ReturnCall.objects.get().due_at.isoformat() == "2030-01-01T02:00:00+00:00"
    for bad in ({"number": "<script>"}, {"recording_url": "http://x"}, {"direction": "up"}, {"ticket": "nope"}):
        world.client("agent").post("/calls/new", {**form, **bad})
    assert Call.objects.count() == 1
    assert world.client("zhao").get("/calls").status_code == 404
    assert world.client("zhao").post("/calls/new", form).status_code == 404
