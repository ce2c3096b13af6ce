"""What the provider does inside through the API: tiers, routing, presence, what is known, and trackers."""

from typing import Any

import pytest

from aftercare.desk.actions import open_ticket
from aftercare.desk.models import Ticket
from aftercare.telemetry.tests.made import crowd
from tests.api.calling import Program
from tests.world import World


@pytest.fixture
def ticket(world: World) -> Ticket:
    return open_ticket(
        customer_id=world.show.pk,
        app_id=world.show_app.pk,
        title="Stutters",
        severity="P2",
        body="stream: show-room-7",
        opened_by=world.zhao,
        now=world.now,
    )


def test_tiers_and_the_board(world: World, agent: Program, zhao: Program, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.ref}"
    assert agent.get(f"{path}/course")["tier"] == 1
    assert agent.put(f"{path}/needs", language="en", skill="Push")["skill"] == "push"
    agent.post(f"{path}/hand-over", 409, tier=2, reason="", tried="all")
    agent.post(f"{path}/claim")
    stale = agent.post(f"{path}/hand-over", 409, tier=2, reason="r", tried="t", version=1)
    assert "Wang" in stale["sentence"]
    up = agent.post(f"{path}/hand-over", tier=2, reason="needs the edge's logs", tried="two players", version=2)
    assert (up["tier"], up["hand_overs"][0]["by"]["name"]) == (2, "Wang")
    assert agent.get("/board")[1]["rows"][0]["ticket"]["ref"] == ticket.ref
    back = agent.post(f"{path}/return", answer="the edge was full")
    assert (back["tier"], back["hand_overs"][0]["answer"]) == (1, "the edge was full")
    zhao.get(f"{path}/course", expect=404)
    zhao.get("/board", expect=404)


def test_routing_presence_and_hours(world: World, agent: Program, zhao: Program) -> None:
    mei = Program(world, world.mei)
    agent.put(f"/routing/people/{world.agent.ref}", 403, tiers=[1])
    taken = mei.put(f"/routing/people/{world.agent.ref}", tiers=[1, 2], skills=["Push"], capacity=3)
    assert (taken["tiers"], taken["skills"], taken["is_routed"]) == ([1, 2], ["push"], True)
    assert mei.put(f"/routing/people/{world.agent.ref}", 409, tiers=[])["sentence"]
    assert agent.get("/presence") == {"state": "off"}
    assert agent.put("/presence", state="on") == {"state": "on"}
    assert agent.put("/presence", 409, state="asleep")["error"] == "refused"
    people = {one["person"]["name"]: one for one in mei.get("/routing/people")}
    assert (people["Wang"]["presence"], people["Lin"]["is_routed"]) == ("on", False)
    named = mei.put(f"/routing/customers/{world.show.ref}", expert=world.eng.ref)
    assert (named["expert"]["name"], named["deputy"]) == ("Lin", None)
    assert mei.get("/routing/customers") == [named]
    mei.put(f"/routing/customers/{world.show.ref}", 409, expert=world.zhao.ref)
    hours = agent.get("/hours", span="today")
    assert [one["person"]["name"] for one in hours["people"]] in ([], ["Wang"])
    assert hours["timezone"] == world.agent.timezone
    mei.delete(f"/routing/people/{world.agent.ref}")
    for path in ("/presence", "/hours", "/routing/people", "/routing/customers"):
        zhao.get(path, expect=404)


def test_facts_and_logs_and_clocks(world: World, agent: Program, zhao: Program, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.ref}"
    assert agent.post(f"{path}/facts/request", fields=["user", "device"])["asked"] == ["user", "device"]
    zhao.post(f"{path}/facts/request", 404, fields=["user"])
    told = zhao.post(f"{path}/facts/answers", values={"user": "alice"})
    assert [(one["field"], one["value"]) for one in told["facts"]] == [("user", "alice")]
    assert told == agent.get(f"{path}/facts")
    asked = agent.post(f"{path}/logs", 201, identifier="alice")
    assert agent.post(f"{path}/logs", 409, identifier="alice")["sentence"]
    sent = zhao.post(f"{path}/logs/{asked['ref']}", state="sent")
    assert (sent["state"], sent["user"]) == ("sent", "alice")
    assert zhao.post(f"{path}/logs/{asked['ref']}", 409, state="uploaded")["sentence"]
    file = zhao.upload("/files", "files", "sdk.log", b"log", expect=201)["files"][0]["ref"]
    zhao.post(f"{path}/messages", 201, body="here", files=[file])
    assert zhao.post(f"{path}/logs/{asked['ref']}", state="uploaded", file=file)["file"] == file
    assert agent.post(f"{path}/logs/{asked['ref']}", state="analysed", note="lost packets")["state"] == "analysed"
    clocks = zhao.get(f"{path}/clocks")
    assert clocks == agent.get(f"{path}/clocks") or len(clocks) == len(agent.get(f"{path}/clocks"))
    assert clocks and all(clock["target_s"] > 0 and clock["label"] for clock in clocks)
    assert zhao.get(f"{path}/evidence")["state"] == "none"
    stranger = Program(world, world.stranger)
    for part in ("facts", "logs", "clocks", "evidence", "events", "sessions"):
        stranger.get(f"{path}/{part}", expect=404)


def test_sessions_beside_a_ticket(world: World, agent: Program, zhao: Program, ticket: Ticket, telemetry: Any) -> None:
    rows = crowd(world.show_app, world.now.replace(microsecond=0), 2, prefix="s-", stall_ms=3000, stream="show-room-7")
    telemetry.add([row | {"ts": world.now} for row in rows])
    beside = zhao.get(f"/tickets/{ticket.ref}/sessions", q="show-room-7")
    assert beside["matches"][0]["total"] == 2
    session = beside["matches"][0]["sessions"][0]["session"]
    taken = agent.post(f"/tickets/{ticket.ref}/facts/session", app=world.show_app.ref, session=session)
    assert {"app_id", "room"} <= {one["field"] for one in taken}
    assert agent.post(f"/tickets/{ticket.ref}/facts/session", 409, app=world.social_app.ref, session=session)


def test_trackers_and_defects(world: World, agent: Program, zhao: Program, ticket: Ticket) -> None:
    ada = Program(world, world.ada)
    facts = {"use": "tracker", "name": "Jira", "url": "https://93.184.215.14/hook", "paths": {"key": "issue.key"}}
    agent.post("/trackers", 403, **facts)
    made = ada.post("/trackers", 201, **facts)
    assert made["secret"] and made["address"].endswith(f"/hooks/desk/{made['ref']}")
    assert "secret" not in agent.get("/trackers")[0]
    assert ada.post("/trackers", 409, **(facts | {"paths": {"key": "a b"}}))["sentence"]
    tried = ada.post(f"/trackers/{made['ref']}/trial", sample={"issue": {"key": "RTC-7"}})
    assert tried["found"]["key"] == "RTC-7"
    defect = agent.post(f"/tickets/{ticket.ref}/defects", tracker=made["ref"], words="decoder leaks")
    assert agent.get(f"/tickets/{ticket.ref}/defects")[0]["ref"] == defect["ref"]
    assert ada.put(f"/trackers/{made['ref']}/state", enabled=False)["enabled"] is False
    agent.post(f"/tickets/{ticket.ref}/defects", 409, tracker=made["ref"], words="again")
    zhao.get(f"/tickets/{ticket.ref}/defects", expect=404)
    zhao.get("/trackers", expect=404)
