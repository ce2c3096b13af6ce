"""A program handles an incident from its opening to its end, behind the walls of the pages."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.models import Ticket
from aftercare.incidents import engine
from aftercare.incidents.models import Incident, Kind, PublicIncident, PublicUpdate, Update
from aftercare.incidents.status import keeping
from aftercare.incidents.tests.scene import open_alert
from aftercare.kernel.clock import utc_now
from aftercare.oncall.models import Page
from tests.api.calling import Program
from tests.world import World

TOKEN = "a" * 32


@pytest.fixture
def eng(world: World) -> Program:
    """Lin's program."""
    return Program(world, world.eng)


@pytest.fixture
def incident(world: World) -> Incident:
    """Starlight's, just opened by an alert."""
    open_alert(world, at=world.now)
    return Incident.objects.get()


def test_one_is_opened_told_and_ended(world: World, eng: Program) -> None:
    facts = {"title": "Publishing fails", "title_zh": "推流失败", "severity": "red", "token": TOKEN}
    facts |= {"customers": [world.show.ref, world.social.ref], "wakes": True}
    made = eng.post("/incidents", expect=201, **facts)
    assert eng.post("/incidents", expect=201, **facts)["ref"] == made["ref"] and Incident.objects.count() == 1
    path = f"/incidents/{made['ref']}"
    touched = {one["customer"] for one in made["touched"]}
    assert touched == {world.show.ref, world.social.ref}
    assert Page.objects.get(subject_ref=made["ref"]).state == "open"
    assert eng.post(f"{path}/acknowledgement")["status"] == "acknowledged"
    assert Page.objects.get(subject_ref=made["ref"]).state == "acknowledged"
    told = eng.put(f"{path}/roles/commander", person=world.eng.ref, seen="")
    assert told["roles"][0]["person"]["name"] == "Lin" and told["next_word_due_at"]
    task = eng.post(f"{path}/tasks", title="Look at the uplink", owner=world.eng.ref)["tasks"][0]
    assert eng.put(f"{path}/tasks/{task['id']}", title="Look at both")["tasks"][0]["owner"] is None
    assert eng.post(f"{path}/tasks/{task['id']}/end")["tasks"][0]["done_at"]

    readings = eng.get(f"{path}/readings")
    assert [(one["customer"], one["ticket"]) for one in readings] == [
        (one["customer"], None) for one in made["touched"]
    ]
    update = {"stage": "identified", "body": "An uplink.", "body_zh": "上联。", "next_minutes": 30, "token": "b" * 32}
    assert eng.post(f"{path}/updates", expect=201, seen=0, **update)["number"] == 1
    assert eng.post(f"{path}/updates", expect=201, seen=0, **update)["number"] == 1
    eng.post(f"{path}/updates", expect=422, **{**update, "token": "c" * 32, "next_minutes": 10**18})
    engine.process_due(utc_now())
    assert (eng.get(f"{path}/updates")[0]["told"], Update.objects.count(), Ticket.objects.count()) == (2, 1, 2)
    assert (
        "Lin sent update 1"
        in eng.post(f"{path}/updates", expect=409, seen=0, **{**update, "token": "c" * 32})["sentence"]
    )

    assert eng.post(f"{path}/mitigation")["mitigated_at"]
    over = eng.post(f"{path}/resolution")
    assert over["status"] == "resolved" and eng.post(f"{path}/resolution")["resolved_at"] == over["resolved_at"]
    kinds = [one["kind"] for one in eng.get(f"{path}/timeline", limit=100)["entries"]]
    assert kinds[-1] == Kind.DECLARED and Kind.RESOLVED in kinds


