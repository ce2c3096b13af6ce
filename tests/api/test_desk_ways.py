"""The ways in and out through the API: the green channel, chat, complaints, phone, groups, e-mail, and settings."""

from datetime import timedelta

from aftercare.desk.actions.phone import promise_call_back
from aftercare.desk.inward import take_in
from aftercare.desk.models import AsideMail, Contact, Emergency, Group, Inbound
from aftercare.desk.tests.chatting import Window, make_widget
from aftercare.desk.tests.group_scene import group, say, wang
from aftercare.notify.models import Account
from aftercare.oncall.models import PageSeen
from aftercare.oncall.tests.cast import make_duty
from tests.api.calling import Program
from tests.world import World

__all__ = ["group", "wang"]


def test_the_green_channel(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    make_duty(world)
    viewer = Program(world, world.viewer)  # the green channel asks for no role
    called = viewer.post("/green", 201, sentence="Everything is black", token="t-1")
    assert (called["nobody_on_call"], called["is_over"], called["acknowledged_by"]) == (False, False, None)
    assert called["due_at"]
    assert viewer.post("/green", 201, sentence="Everything is black", token="t-1")["ticket"] == called["ticket"]
    assert Emergency.objects.count() == 1
    assert zhao.get(f"/green/{called['ticket']}")["number"] == called["number"]
    stranger.get(f"/green/{called['ticket']}", expect=404)
    agent.post("/green", 404, sentence="x")
    path = f"/tickets/{called['ticket']}/downgrade"
    zhao.post(path, 404, severity="P3", reason="no")
    agent.post(path, 403, severity="P3", reason="no")
    eng = Program(world, world.eng)
    eng.get(f"/green/{called['ticket']}")
    assert not PageSeen.objects.exists(), "a program's call is nobody's eyes"
    assert eng.post(path, 409, severity="P3", reason="")["sentence"]
    assert eng.post(path, severity="P3", reason="One room")["downgrade_reason"] == "One room"
    told = agent.get(f"/customers/{world.show.ref}/emergencies")
    assert (told["counts"]["emergencies"], told["counts"]["downgraded"]) == (1, 1)
    assert told["emergencies"][0]["ticket"] == called["ticket"]
    zhao.get(f"/customers/{world.show.ref}/emergencies", expect=404)


def test_an_agents_program_answers_a_chat(world: World, agent: Program, zhao: Program) -> None:
    widget, _secret = make_widget(world)
    window = Window(widget)
    window.say("Is anybody there?")
    ticket = agent.get("/tickets", way="chat")["tickets"][0]["ref"]
    path = f"/tickets/{ticket}/chat"
    asked = agent.get(f"/tickets/{ticket}/messages")["messages"][0]["ref"]
    agent.post(f"{path}/typing", 204)
    agent.post(f"{path}/reading", 204, message=asked)
    for _n in range(2):
        agent.post(path, 201, client_id="agent-0001", body="I am.", seen=asked)
    assert window.words() == ["Is anybody there?", "I am."]
    assert agent.get(f"/tickets/{ticket}")["assignee"]["name"] == "Wang"
    late = Program(world, world.eng).post(path, 409, client_id="agent-0002", body="Me too", seen=asked)
    assert "Wang" in late["sentence"]
    zhao.post(path, 404, client_id="agent-0003", body="hi")
    agent.post(path, 201, client_id="agent-0004", body="Solved then.", solve=True)
    assert agent.get(f"/tickets/{ticket}")["status"] == "solved"


def test_complaints(world: World, agent: Program, zhao: Program, stranger: Program) -> None:
    app = world.show_app.ref
    assert zhao.get(f"/apps/{app}/complaints/counts")["is_known"] is False
    rows = f"id,time,user,words\n1,{world.now.isoformat()},u1,stutters\n2,never,u2,black\n".encode()
    taken = zhao.upload(f"/apps/{app}/complaints/file", "file", "c.csv", rows)
    assert (taken["new"], taken["bad"], taken["errors"][0]["line"]) == (1, 1, 3)
    counted = agent.get(f"/apps/{app}/complaints/counts")
    assert (counted["total"], counted["is_known"], sum(step["count"] for step in counted["steps"])) == (1, True, 1)
    assert agent.get("/complaints/counts") == [{"app": app, "count": 1}]
    assert zhao.get("/complaints", app=app)["complaints"][0]["words"] == "stutters"
    assert "stutters" in zhao.get(f"/apps/{app}/complaints/export").decode()
    assert stranger.get("/complaints")["complaints"] == stranger.get("/complaints/counts") == []
    stranger.get("/complaints", app=app, expect=404)
    stranger.upload(f"/apps/{app}/complaints/file", "file", "c.csv", rows, expect=404)
    Program(world, world.viewer).upload(f"/apps/{app}/complaints/file", "file", "c.csv", rows, expect=403)
    assert zhao.post(f"/apps/{app}/complaints/file", 409)["sentence"]


def test_phone_calls_and_call_backs(world: World, agent: Program, zhao: Program) -> None:
    ticket = zhao.post("/tickets", 201, title="Black", body="b")["ref"]
    due = (world.now + timedelta(hours=1)).isoformat()
    facts = {"direction": "in", "number": "+86 138 0000 0009", "ticket": ticket, "note": "angry"}
    call = agent.post("/calls", 201, **facts, duration_s=90, call_back_at=due)
    assert (call["number"], call["duration_s"], call["agent"]["name"]) == ("+86 138 0000 0009", 90, "Wang")
    assert Program(world, world.success).get("/calls")["calls"][0]["number"] == "+86····09"
    agent.post("/calls", 409, direction="in", ticket="nothing")
    back = agent.get("/calls/backs")["calls"][0]
    assert (back["ticket"], back["owner"]["name"]) == (ticket, "Wang")
    assert agent.post(f"/calls/backs/{back['ref']}", result="reached")["done_at"]
    assert "Wang" in Program(world, world.eng).post(f"/calls/backs/{back['ref']}", 409, result="me too")["sentence"]
    other = agent.post("/calls/backs", 201, number="+8610", due_at=due, owner=world.eng.ref, customer=world.show.ref)
    assert (other["owner"]["name"], other["customer"]) == ("Lin", world.show.ref)
    planned = agent.post(f"/tickets/{ticket}/call-backs", 201, due_at=due, note="the day after")
    assert [one["ref"] for one in agent.get("/call-backs", mine="true")["calls"]] == [planned["ref"]]
    assert agent.post(f"/call-backs/{planned['ref']}", result="reached", note="all well")["done_at"]
    assert agent.post(f"/call-backs/{planned['ref']}", 409, result="reached")["error"] == "refused"
    assert [one["result"] for one in agent.get(f"/tickets/{ticket}/call-backs")] == ["reached"]
    for path in ("/calls", "/calls/backs", "/call-backs", f"/tickets/{ticket}/call-backs"):
        zhao.get(path, expect=404)
    assert promise_call_back(number="1234567", owner=world.agent, due_at=world.now, actor=None, now=world.now)


def test_groups(world: World, agent: Program, ada: Program, zhao: Program, group: Group, wang: Contact) -> None:
    path = f"/groups/{group.ref}"
    asked = say(group, wang, "推流断了", world.now, "om_1")
    told = agent.get(path)
    assert (told["clock"]["state"], told["figures"]["waiting"], told["expert"]["name"]) == ("running", 1, "Lin")
    ticket = agent.post(f"{path}/messages/{asked.ref}/ticket", severity="P2")
    assert (ticket["severity"], ticket["way"]) == ("P2", "group")
    assert agent.post(f"{path}/messages/{asked.ref}/ticket", severity="P2")["ref"] == ticket["ref"]
    assert agent.post(f"{path}/waiver")["waiting_since"] is None
    assert agent.post(f"{path}/messages", 201, body="已恢复")["body"] == "已恢复"
    assert [one["body"] for one in zhao.get(f"{path}/messages")["messages"]] == ["已恢复", "推流断了"]
    zhao.post(f"{path}/messages", 404, body="in our own app")
    zhao.post(f"{path}/waiver", 404)
    agent.put(path, 403, name="x")
    changed = ada.put(path, name="Starlight VIP", deputy=world.mei.ref, minutes=10)
    assert (changed["name"], changed["reply_target_s"], changed["deputy"]["name"]) == ("Starlight VIP", 600, "Mei")
    assert changed["expert"] is None and changed["customer"] == world.show.ref
    new = {"name": "Second", "customer": world.show.ref, "account": group.account.ref, "chat_id": "oc_2"}
    assert ada.post("/groups", 201, **new)["chat_id"] == "oc_2"
    assert "already" in ada.post("/groups", 409, **new)["sentence"]
    assert isinstance(agent.get("/groups/figures", days=7), list)
    stranger = Program(world, world.stranger)
    assert stranger.get("/groups") == []
    stranger.get(path, expect=404)


def test_mailboxes_domains_and_mails_set_aside(world: World, agent: Program, ada: Program, zhao: Program) -> None:
    facts = {"name": "Support", "address": "support@provider.example", "imap_password": "geheim"}
    box = ada.post("/mailboxes", 201, **facts)
    assert (box["config"]["address"], box["waiting"], "geheim" in str(box)) == ("support@provider.example", 0, False)
    assert "address" in ada.post("/mailboxes", 409, name="Bad", address="nonsense")["sentence"]
    assert ada.put(f"/mailboxes/{box['ref']}", **(facts | {"aliases": ["help@provider.example"]}))["config"]["aliases"]
    assert ada.post(f"/mailboxes/{box['ref']}/opening")["is_importing"] is False
    assert ada.post(f"/mailboxes/{box['ref']}/test") == {"sentence": "", "is_good": True}
    assert [one["ref"] for one in ada.get("/mailboxes")] == [box["ref"]]
    agent.get("/mailboxes", expect=403)
    zhao.get("/mailboxes", expect=404)
    assert ada.post("/mail-domains", 201, domain="starlight.example", customer=world.show.ref)
    assert ada.get("/mail-domains") == [{"domain": "starlight.example", "customer": world.show.ref}]
    ada.delete("/mail-domains/starlight.example")

    raw = b"From: Eve <eve@elsewhere.example>\r\nSubject: Black screen\r\n\r\nsince nine"
    account = Account.objects.get(ref=box["ref"])
    for number in range(2):
        take_in(account=account, provider_message_id=f"m{number}", raw=raw + str(number).encode(), now=world.now)
        row = Inbound.objects.latest("pk")
        facts = {"reason": "stranger", "address": "eve@elsewhere.example", "subject": "Black screen"}
        AsideMail.objects.create(inbound=row, received_at=world.now, **facts)
    second, first = agent.get("/mails")["mails"]
    assert "since nine" in agent.get(f"/mails/{first['ref']}")["body"]
    placed = agent.post(f"/mails/{first['ref']}/placing", customer=world.show.ref)
    assert (placed["title"], placed["way"]) == ("Black screen", "email")
    assert agent.post(f"/mails/{first['ref']}/placing", 409, customer=world.show.ref)["sentence"]
    agent.post(f"/mails/{second['ref']}/dropping", 204)
    assert agent.get("/mails")["mails"] == []
    zhao.get(f"/mails/{first['ref']}", expect=404)


def test_widgets_vendors_and_calendars(world: World, agent: Program, ada: Program, zhao: Program) -> None:
    facts = {"name": "Console", "customer": world.show.ref, "origins": ["https://console.starlight.example"]}
    made = ada.post("/chat-widgets", 201, **facts)
    assert made["secret"] and made["secret"] not in str(ada.get("/chat-widgets"))
    ref = made["widget"]["ref"]
    assert ada.post(f"/chat-widgets/{ref}/secret")["secret"] != made["secret"]
    assert ada.put(f"/chat-widgets/{ref}", **(facts | {"anonymous": True}))["anonymous"] is True
    assert ada.post("/chat-widgets", 409, **(facts | {"origins": ["nonsense"]}))["sentence"]
    server = ada.post("/homeservers", 201, name="M", address="https://m.example", server_name="m.example")
    assert b"as_token" in ada.post(f"/homeservers/{server['ref']}/registration")
    assert "token" not in str(ada.get("/homeservers"))
    assert "corp_id" in ada.post("/wecom-accounts", 409, name="W", told={"secret": "s"})["sentence"]
    assert ada.get("/wecom-accounts") == []
    week = ["09:00-18:00"] * 5 + ["", ""]
    special = [{"day": "2027-01-01", "hours": "", "label": "New Year"}]
    calendar = ada.post("/calendars", 201, name="Office", week=week, special_days=special)
    assert (calendar["week"][0], len(calendar["ahead"])) == ("09:00-18:00", 14)
    assert ada.put(f"/calendars/{calendar['ref']}", name="Desk", week=week)["special_days"] == []
    assert ada.get(f"/calendars/{calendar['ref']}")["name"] == "Desk"
    assert ada.post("/calendars", 409, name="Bad", week=["25:00-26:00"])["sentence"]
    for path, status in (("/chat-widgets", 403), ("/homeservers", 403), ("/calendars", 403)):
        agent.get(path, expect=status)
        zhao.get(path, expect=404)
