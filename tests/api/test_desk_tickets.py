"""Working on tickets through the API, as an agent's program does: one flow per subject."""

from datetime import timedelta
from typing import Any

from aftercare.accounts.models import User
from aftercare.desk.actions import open_ticket, resolve_ticket
from aftercare.desk.engine.searching import index_changed
from aftercare.desk.models import Attachment, Ticket
from tests.api.calling import Program
from tests.world import World


def opened(world: World, title: str = "Black screen", **more: Any) -> Ticket:
    facts = {"customer_id": world.show.pk, "app_id": None, "severity": "P3", "body": "room 7", "opened_by": world.zhao}
    return open_ticket(title=title, now=world.now, **(facts | more))


def later(world: World, **span: float) -> str:
    return (world.now + timedelta(**span)).isoformat()


def test_files_are_uploaded_sent_and_downloaded(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    file = zhao.upload("/files", "files", "player.log", b"E 21:00 stalled", expect=201)["files"][0]
    assert (file["name"], file["size"], file["refused"]) == ("player.log", 15, "")
    assert stranger.get(f"/files/{file['ref']}", expect=404)
    asked = {
        "title": "Stutters",
        "body": "see the log",
        "files": [file["ref"]],
        "kind": "stutter",
        "answers": {"stream": "r7"},
    }
    made = zhao("post", "/tickets", asked, expect=201, **{"Idempotency-Key": "k"})
    assert (made["kind"], made["fields"]) == ("stutter", {"stream": "r7"})
    again = zhao("post", "/tickets", asked, expect=201, **{"Idempotency-Key": "k"})
    assert again["ref"] == made["ref"] and Attachment.objects.count() == 1
    said = agent.get(f"/tickets/{made['ref']}/messages")["messages"][0]
    assert said["attachments"] == [file["ref"]]
    assert agent.get(f"/files/{file['ref']}") == b"E 21:00 stalled"
    assert stranger.get(f"/files/{file['ref']}", expect=404)
    assert "upload of yours" in zhao.post(f"/tickets/{made['ref']}/messages", 409, files=[file["ref"]])["sentence"]
    other = zhao.upload("/files", "files", "b.log", b"b", expect=201)["files"][0]
    agent.delete(f"/files/{other['ref']}", expect=404)
    zhao.delete(f"/files/{other['ref']}")
    assert Program(world, world.viewer).upload("/files", "files", "v.log", b"v", expect=403)


def test_search_finds_what_one_may_read(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    ticket = opened(world, "直播间黑屏")
    agent.post(f"/tickets/{ticket.ref}/messages", 201, body="suspect the decoder", internal=True)
    index_changed(world.now + timedelta(minutes=5))
    found = agent.get("/search", q="黑屏")
    assert (found["total"], found["counts"]["ticket"], found["next"]) == (1, 1, None)
    assert (found["hits"][0]["ticket"], found["hits"][0]["title"]) == (ticket.ref, "直播间黑屏")
    assert agent.get("/search", q="decoder")["hits"][0]["is_note"]
    assert zhao.get("/search", q="黑屏")["total"] == 1
    assert zhao.get("/search", q="decoder")["total"] == 0
    assert stranger.get("/search", q="黑屏")["total"] == 0


def test_views_bulk_next_and_export(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    one, two, three = (opened(world, f"n{number}") for number in range(3))
    view = agent.post("/views", 201, name="Bad ones", filters={"severity": "P2"}, shared=True)
    assert "Bad ones" in [each["name"] for each in Program(world, world.eng).get("/views")]
    done = agent.post("/bulk", tickets=[one.ref, two.ref], do="severity:P2")
    assert (done["done"], [row["why_not"] for row in done["outcomes"]]) == (2, ["", ""])
    counts = agent.get("/views/counts")["counts"]
    assert (counts["all"], counts["unclaimed"], counts[view["key"]]) == (3, 3, 2)
    assert agent.post("/bulk", 409, tickets=[], do="claim")["error"] == "refused"
    taken = agent.post("/next")
    assert taken["assignee"]["name"] == "Wang"
    assert Program(world, world.eng).post("/next")["ref"] != taken["ref"]
    agent.post("/next")
    assert agent.post("/next", 204) == b""
    assert [row["title"] for row in agent.get("/tickets", severity="P2", status="unsettled")["tickets"]] == ["n1", "n0"]
    assert len(zhao.get("/export/tickets", format="json")) == 3
    assert stranger.get("/export/tickets", format="json") == []
    assert zhao.get("/export/tickets").decode().count("\n") >= 4
    zhao.get("/views", expect=404)
    Program(world, world.eng).delete(f"/views/{view['key']}", expect=404)
    agent.delete(f"/views/{view['key']}")
    assert three.ref


def test_macros_and_fields(world: World, agent: Program, zhao: Program) -> None:
    ticket = opened(world)
    wrong = agent.post("/macros", 409, name="Ask", body="Hello {nobody}")
    assert "{nobody}" in wrong["sentence"]
    facts = {"name": "Fixed", "body": "#{number} is fixed.", "solve": True, "tags": ["fixed"], "severity": "P4"}
    macro = agent.post("/macros", 201, **facts)
    assert (macro["shared"], macro["solve"], macro["tags"]) == (False, True, ["fixed"])
    assert Program(world, world.eng).get("/macros") == []
    words = agent.get(f"/tickets/{ticket.ref}/macros/{macro['ref']}")["body"]
    assert words == "#1 is fixed."
    agent.post(f"/tickets/{ticket.ref}/messages", 201, body=words, macro=macro["ref"], version=1)
    told = agent.get(f"/tickets/{ticket.ref}")
    assert (told["status"], told["severity"]) == ("solved", "P4")
    assert agent.get(f"/tickets/{ticket.ref}/tags") == {"tags": ["fixed"]}
    agent.put(f"/macros/{macro['ref']}", **(facts | {"shared": True}))
    eng = Program(world, world.eng)
    assert [each["name"] for each in eng.get("/macros")] == ["Fixed"]
    eng.delete(f"/macros/{macro['ref']}")
    zhao.get("/macros", expect=404)

    agent.post("/fields", 403, name="Cause")
    ada = Program(world, world.ada)
    field = ada.post("/fields", 201, name="Cause", type="choice", choices=["edge", "player"])
    assert agent.put(f"/tickets/{ticket.ref}/answers", 409, answers={field["ref"]: "moon"})["error"] == "refused"
    kept = agent.put(f"/tickets/{ticket.ref}/answers", answers={field["ref"]: "edge"})
    assert kept == agent.get(f"/tickets/{ticket.ref}/answers") == [{"field": field["ref"], "value": "edge"}]
    assert ada.put(f"/fields/{field['ref']}", name="Cause", type="text", is_used=False)["is_used"] is False
    agent.put(f"/tickets/{ticket.ref}/answers", 404, answers={field["ref"]: "edge"})


def test_tags_following_sleep_and_reminders(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    ticket = opened(world)
    path = f"/tickets/{ticket.ref}"
    assert agent.put(f"{path}/tags", tags=["VIP", "vip", "4k stream"])["tags"] == ["4k-stream", "vip"]
    zhao.get(f"{path}/tags", expect=404)
    assert agent.post(f"{path}/following") == {"follows": True}
    assert zhao.get(f"{path}/following") == {"follows": None}
    assert zhao.post(f"{path}/following") == {"follows": True}
    assert Program(world, world.viewer).delete(f"{path}/following", expect=200) == {"follows": False}
    stranger.post(f"{path}/following", 404)

    assert agent.post(f"{path}/snooze", until=later(world, hours=4), version=1)["until"]
    stale = Program(world, world.eng).post(f"{path}/snooze", 409, until=later(world, hours=5), version=1)
    assert "Wang" in stale["sentence"]
    assert [one["ref"] for one in agent.get("/tickets", status="snoozed")["tickets"]] == [ticket.ref]
    assert agent.delete(f"{path}/snooze", expect=200) == {"until": None}
    agent.post(f"{path}/snooze", 409, until=later(world, hours=-1))
    agent.post(f"{path}/reminders", 201, due_at=later(world, days=1), note="ask again")
    assert [one["note"] for one in agent.get(f"{path}/reminders")] == ["ask again"]
    assert Program(world, world.eng).get(f"{path}/reminders") == []
    assert agent.post(f"{path}/look", typing=True) == []
    assert [one["person"]["name"] for one in Program(world, world.eng).post(f"{path}/look")] == ["Wang"]
    agent.post(f"{path}/reading", 204)
    kinds = [one["kind"] for one in zhao.get(f"{path}/events")]
    assert kinds == ["snoozed", "woke"]


def test_merge_split_undo_and_family(world: World, agent: Program, zhao: Program) -> None:
    one, two = opened(world, "first"), opened(world, "second")
    foreign = opened(world, "theirs", customer_id=world.social.pk, opened_by=world.stranger)
    agent.post(f"/tickets/{one.ref}/merge", 409, into=foreign.ref)
    agent.post(f"/tickets/{one.ref}/claim")
    stale = Program(world, world.eng).post(f"/tickets/{one.ref}/merge", 409, into=two.ref, version=1)
    assert "Wang" in stale["sentence"]
    move = agent.post(f"/tickets/{one.ref}/merge", into=two.ref, version=2)
    assert (move["kind"], move["source"], move["target"]) == ("merge", one.ref, two.ref)
    assert zhao.get(f"/tickets/{one.ref}")["merged_into"] == two.ref
    assert len(agent.get(f"/tickets/{two.ref}/messages")["messages"]) == 2
    assert agent.post(f"/tickets/{two.ref}/move-undone", move=move["ref"])["undone_at"]
    assert zhao.get(f"/tickets/{one.ref}")["merged_into"] is None
    agent.post(f"/tickets/{two.ref}/move-undone", 404, move="nothing")

    more = zhao.post(f"/tickets/{one.ref}/messages", 201, body="and the bill is wrong")
    parted = agent.post(f"/tickets/{one.ref}/split", 201, messages=[more["ref"]], title="The bill")
    assert zhao.get(f"/tickets/{parted['target']}/messages")["messages"][0]["body"] == "and the bill is wrong"
    assert [each["kind"] for each in agent.get(f"/tickets/{one.ref}/moves")] == ["merge", "split"]
    zhao.post(f"/tickets/{one.ref}/split", 404, messages=[more["ref"]], title="x")

    User.objects.filter(pk=world.zhao.pk).update(language="zh-hans")
    agent.put(f"/tickets/{foreign.ref}/parent", parent=two.ref)
    family = agent.get(f"/tickets/{two.ref}/family")
    assert [each["ref"] for each in family["children"]] == [foreign.ref]
    said = agent.post(f"/tickets/{two.ref}/family-answer", body="Fixed.", body_zh="已修复。", solve=True)
    assert said["done"] == 2
    theirs = Program(world, world.stranger).get(f"/tickets/{foreign.ref}/messages")["messages"][0]
    assert theirs["body"] == "Fixed."
    assert zhao.get(f"/tickets/{two.ref}/messages")["messages"][0]["body"] == "已修复。"
    Program(world, world.stranger).get(f"/tickets/{two.ref}/family", expect=404)


def test_rating_and_telling_apart(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    ticket = opened(world, kind="stutter")
    path = f"/tickets/{ticket.ref}"
    zhao.get(f"{path}/rating", expect=404)
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    marks = {"expertise": 5, "attitude": 5, "communication": 4}
    agent.post(f"{path}/rating", 404, **marks)
    stranger.post(f"{path}/rating", 404, **marks)
    Program(world, world.viewer).post(f"{path}/rating", 403, **marks)
    assert zhao.post(f"{path}/rating", 409, **(marks | {"attitude": 6}))["sentence"]
    kept = zhao.post(f"{path}/rating", words="quick", first_contact=True, **marks)
    assert (kept["expertise"], kept["words"], kept["why_not"]) == (5, "quick", "")
    assert agent.get("/ratings")["ratings"][0]["solved_by"]["name"] == "Wang"
    figures = zhao.get("/ratings/figures")
    assert (figures["asked"], figures["answered"], figures["csat"], figures["undecided"]) == (1, 1, 100.0, 1)
    assert stranger.get("/ratings")["ratings"] == []
    back = opened(world, "again", kind="stutter")
    assert zhao.get(f"/tickets/{back.ref}")["follows"] == ticket.ref
    assert zhao.post(f"/tickets/{back.ref}/separation")["follows"] is None
