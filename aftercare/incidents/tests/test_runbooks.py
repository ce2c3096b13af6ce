"""Runbooks are offered for what an incident is about, gone through step by step, and practised."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents import engine
from aftercare.incidents.models import Drill, FollowUp, Incident, Kind, Run, Runbook, RunStep
from aftercare.incidents.runbooks.keeping import offers_for
from aftercare.notify.models import Delivery
from tests.world import World

BOOK = {
    "title": "Move viewers off an edge",
    "title_zh": "切走边缘节点流量",
    "steps": "Take it out of DNS\nWatch the neighbours",
    "steps_zh": "从 DNS 摘除\n观察相邻节点",
    "causes": "metric: stall_rate",
    "seen": "0",
}


@pytest.fixture
def mei(world: World) -> Client:
    return world.client("mei")


@pytest.fixture
def book(world: World, mei: Client) -> Runbook:
    """The runbook, written by Mei."""
    answer = mei.post("/runbooks/new", BOOK)
    assert answer.status_code == 302, answer.content.decode()
    return Runbook.objects.get()


def test_it_works(world: World, incident: Incident, book: Runbook) -> None:
    lin = world.client("eng")
    page = lin.get(f"/incidents/{incident.ref}").content.decode()
    assert "Move viewers off an edge" in page and "metric: stall_rate" in page
    assert "Move viewers" not in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    for _again in range(2):
        assert lin.post(f"/incidents/{incident.ref}/runs", {"runbook": book.ref}).status_code == 302
    run = Run.objects.get()
    for _again in range(2):
        lin.post(f"/runs/{run.ref}", {"number": "1"})
    lin.post(f"/runs/{run.ref}", {"number": "9"})
    assert [(one.number, one.by) for one in RunStep.objects.all()] == [(1, world.eng)]
    assert incident.timeline.get(kind=Kind.RUNBOOK_STEP).data["sentence_zh"] == "从 DNS 摘除"
    told = lin.get(f"/runs/{run.ref}").content.decode()
    assert "1 of 2 steps done" in told and "Lin" in told
    lin.post(f"/runs/{run.ref}", {"number": "1", "undo": "1"})
    assert not RunStep.objects.exists()


def test_its_steps_are_read_in_the_readers_language(world: World, book: Runbook) -> None:
    lin = world.client("eng")
    assert "Take it out of DNS" in lin.get(f"/runbooks/{book.ref}").content.decode()
    world.eng.language = "zh-hans"
    world.eng.save()
    steps = lin.get(f"/runbooks/{book.ref}").content.decode().partition("<ol")[2].partition("</ol>")[0]
    assert "从 DNS 摘除" in steps and "Take it out of DNS" not in steps


def test_a_run_keeps_the_steps_that_it_began_with(world: World, incident: Incident, book: Runbook, mei: Client) -> None:
    mei.post(f"/incidents/{incident.ref}/runs", {"runbook": book.ref})
    mei.post(f"/runbooks/{book.ref}", {**BOOK, "steps": "Something else", "steps_zh": "", "seen": "1"})
    assert Runbook.objects.get().version == 2
    assert Run.objects.get().steps[0]["en"] == "Take it out of DNS"
    late = mei.post(f"/runbooks/{book.ref}", {**BOOK, "seen": "1"})
    assert late.status_code == 400 and "another version meanwhile" in late.content.decode()


def test_the_best_match_is_offered_first(world: World, incident: Incident, book: Runbook, mei: Client) -> None:
    closer = {**BOOK, "title": "This app", "causes": f"app: {world.show_app.ref}\nmetric：stall_rate"}
    assert mei.post("/runbooks/new", closer).status_code == 302
    assert mei.post("/runbooks/new", {**BOOK, "title": "Else", "causes": "resource: edge-1"}).status_code == 302
    assert [offer.runbook.title for offer in offers_for(incident)] == ["This app", "Move viewers off an edge"]
    mei.post(f"/runbooks/{book.ref}/retirement")
    assert [offer.runbook.title for offer in offers_for(incident)] == ["This app"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"steps": "", "steps_zh": ""}, "one to 50 steps"),
        ({"title": "", "title_zh": ""}, "Give it a title"),
        ({"causes": "weather: rain"}, "is no cause"),
        ({"causes": "metric: nothing"}, "no metric called"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(mei: Client, more: dict[str, str], words: str) -> None:
    answer = mei.post("/runbooks/new", {**BOOK, **more})
    assert answer.status_code == 400 and words in answer.content.decode()
    assert more.get("title", BOOK["title"]) in answer.content.decode()


def test_a_drill_reminds_records_and_is_followed_up(world: World, book: Runbook) -> None:
    lin, day = world.client("eng"), world.now + timedelta(days=3)
    facts: dict[str, Any] = {"runbook": book.ref, "planned_on": day.date().isoformat(), "people": [world.eng.ref]}
    assert lin.post("/drills", {**facts, "planned_on": "2020-01-01"}).status_code == 400
    assert lin.post("/drills", facts).status_code == 302
    drill = Drill.objects.get()
    engine.process_due(world.now)
    assert not Delivery.objects.filter(kind="incident.drill").exists()
    for _again in range(2):
        engine.process_due(day - timedelta(days=1))
    assert Delivery.objects.filter(kind="incident.drill", user=world.eng).count() == 1
    lin.post(f"/runs/{Run.objects.get().ref}", {"number": "2"})
    assert lin.post(f"/drills/{drill.ref}", {"result": "failed", "findings": ""}).status_code == 400
    assert lin.post(f"/drills/{drill.ref}", {"result": "failed", "findings": "DNS took 10 min."}).status_code == 302
    due = (world.now + timedelta(days=20)).date().isoformat()
    follow = {"action": "follow_up", "title": "Lower the TTL", "owner": world.mei.ref, "due_on": due}
    assert lin.post(f"/drills/{drill.ref}", follow).status_code == 302
    assert FollowUp.objects.get().drill == drill
    assert "Lower the TTL" in lin.get("/post-mortems").content.decode()
    assert "it did not work" in lin.get("/drills").content.decode()


def test_engineers_read_runbooks_and_managers_write_them(world: World, book: Runbook) -> None:
    assert world.client("eng").get(f"/runbooks/{book.ref}").status_code == 200
    assert world.client("eng").post(f"/runbooks/{book.ref}", BOOK).status_code == 403
    assert world.client("agent").get("/runbooks").status_code == 403
    assert world.client("zhao").get(f"/runbooks/{book.ref}").status_code == 404
