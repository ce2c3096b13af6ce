"""Tags, fields, macros, views, sleep, reminders, followers, bulk, families, and who else is here."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.actions import assign_ticket, claim_ticket, follow_ticket, open_ticket, reply
from aftercare.desk.engine.keeping import wake_and_remind
from aftercare.desk.models import Field, Following, Look, Macro, SavedView, Ticket
from aftercare.notify.models import Delivery
from tests.world import World


def page_of(world: World, ticket: Ticket, name: str = "agent") -> str:
    return world.client(name).get(f"/tickets/{ticket.ref}").content.decode()


def test_tags(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    assert client.post(f"/tickets/{ticket.ref}/tags", {"tags": "CDN，refund cdn"}).status_code == 302
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["cdn", "refund"]
    assert "refund" in page_of(world, ticket)
    assert "refund" not in page_of(world, ticket, "zhao")
    assert "Stall rate" in client.get("/tickets?tag=CDN").content.decode()
    assert "Stall rate" not in client.get("/tickets?tag=other").content.decode()
    assert client.post(f"/tickets/{ticket.ref}/tags", {"tags": "x" * 41}).status_code == 409
    assert "Stall rate" in world.client("zhao").get("/tickets?tag=other").content.decode()


def test_fields(world: World, ticket: Ticket) -> None:
    boss, agent = world.client("mei"), world.client("agent")
    assert agent.get("/tickets/fields").status_code == 403
    boss.post("/tickets/fields", {"name": "Root cause", "type": "choice", "choices": "CDN\nSDK"})
    boss.post("/tickets/fields", {"name": "Calls only", "type": "text", "way": "phone"})
    boss.post("/tickets/fields", {"name": "Cost", "type": "number"})
    cause, cost = Field.objects.get(name="Root cause"), Field.objects.get(name="Cost")
    assert "Root cause" in page_of(world, ticket)
    assert "Calls only" not in page_of(world, ticket)
    assert "Root cause" not in page_of(world, ticket, "zhao")
    path = f"/tickets/{ticket.ref}/fields"
    agent.post(path, {f"field-{cause.ref}": "SDK", f"field-{cost.ref}": "12.5"})
    assert dict(ticket.field_values.values_list("field__name", "value")) == {"Root cause": "SDK", "Cost": 12.5}
    for wrong in ({f"field-{cause.ref}": "luck"}, {f"field-{cost.ref}": "much"}, {f"field-{cost.ref}": "1e99"}):
        assert agent.post(path, wrong).status_code == 409
    assert boss.post("/tickets/fields", {"name": "x", "type": "choice"}).status_code == 409


def test_macros(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    form = {
        "name": "Looking", "body": "Hello {contact}, {agent} looks at #{number}.",
        "body_zh": "{customer}您好，{agent}正在查看 #{number}。",
        "severity": "P1", "tags": "seen", "assign": "1", "shared": "1",
    }  # fmt: skip
    assert client.post("/tickets/macros", form).status_code == 302
    macro = Macro.objects.get()
    words = client.get(f"/tickets/{ticket.ref}/macro/{macro.ref}").content.decode()
    assert "星光秀场您好，Wang正在查看 #1。" in words
    asked = {
        "customer_id": world.social.pk,
        "app_id": None,
        "title": "t",
        "severity": "P4",
        "body": "x",
        "now": world.now,
    }
    other = open_ticket(opened_by=world.stranger, **asked)
    assert "Hello Stranger, Wang looks at #1." in client.get(f"/tickets/{other.ref}/macro/{macro.ref}").content.decode()
    data = {"body": "Hello", "version": "1", "macro": macro.ref}
    assert client.post(f"/tickets/{ticket.ref}/messages", data).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.severity, ticket.assignee, [t.name for t in ticket.tags.all()]) == ("P1", world.agent, ["seen"])
    assert client.post("/tickets/macros", form | {"body": "{secret}"}).status_code == 409
    assert world.client("eng").get(f"/tickets/macros/{macro.ref}").status_code == 200
    assert world.client("zhao").get("/tickets/macros").status_code == 404
    own = Macro.objects.create(owner=world.agent, name="own", body="x", created_at=world.now)
    assert world.client("eng").get(f"/tickets/macros/{own.ref}").status_code == 404
    client.post(f"/tickets/macros/{macro.ref}/removal")
    assert not Macro.objects.filter(pk=macro.pk).exists()


def test_what_a_customer_calls_itself_is_no_variable(world: World, ticket: Ticket) -> None:
    world.show.name_zh = "{agent}"
    world.show.save()
    macro = Macro.objects.create(name="m", body="{customer}", created_at=world.now)
    assert "{agent}" in world.client("agent").get(f"/tickets/{ticket.ref}/macro/{macro.ref}").content.decode()


def test_saved_views_with_counts(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    client.post("/tickets/views", {"name": "Bad ones", "severity": "P2", "shared": "1"})
    client.post("/tickets/views", {"name": "My own", "severity": "P4"})
    view = SavedView.objects.get(name="Bad ones")
    assert view.filters == {"severity": "P2"}
    counts = world.client("eng").get("/tickets/views/counts").content.decode()
    assert 'Bad ones<span class="tabs-count">1</span>' in counts
    assert "My own" not in counts
    assert world.client("eng").post(f"/tickets/views/{view.ref}/removal").status_code == 404
    assert world.client("zhao").get("/tickets/views/counts").status_code == 404
    assert world.client("eng").post("/tickets/views", {"name": "Bad ones", "shared": "1"}).status_code == 302
    assert SavedView.objects.filter(name="Bad ones").count() == 1
    client.post(f"/tickets/views/{view.ref}/removal")
    assert not SavedView.objects.filter(name="Bad ones").exists()


def test_snooze_wakes_by_itself_and_by_the_customer(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    claim_ticket(ticket=ticket, user=world.agent, now=world.now)
    path = f"/tickets/{ticket.ref}/snooze"
    assert client.post(path, {"later": "1h", "version": "1"}).status_code == 409
    assert client.post(path, {"later": "1h", "version": "2"}).status_code == 302
    assert "Stall rate" not in client.get("/tickets").content.decode()
    assert "Stall rate" in client.get("/tickets?status=snoozed").content.decode()
    assert "Stall rate" in world.client("zhao").get("/tickets").content.decode()
    assert wake_and_remind(world.now + timedelta(minutes=59)) == 0
    assert wake_and_remind(world.now + timedelta(minutes=62)) == 1
    assert wake_and_remind(world.now + timedelta(minutes=62)) == 0
    assert Delivery.objects.filter(user=world.agent, title__contains="awake again").count() == 1
    client.post(path, {"later": "7d", "version": "4"})
    reply(ticket=ticket, author=world.zhao, body="worse now", now=world.now + timedelta(hours=2))
    ticket.refresh_from_db()
    assert ticket.snoozed_until is None
    for wrong in ("2020-01-01T00:00", "9999-12-31T23:59", "soon", ""):
        assert client.post(path, {"until": wrong, "version": "6"}).status_code == 409


def test_reminders_and_followers(world: World, ticket: Ticket) -> None:
    client = world.client("eng")
    client.post(f"/tickets/{ticket.ref}/reminders", {"later": "1d", "note": "ask the CDN"})
    assert "ask the CDN" in page_of(world, ticket, "eng")
    assert "ask the CDN" not in page_of(world, ticket, "agent")
    client.post(f"/tickets/{ticket.ref}/following", {"follows": "1"})
    assert wake_and_remind(world.now + timedelta(days=1, minutes=1)) == 1
    assert wake_and_remind(world.now + timedelta(days=2)) == 0
    assert Delivery.objects.filter(user=world.eng, body="ask the CDN").count() == 1
    reply(ticket=ticket, author=world.zhao, body="heard by followers", now=world.now)
    assert Delivery.objects.filter(user=world.eng, body="heard by followers").count() == 1
    client.post(f"/tickets/{ticket.ref}/following", {"follows": "0"})
    reply(ticket=ticket, author=world.agent, body="a note", internal=True, now=world.now)
    assert not Delivery.objects.filter(user=world.eng, body="a note").exists()


def test_a_follower_does_not_keep_those_who_answer_from_hearing(world: World, ticket: Ticket) -> None:
    Following.objects.create(ticket=ticket, user=world.eng, follows=True, since=world.now)
    assert "Lin" in page_of(world, ticket, "agent").split("Followed by")[1][:20]
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.zhao, body="anybody?", now=world.now)
    heard = set(Delivery.objects.filter(body="anybody?").values_list("user__name", flat=True))
    assert {"Wang", "Mei", "Lin"} <= heard, "nobody has it, so everybody who answers hears, and who follows"
    assign_ticket(ticket=ticket, assignee=world.agent, actor=world.mei, version=2, now=world.now)
    follow_ticket(ticket=ticket, user=world.mei, follows=False, now=world.now)
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.zhao, body="you?", now=world.now)
    assert set(Delivery.objects.filter(body="you?").values_list("user__name", flat=True)) == {"Wang", "Lin"}


def test_bulk_is_told_one_by_one(world: World, ticket: Ticket) -> None:
    asked = {"customer_id": world.social.pk, "app_id": None, "severity": "P4", "body": "x", "opened_by": None}
    other = open_ticket(title="Other", now=world.now, **asked)
    claim_ticket(ticket=other, user=world.eng, now=world.now)
    client = world.client("agent")
    refs = [ticket.ref, other.ref, "nobody", ticket.ref]
    page = client.post("/tickets/bulk", {"ticket": refs, "do": "claim"}).content.decode()
    assert "1 done, 1 refused" in page
    assert "Lin has already claimed this ticket." in page
    assert "2 done" in client.post("/tickets/bulk", {"ticket": refs, "do": "tag", "value": "evening"}).content.decode()
    assert "2 done" in client.post("/tickets/bulk", {"ticket": refs, "do": f"assign:{world.mei.ref}"}).content.decode()
    assert "2 done" in client.post("/tickets/bulk", {"ticket": refs, "do": "severity:P1"}).content.decode()
    assert client.post("/tickets/bulk", {"ticket": refs, "do": "assign:" + world.zhao.ref}).status_code == 409
    assert client.post("/tickets/bulk", {"ticket": refs, "do": "nonsense"}).status_code == 409
    assert client.post("/tickets/bulk", {"do": "claim"}).status_code == 409
    assert world.client("zhao").post("/tickets/bulk", {"ticket": refs, "do": "solve"}).status_code == 404
    assert Ticket.objects.filter(severity="P1", assignee=world.mei, tags__name="evening").count() == 2


def test_one_answer_for_many_customers(world: World, ticket: Ticket) -> None:
    asked = {"customer_id": world.social.pk, "app_id": None, "title": "No sound", "severity": "P4", "body": "x"}
    child = open_ticket(opened_by=world.stranger, now=world.now, **asked)
    client = world.client("agent")
    assert client.post(f"/tickets/{child.ref}/parent", {"parent": f"https://x/tickets/{ticket.ref}"}).status_code == 302
    assert client.post(f"/tickets/{ticket.ref}/parent", {"parent": child.ref}).status_code == 409
    assert client.post(f"/tickets/{child.ref}/parent", {"parent": "nowhere"}).status_code == 409
    data = {"body": "Fixed at the edge.", "body_zh": "边缘节点已修复。", "then": "solve"}
    client.post(f"/tickets/{ticket.ref}/family-answer", data)
    assert "边缘节点已修复。" in page_of(world, ticket, "zhao")
    assert "Fixed at the edge." in page_of(world, child, "stranger")
    assert "Starlight" not in page_of(world, child, "stranger")
    assert set(Ticket.objects.values_list("status", flat=True)) == {"solved"}


def test_who_else_is_here(world: World, ticket: Ticket) -> None:
    agent, eng = world.client("agent"), world.client("eng")
    path = f"/tickets/{ticket.ref}/look"
    assert "has this ticket open" not in agent.post(path).content.decode()
    assert "Wang has this ticket open" in eng.post(path, {"typing": "1"}).content.decode()
    assert "Lin is writing here" in agent.post(path).content.decode()
    Look.objects.filter(user=world.eng).update(at=world.now - timedelta(minutes=1))
    assert "Lin" not in agent.post(path).content.decode()
    assert world.client("zhao").post(path).status_code == 404
    assert world.client("stranger").post(path).status_code == 404


@pytest.mark.parametrize("after", ["x", "W10=", "eyJhIjoxfQ==", "bnVsbA==", "=" * 500, "%00"])
def test_a_place_that_is_none_is_the_beginning(world: World, ticket: Ticket, after: Any) -> None:
    page = world.client("agent").get("/tickets", {"after": after})
    assert "Stall rate" in page.content.decode()