def test_the_list_is_narrowed_and_goes_on(world: World, eng: Program, incident: Incident) -> None:
    open_alert(world, at=world.now, app=world.social_app, severity="warning")
    assert [one["severity"] for one in eng.get("/incidents")["incidents"]] == ["warning", "red"]
    assert [one["ref"] for one in eng.get("/incidents", severity="red", status="unresolved")["incidents"]] == [
        incident.ref
    ]
    first = eng.get("/incidents", limit=1)
    following = eng.get("/incidents", limit=1, cursor=first["next"])
    assert following["incidents"][0]["ref"] == incident.ref and following["next"] is None
    assert eng.get("/incidents", customer=world.show.ref)["incidents"][0]["customers"] == [world.show.ref]
    assert [one["ref"] for one in eng.get("/incidents", app=world.show_app.ref)["incidents"]] == [incident.ref]
    assert eng.get("/incidents", app="nothing")["incidents"] == []
    later = (incident.opened_at + timedelta(seconds=1)).isoformat()
    assert [one["severity"] for one in eng.get("/incidents", since=later)["incidents"]] == []
    assert len(eng.get("/incidents", since=incident.opened_at.isoformat())["incidents"]) == 2
    assert "with its offset" in eng.get("/incidents", expect=409, since="2026-12-01T20:07:00")["sentence"]
    for asked in ({"status": "x"}, {"severity": "x"}, {"cursor": "%%"}, {"limit": 0}):
        assert eng.get("/incidents", expect=409, **asked)["sentence"]


def test_what_two_programs_say_is_not_overwritten(world: World, eng: Program, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}"
    seen = {"title": incident.title, "title_zh": incident.title_zh, "severity": "red"}
    said = {"title": "The uplink", "title_zh": "上联故障", "severity": "red"}
    assert eng.put(path, seen=seen, **said)["title"] == "The uplink"
    late = Program(world, world.mei).put(path, expect=409, seen=seen, **{**said, "title": "DNS"})
    assert "Nothing is overwritten" in late["sentence"] and Incident.objects.get().title == "The uplink"
    assert "Say why" in eng.put(path, expect=409, **{**said, "severity": "warning"})["sentence"]


def test_a_note_that_is_sent_twice_is_one(world: World, eng: Program, incident: Incident) -> None:
    for _again in range(2):
        eng.post(f"/incidents/{incident.ref}/notes", text="Restarted edge 3.", token=TOKEN)
    assert incident.timeline.filter(kind=Kind.NOTE).count() == 1
    assert eng.post(f"/incidents/{incident.ref}/notes", expect=409, text=" ")["sentence"].startswith(
        "The note is empty"
    )


def test_a_task_that_is_sent_twice_is_one(world: World, eng: Program, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}/tasks"
    for _again in range(2):
        tasks = eng.post(path, title="Look at the uplink", token=TOKEN)["tasks"]
    assert len(tasks) == 1 and incident.timeline.filter(kind=Kind.TASK_ADDED).count() == 1
    assert len(Program(world, world.mei).post(path, title="Look again", token=TOKEN)["tasks"]) == 2, "another's token"
    assert "what is to be done" in eng.post(path, expect=409, title=" ")["sentence"]
    eng.post(path, expect=422, title="x", token="short")
    assert "no longer there" in eng.post(f"{path}/{10**30}/end", expect=409)["sentence"]


def test_an_update_begins_with_a_draft_or_a_template(world: World, eng: Program, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}/draft"
    draft = eng.get(path)
    assert (draft["stage"], draft["seen"], draft["public"]) == ("investigating", 0, None)
    assert incident.title in draft["body"] and draft["next_minutes"] and "[who and what]" in draft["body"]
    assert eng.get(path, stage="resolved")["next_minutes"] is None
    said = {"name": "CDN", "stage": "identified", "body": "{title}: [cause].", "body_zh": "{title}：[原因]。"}
    world.client("ada").post("/update-templates/new", {**said, "seen": "0"})
    [template] = eng.get("/update-templates")
    filled = eng.get(path, template=template["ref"])
    assert (filled["stage"], filled["body"]) == ("identified", f"{incident.title}: [cause].")
    assert "There is no template x" in eng.get(path, expect=409, template="x")["sentence"]
    assert eng.get(path, expect=409, stage="x")["sentence"] and not Update.objects.exists()
    Program(world, world.zhao).get(path, expect=403)
    Program(world, world.stranger).get(path, expect=404)


