"""What a visitor is told: a place in the queue, an honest wait, and until when we answer when nobody is on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aftercare.clocks.models import Calendar
from aftercare.desk.actions import begin_session, claim_ticket, post_chat, reply, resolve_ticket, set_presence
from aftercare.desk.chat.state import state_of, told
from aftercare.desk.models import ChatVisitor, ChatWidget, PresenceInterval
from aftercare.desk.tests.chatting import make_widget
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=SHANGHAI)
OFFICE = [[[9 * 3600, 18 * 3600]]] * 5 + [[], []]


@pytest.fixture
def widget(world: World) -> ChatWidget:
    """Office hours in Shanghai, an answer within an hour of them."""
    hours = Calendar.objects.create(name="Office", timezone="Asia/Shanghai", week=OFFICE, created_at=world.now)
    return make_widget(world, calendar=hours)[0]


def ask(widget: ChatWidget, at: datetime) -> ChatVisitor:
    visitor, _ = begin_session(widget=widget, identity="", language="en", now=at)
    post_chat(visitor=visitor, client_id="client-id", body="hello", now=at)
    visitor.refresh_from_db()
    return visitor


def answered(world: World, widget: ChatWidget, at: datetime, wait_s: float) -> None:
    visitor = ask(widget, at)
    assert visitor.ticket is not None
    reply(ticket=visitor.ticket, author=world.agent, body="Hi", now=at + timedelta(seconds=wait_s))


def test_it_works(world: World, widget: ChatWidget) -> None:
    set_presence(user=world.agent, state="on", now=MONDAY)
    for number in range(5):
        answered(world, widget, MONDAY - timedelta(minutes=30 - number), 60 + 10 * number)
    first, second = (ask(widget, MONDAY + timedelta(seconds=n)) for n in (0, 1))
    now = MONDAY + timedelta(seconds=2)
    assert state_of(widget, first, now=now).position == 1
    state = state_of(widget, second, now=now)
    assert (state.mode, state.position, state.wait_s) == ("on", 2, 90)
    assert told(state) == "You are number 2 in the queue. Most answers come within 2 minutes now."
    assert first.ticket is not None and second.ticket is not None
    claim_ticket(ticket=first.ticket, user=world.agent, now=now)
    for visitor in (first, second):
        visitor.refresh_from_db()
    assert told(state_of(widget, first, now=now)) == "Wang is with you."
    assert state_of(widget, second, now=now).position == 1


def test_too_few_answers_say_nothing(world: World, widget: ChatWidget) -> None:
    set_presence(user=world.agent, state="on", now=MONDAY)
    for number in range(4):
        answered(world, widget, MONDAY - timedelta(minutes=number + 1), 5)
    answered(world, widget, MONDAY - timedelta(hours=5), 5)  # long ago
    state = state_of(widget, None, now=MONDAY)
    assert state.wait_s is None
    assert "unknown" in told(state)


def test_a_queue_that_stands_is_told(world: World, widget: ChatWidget) -> None:
    for number in range(5):
        answered(world, widget, MONDAY - timedelta(minutes=59 - number), 5)
    ask(widget, MONDAY - timedelta(minutes=40))
    set_presence(user=world.agent, state="on", now=MONDAY)
    assert state_of(widget, None, now=MONDAY).wait_s == 40 * 60


def test_waits_count_in_opening_hours(world: World, widget: ChatWidget) -> None:
    for number in range(5):
        early = MONDAY.replace(hour=2, minute=number)
        answered(world, widget, early, (MONDAY.replace(hour=9, minute=1) - early).total_seconds())
    set_presence(user=world.agent, state="on", now=MONDAY)
    assert state_of(widget, None, now=MONDAY).wait_s == 60


def test_closed_says_when_we_answer_and_keeps_to_what_it_said(world: World, widget: ChatWidget) -> None:
    set_presence(user=world.agent, state="on", now=MONDAY)
    friday = datetime(2026, 12, 4, 17, 30, tzinfo=SHANGHAI)
    assert state_of(widget, None, now=friday).answer_by == datetime(2026, 12, 7, 9, 30, tzinfo=SHANGHAI)
    night = datetime(2026, 12, 4, 22, 0, tzinfo=SHANGHAI)
    visitor = ask(widget, night)
    state = state_of(widget, visitor, now=night)
    assert (state.mode, state.wait_s, state.answer_by) == (
        "closed",
        None,
        datetime(2026, 12, 7, 10, 0, tzinfo=SHANGHAI),
    )
    assert told(state) == "Nobody is on now. Write to us: we will answer by {at}."
    later = state_of(widget, visitor, now=datetime(2026, 12, 7, 9, 45, tzinfo=SHANGHAI))
    assert later.answer_by == state.answer_by


def test_open_without_anybody_is_not_on(world: World, widget: ChatWidget) -> None:
    assert state_of(widget, None, now=MONDAY).mode == "nobody"
    set_presence(user=world.agent, state="away", now=MONDAY)
    assert state_of(widget, None, now=MONDAY).mode == "nobody"
    set_presence(user=world.agent, state="on", now=MONDAY)
    assert state_of(widget, None, now=MONDAY).mode == "on"
    assert state_of(widget, None, now=MONDAY + timedelta(minutes=6)).mode == "nobody"  # the console went silent
    assert PresenceInterval.objects.count() == 2


def test_a_solved_chat_is_told(world: World, widget: ChatWidget) -> None:
    visitor = ask(widget, MONDAY)
    assert visitor.ticket is not None
    resolve_ticket(ticket=visitor.ticket, user=world.agent, now=MONDAY)
    visitor.refresh_from_db()
    assert "solved" in told(state_of(widget, visitor, now=MONDAY))
