"""The green channel: one sentence wakes the on-call and opens a war room, for everybody, at any hour."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.clocks import engine as clocks_engine
from aftercare.clocks.models import Clock, ClockState
from aftercare.desk import engine
from aftercare.desk.actions import raise_emergency, reply, resolve_ticket
from aftercare.desk.models import Emergency, EmergencyCall, EventKind, Message, Ticket, TicketEvent
from aftercare.notify.engine.claims import claim_pushes
from aftercare.notify.models import Delivery
from aftercare.oncall import engine as oncall_engine
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page, PageNotice, PageState
from aftercare.oncall.tests.cast import Duty, make_duty
from tests.world import World

SENTENCE = "推流全部断了，9 点开始"


@pytest.fixture
def duty(world: World) -> Duty:
    return make_duty(world)


def press(client: Client, sentence: str = SENTENCE, **more: str) -> Any:
    return client.post("/green", {"sentence": sentence, **more})


def raised(world: World, sentence: str = SENTENCE, *, after: timedelta = timedelta(), **more: Any) -> Emergency:
    values: dict[str, Any] = {"customer": world.show, "app": None, "caller": world.zhao, "way": "green"}
    return raise_emergency(**(values | more), sentence=sentence, now=world.now + after)


def kinds(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("kind", flat=True))


def test_one_press_opens_the_war_room_wakes_the_on_call_and_starts_the_clock(world: World, duty: Duty) -> None:
    client = world.client("zhao")
    answer = press(client)
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/green/{ticket.ref}"
    assert (ticket.severity, ticket.way, ticket.title, ticket.app) == ("P1", "green", SENTENCE, world.show_app)
    page = Page.objects.get(subject_ref=ticket.ref)
    assert (page.severity, page.customer, page.url_path) == ("red", world.show, f"/tickets/{ticket.ref}")
    assert {notice.user.name for notice in page.notices.all()} == {"Lin"} or page.notices.exists()
    clock = Clock.objects.get(kind="green_answer")
    assert (clock.policy["target_s"], clock.customer) == (300, world.show)
    shown = client.get(answer["Location"]).content.decode()
    assert 'http-equiv="refresh"' in shown and "Nobody has it yet." in shown


@pytest.mark.parametrize("who", ["zhao", "developer", "viewer", "stranger"])
def test_everybody_of_every_customer_and_plan_can_call(world: World, who: str) -> None:
    assert press(world.client(who)).status_code == 302
    assert Page.objects.get().customer == world.people[who].customer


def test_no_words_are_no_obstacle(world: World) -> None:
    press(world.client("zhao"), sentence="  \x00 ")
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.title_zh) == ("Emergency call without words", "未写说明的紧急报障")


@pytest.mark.parametrize("sentence", ["x" * 30_000, "\u200b", "<script>alert(1)</script>", "a\r\n\r\nb" * 900])
def test_no_words_are_refused(world: World, sentence: str) -> None:
    client = world.client("zhao")
    answer = press(client, sentence)
    assert answer.status_code == 302
    assert b"<script>alert" not in client.get(answer["Location"]).content


def test_the_page_is_small_and_needs_no_script(world: World) -> None:
    client = world.client("zhao")
    page = client.get("/green").content
    style = (world.client().get("/static/desk/green.css")).getvalue()
    assert b"<script" not in page and page.count(b'rel="stylesheet"') == 1
    assert len(page) + len(style) < 30_000
    shown = client.get(press(client)["Location"]).content
    assert b"<script" not in shown and len(shown) + len(style) < 30_000


def test_nobody_on_call_is_said_and_the_leaders_are_told(world: World) -> None:
    client = world.client("zhao")
    shown = client.get(press(client)["Location"]).content.decode()
    assert {notice.user for notice in PageNotice.objects.all()} == {world.ada, world.mei}
    assert "Nobody was on call; everyone who leads the service was told." in shown
    told = Message.objects.get(side="system")
    assert "Nobody is on call now" in told.body and "Ada" in told.body and "当前无人值班" in told.body_zh
    assert Emergency.objects.get().is_unattended


def test_pressing_twice_with_one_token_is_one_call(world: World, duty: Duty) -> None:
    client = world.client("zhao")
    assert press(client, token="t-1")["Location"] == press(client, token="t-1")["Location"]
    assert (Emergency.objects.count(), EmergencyCall.objects.count(), Page.objects.count()) == (1, 1, 1)
    press(world.client("stranger"), token="t-1")  # another customer's token is another call
    assert EmergencyCall.objects.count() == 2


def test_fifty_presses_of_a_customer_wake_once(world: World, duty: Duty) -> None:
    for n in range(50):
        raised(world, caller=[world.zhao, world.developer][n % 2], after=timedelta(seconds=n))
    page = Page.objects.get()
    assert (Emergency.objects.count(), page.firings) == (1, 1)
    assert EmergencyCall.objects.count() == 50  # each is counted, and seen
    assert kinds(Ticket.objects.get()).count("called") == 2  # who says nothing new adds no line
    assert Delivery.objects.filter(kind="page").count() == page.notices.count()


def test_new_words_join_the_running_emergency(world: World, duty: Duty) -> None:
    first = raised(world)
    again = raised(world, "海外也断了", caller=world.developer, after=timedelta(seconds=20))
    assert again == first
    said = Message.objects.filter(ticket=first.ticket, side="customer").order_by("pk")
    assert [m.body for m in said] == [SENTENCE, "海外也断了"]


def test_a_call_wakes_again_when_ten_minutes_brought_no_sign(world: World, duty: Duty) -> None:
    emergency = raised(world)
    page = Page.objects.get()
    acknowledge_page(page=page, user=world.eng, via="phone", now=world.now + timedelta(minutes=1))
    raised(world, "还没好", after=timedelta(minutes=5))
    page.refresh_from_db()
    assert page.state == PageState.ACKNOWLEDGED
    raised(world, "还没好！", after=timedelta(minutes=12))
    page.refresh_from_db()
    assert (page.state, page.firings) == (PageState.OPEN, 2)
    assert Clock.objects.filter(kind="green_answer", state=ClockState.RUNNING).count() == 1
    assert EmergencyCall.objects.filter(emergency=emergency, is_waking=True).count() == 2


def test_another_app_wakes_at_once(world: World, duty: Duty) -> None:
    raised(world, app=world.show_app)
    acknowledge_page(page=Page.objects.get(), user=world.eng, via="phone", now=world.now)
    second = type(world.show_app).objects.create(customer=world.show, name="Second")
    raised(world, "另一个也断了", app=second, after=timedelta(minutes=1))
    assert Page.objects.get().state == PageState.OPEN


def test_another_tenants_app_names_nothing_and_blocks_nothing(world: World) -> None:
    press(world.client("zhao"), app=world.social_app.ref)
    assert Ticket.objects.get().app is None
    raised(world, "x", app=world.social_app, customer=world.show)
    assert not Ticket.objects.filter(customer=world.social).exists()


def test_the_caller_sees_who_was_woken_and_who_has_it(world: World, duty: Duty) -> None:
    client = world.client("zhao")
    url = press(client)["Location"]
    ticket = Ticket.objects.get()
    claim_pushes(world.now + timedelta(seconds=5))
    page = Page.objects.get()
    acknowledge_page(page=page, user=world.eng, via="phone", now=world.now + timedelta(seconds=40))
    shown = client.get(url).content.decode()
    assert "Lin has it since" in shown and "acknowledged" in shown
    assert {EventKind.CALLED, EventKind.WOKEN, EventKind.TAKEN} <= set(kinds(ticket))
    thread = client.get(f"/tickets/{ticket.ref}").content.decode()
    assert "reached by Console push" in thread and "Lin has seen your call and is on it." in thread
    clock = Clock.objects.get(kind="green_answer")
    assert clock.state == ClockState.STOPPED and clock.breached_at is None


def test_an_escalation_is_told(world: World, duty: Duty) -> None:
    raised(world)
    page = Page.objects.get()
    oncall_engine.process_due(page.next_step_at)
    event = TicketEvent.objects.get(kind=EventKind.PASSED_ON)
    assert event.data["people"]


def test_words_of_an_engineer_answer_and_end_the_waking(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    reply(ticket=ticket, author=world.agent, body="在找工程师", now=world.now + timedelta(seconds=30))
    engine.process_due(world.now + timedelta(seconds=31))
    assert Clock.objects.get(kind="green_answer").state == ClockState.STOPPED
    assert Page.objects.get().state == PageState.OPEN  # an agent's words do not replace an engineer
    reply(ticket=ticket, author=world.eng, body="在看", now=world.now + timedelta(seconds=60))
    engine.process_due(world.now + timedelta(seconds=61))
    page = Page.objects.get()
    assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, world.eng)
    resolve_ticket(ticket=ticket, user=world.eng, now=world.now + timedelta(minutes=9))
    engine.process_due(world.now + timedelta(minutes=9))
    assert Page.objects.get().state == PageState.CLOSED


def test_an_internal_note_is_no_answer(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    reply(ticket=ticket, author=world.eng, body="hm", internal=True, now=world.now)
    assert Clock.objects.get(kind="green_answer").state == ClockState.RUNNING


def test_five_minutes_of_silence_tell_everyone_who_manages_the_desk(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    clocks_engine.process_due(world.now + timedelta(seconds=299))
    assert not Delivery.objects.filter(kind="emergency.overdue").exists()
    clocks_engine.process_due(world.now + timedelta(seconds=300))
    told = Delivery.objects.filter(kind="emergency.overdue")
    assert {d.user for d in told} == {world.ada, world.mei} and {d.urgency for d in told} == {"urgent"}
    assert EventKind.OVERDUE in kinds(ticket)


def test_graded_down_with_a_reason_that_the_caller_reads_and_the_next_call_wakes_all_the_same(
    world: World, duty: Duty
) -> None:
    ticket = raised(world).ticket
    engineer = world.client("eng")
    path = f"/tickets/{ticket.ref}/downgrade"
    assert engineer.post(path, {"severity": "P3", "reason": " "}).status_code == 409
    assert engineer.post(path, {"severity": "P1", "reason": "x"}).status_code == 409
    assert engineer.post(path, {"severity": "P3", "reason": "只有一个测试房间"}).status_code == 302
    engine.process_due(world.now)
    ticket.refresh_from_db()
    assert (ticket.severity, Page.objects.get().state) == ("P3", PageState.CLOSED)
    caller = world.client("zhao")
    assert "只有一个测试房间" in caller.get(f"/green/{ticket.ref}").content.decode()
    assert "只有一个测试房间" in caller.get(f"/tickets/{ticket.ref}").content.decode()
    press(caller, "又断了")
    assert Emergency.objects.count() == 2 and Page.objects.filter(state=PageState.OPEN).count() == 1
    shown = world.client("ada").get(f"/customers/{world.show.ref}/emergencies").content.decode()
    assert "2 emergencies in 30 days, calls: 2, graded down: 1." in shown


def test_solved_and_called_again_is_a_new_emergency(world: World, duty: Duty) -> None:
    resolve_ticket(ticket=raised(world).ticket, user=world.eng, now=world.now)
    raised(world, after=timedelta(seconds=1))  # before the engine has closed the first page
    engine.process_due(world.now + timedelta(seconds=2))
    assert [page.state for page in Page.objects.order_by("pk")] == [PageState.CLOSED, PageState.OPEN]


def test_who_may_not(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    for path in (f"/green/{ticket.ref}", f"/tickets/{ticket.ref}/emergency"):
        assert world.client("stranger").get(path).status_code == 404
        assert world.client("viewer").get(path).status_code == 200
    down = {"severity": "P3", "reason": "x"}
    path = f"/tickets/{ticket.ref}/downgrade"
    assert world.client("stranger").post(path, down).status_code == 404
    assert world.client("zhao").post(path, down).status_code == 404
    assert world.client("agent").post(path, down).status_code == 403
    assert world.client("zhao").get(f"/customers/{world.show.ref}/emergencies").status_code == 404


def test_the_button_is_in_the_frame_of_customers_people_alone(world: World) -> None:
    assert 'href="/green"' in world.client("viewer").get("/tickets").content.decode()
    assert 'href="/green"' not in world.client("eng").get("/tickets").content.decode()


def test_it_leads_the_strip_and_the_home_page_until_it_is_over(world: World, duty: Duty) -> None:
    emergency = raised(world)
    for name in ("eng", "zhao"):
        client = world.client(name)
        for path in ("/incidents/strip", "/"):
            page = client.get(path).content.decode()
            assert f"/tickets/{emergency.ticket.ref}" in page and "Nothing is broken" not in page
    assert emergency.ticket.ref not in world.client("stranger").get("/incidents/strip").content.decode()
    resolve_ticket(ticket=emergency.ticket, user=world.eng, now=world.now)
    assert "Nothing urgent is open" in world.client("eng").get("/incidents/strip").content.decode()


def test_the_api_call(world: World, duty: Duty) -> None:
    client = world.client("developer", enforce_csrf_checks=False)
    said = client.post("/api/green", {"sentence": "断流", "token": "a"}, content_type="application/json")
    told = said.json()
    assert said.status_code == 201 and told["woken"] and told["acknowledged_by"] is None
    assert client.post("/api/green", b"\xff{", content_type="application/json").json()["ticket"] == told["ticket"]
    odd = b'{"sentence": "\\ud800", "app": 7, "token": ["x"]}'
    assert client.post("/api/green", odd, content_type="application/json").status_code == 201
    assert client.post("/api/green", b"[1]", content_type="application/json").status_code == 201
    assert world.client().post("/api/green").status_code == 401
    assert world.client("eng").post("/api/green").status_code == 404
    assert world.client("developer", enforce_csrf_checks=True).post("/api/green").status_code == 403