def test_an_update_goes_on_the_public_page_where_there_is_one(world: World, eng: Program, incident: Incident) -> None:
    update: dict[str, Any] = {"stage": "identified", "body": "An uplink.", "body_zh": "上联。", "next_minutes": 30}
    update["token"] = TOKEN
    update["public"] = {"title": "Streams stall", "title_zh": "直播卡顿"}
    path = f"/incidents/{incident.ref}/updates"
    assert "no public status page" in eng.post(path, expect=409, **update)["sentence"] and not Update.objects.exists()
    keeping.save_public(facts=keeping.PublicFacts("Live", "直播", "UTC"), actor=world.ada, now=world.now)
    nameless = {**update, "public": {"title": " ", "title_zh": "直播卡顿"}}
    assert "in both languages" in eng.post(path, expect=409, **nameless)["sentence"] and not Update.objects.exists()
    for _again in range(2):
        eng.post(path, expect=201, **update)
    assert PublicIncident.objects.get().title == "Streams stall" and PublicUpdate.objects.count() == 1
    assert eng.get(f"/incidents/{incident.ref}/draft")["public"] == update["public"]


def test_whom_it_touches(world: World, eng: Program, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}"
    assert len(eng.post(f"{path}/customers", customer=world.social.ref)["touched"]) == 2
    assert len(eng("delete", f"{path}/customers/{world.social.ref}")["touched"]) == 1
    assert "was told of it" in eng("delete", f"{path}/customers/{world.show.ref}", expect=409)["sentence"]
    assert "no customer nobody" in eng.post(f"{path}/customers", expect=409, customer="nobody")["sentence"]
    assert "no ticket nothing" in eng.post(f"{path}/tickets", expect=409, ticket="nothing")["sentence"]
    assert eng.post(f"{path}/resolution", expect=409)["sentence"], "an alert of it is open"


def test_whom_else_it_touches_is_not_found_by_asking(world: World, eng: Program, incident: Incident) -> None:
    eng.post(f"/incidents/{incident.ref}/customers", customer=world.social.ref)
    asked: dict[str, str]
    for asked in ({"customer": world.social.ref}, {"app": world.social_app.ref}):
        assert Program(world, world.zhao).get("/incidents", **asked)["incidents"] == []
        assert incident.ref not in world.client("zhao").get("/incidents", asked).content.decode()
    for asked in ({"customer": world.show.ref}, {"app": world.show_app.ref}):
        assert Program(world, world.stranger).get("/incidents", **asked)["incidents"] == []
        assert incident.ref not in world.client("stranger").get("/incidents", asked).content.decode()
        assert len(Program(world, world.zhao).get("/incidents", **asked)["incidents"]) == 1
        assert incident.ref in world.client("zhao").get("/incidents", asked).content.decode()


def test_a_customers_program_reads_its_own_side(world: World, eng: Program, incident: Incident) -> None:
    eng.post(f"/incidents/{incident.ref}/notes", text="Their encoder is old.")
    eng.post(f"/incidents/{incident.ref}/customers", customer=world.social.ref)
    eng.put(f"/incidents/{incident.ref}/roles/scribe", person=world.eng.ref)
    theirs = Program(world, world.zhao)
    told = theirs.get(f"/incidents/{incident.ref}")
    assert (told["roles"], told["acknowledged_by"], told["next_word_due_at"]) == ([], None, None)
    assert [one["customer"] for one in told["touched"]] == [world.show.ref]
    story = str(theirs.get(f"/incidents/{incident.ref}/timeline", limit=100))
    assert "encoder is old" not in story and "Lin" not in story
    other = Program(world, world.stranger)
    told = other.get(f"/incidents/{incident.ref}")
    assert told["title"] == "Service disruption" and told["alerts"] == []
    assert [one["customer"] for one in told["touched"]] == [world.social.ref]
    assert "stall" not in str(other.get(f"/incidents/{incident.ref}/timeline", limit=100)).lower()
    deeds: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("post", "/acknowledgement", {}),
        ("post", "/notes", {"text": "x"}),
        ("post", "/mitigation", {}),
        ("post", "/resolution", {"anyway": True}),
        ("put", "/roles/commander", {"person": None}),
        ("post", "/tasks", {"title": "x"}),
        ("post", "/customers", {"customer": world.social.ref}),
        ("put", "", {"title": "x", "severity": "warning", "reason": "x"}),
        ("post", "/updates", {"stage": "resolved", "body": "x", "body_zh": "x", "token": TOKEN}),
    )
    for method, path, body in deeds:
        theirs(method, f"/incidents/{incident.ref}{path}", body, expect=403)
    theirs.post("/incidents", expect=404, title="x", severity="red", token=TOKEN)
    assert theirs.get(f"/incidents/{incident.ref}/updates", expect=403) and Incident.objects.count() == 1
