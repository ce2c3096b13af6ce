"""What becomes of a ticket by itself: reminded, told that it closes, closed, called back; once each."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.desk.actions import close_ticket, open_ticket, plan_call, record_call, reply, resolve_ticket
from aftercare.desk.engine import life as steps
from aftercare.desk.models import CallBack, LifeStep, Message, Status, Ticket
from aftercare.kernel.errors import Refused
from aftercare.notify.models import ContactMethod, Delivery
from tests.world import World


def day(world: World, days: float) -> datetime:
    return world.now + timedelta(days=days)


def solved(world: World, ticket: Ticket) -> Ticket:
    return resolve_ticket(ticket=ticket, user=world.agent, now=world.now)


def system_words(ticket: Ticket) -> list[str]:
    return list(ticket.messages.filter(side="system").order_by("pk").values_list("body", flat=True))[1:]


def test_it_works(world: World, ticket: Ticket) -> None:
    solved(world, ticket)
    assert steps.take_life_steps(day(world, 4.9)) == 0
    assert steps.take_life_steps(day(world, 5)) == 1
    (notice,) = system_words(ticket)
    assert "closes by itself on" in notice and "Asia/Shanghai" in notice
    assert Message.objects.filter(ticket=ticket).latest("pk").body_zh.startswith("该工单已标记为解决")
    assert steps.take_life_steps(day(world, 6.9)) == 0
    assert steps.take_life_steps(day(world, 7)) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    assert steps.take_life_steps(day(world, 700)) == 0
    assert "closed by itself" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_the_page_says_when(world: World, ticket: Ticket) -> None:
    solved(world, ticket)
    assert "closes by itself" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_words_of_the_customer_call_it_off(world: World, ticket: Ticket) -> None:
    solved(world, ticket)
    steps.take_life_steps(day(world, 5))
    reply(ticket=ticket, author=world.zhao, body="not over", now=day(world, 6))
    assert steps.take_life_steps(day(world, 700)) == 0
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_confirmed_it_closes_at_once_and_nothing_follows(world: World, ticket: Ticket) -> None:
    solved(world, ticket)
    world.client("zhao").post(f"/tickets/{ticket.ref}/confirmation")
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    assert steps.take_life_steps(day(world, 700)) == 0


@pytest.mark.parametrize("days", [30, 3000])
def test_after_a_jump_of_the_clock_nobody_is_closed_without_notice(world: World, ticket: Ticket, days: int) -> None:
    solved(world, ticket)
    assert steps.take_life_steps(day(world, days)) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.SOLVED
    assert steps.take_life_steps(day(world, days + 1.9)) == 0
    assert steps.take_life_steps(day(world, days + 2)) == 1


def test_a_step_that_dies_is_as_if_never_begun(world: World, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception stands for kill -9: the transaction ends without a commit; see test_killed_life for the real one."""
    solved(world, ticket)
    monkeypatch.setattr(steps, "tell_ticket", lambda **_: 1 / 0)
    steps.take_life_steps(day(world, 5))
    assert system_words(ticket) == []
    assert LifeStep.objects.filter(done_at=None).count() == 1
    monkeypatch.undo()
    assert steps.take_life_steps(day(world, 5) + timedelta(minutes=5)) == 1
    assert len(system_words(ticket)) == 1


def test_a_bad_step_does_not_hold_the_others(world: World, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    other = open_ticket(
        customer_id=world.social.pk, app_id=None, title="B", severity="P3", body="b", opened_by=world.stranger,
        now=world.now,
    )  # fmt: skip
    solved(world, ticket)
    resolve_ticket(ticket=other, user=world.agent, now=world.now + timedelta(seconds=1))
    tell = steps.tell_ticket

    def some(**named: Any) -> Message:
        assert named["ticket"].pk != ticket.pk
        return tell(**named)

    monkeypatch.setattr(steps, "tell_ticket", some)
    steps.take_life_steps(day(world, 6))
    assert len(other.messages.filter(side="system")) == 1


def test_zero_days_never_closes(world: World, ticket: Ticket, settings: Any) -> None:
    settings.CLOSE_AFTER_DAYS = 0
    solved(world, ticket)
    assert steps.take_life_steps(day(world, 700)) == 0


def test_the_customer_is_reminded_once(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="Which version?", now=world.now)
    assert steps.take_life_steps(day(world, 1.9)) == 0
    assert steps.take_life_steps(day(world, 2)) == 1
    assert "We need your answer" in system_words(ticket)[0]
    assert steps.take_life_steps(day(world, 30)) == 0


def test_an_answer_calls_the_reminder_off(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="Which version?", now=world.now)
    reply(ticket=ticket, author=world.zhao, body="4.2", now=day(world, 1))
    assert steps.take_life_steps(day(world, 30)) == 0


def test_working_on_asks_for_nothing(world: World, ticket: Ticket) -> None:
    data = {"body": "We go on.", "version": "1", "then": "work"}
    world.client("agent").post(f"/tickets/{ticket.ref}/messages", data)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since) == (Status.OPEN, None)
    assert not LifeStep.objects.exists()


def test_the_solution_is_told_and_mailed(world: World, ticket: Ticket) -> None:
    ContactMethod.objects.create(
        user=world.zhao, channel="email", address="zhao@starlight.example", verified=True, created_at=world.now
    )
    Delivery.objects.all().delete()
    solved(world, ticket)
    told = {(d.user.name, d.channel) for d in Delivery.objects.select_related("user") if d.user}
    assert told == {("Zhao", "push"), ("Dev", "push"), ("Vera", "push"), ("Zhao", "email")}
    mail = Delivery.objects.get(channel="email")
    assert mail.url_path.startswith("/ratings/") and "closes by itself" in mail.body


def test_a_p1_that_is_over_gets_a_call(world: World) -> None:
    ticket = open_ticket(
        customer_id=world.show.pk, app_id=None, title="Down", severity="P1", body="x", opened_by=world.zhao,
        now=world.now,
    )  # fmt: skip
    ticket.assignee = world.agent
    ticket.save()
    solved(world, ticket)
    close_ticket(ticket=ticket, user=world.zhao, now=world.now)
    call = CallBack.objects.get()
    assert (call.owner, call.due_at) == (world.agent, day(world, 1))
    Delivery.objects.all().delete()
    assert steps.remind_of_calls(day(world, 1)) == 1
    assert steps.remind_of_calls(day(world, 2)) == 0
    assert Delivery.objects.get().title == "Call Starlight Show back about #1"
    page = world.client("agent").get("/tickets/calls").content.decode()
    assert "Down" in page


def test_a_call_is_planned_tried_and_settled(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    data = {"owner": world.eng.ref, "due_at": "2099-01-02T10:00", "note": "ask about the new version"}
    assert client.post(f"/tickets/{ticket.ref}/calls", data).status_code == 302
    call = CallBack.objects.get()
    assert (call.owner, call.note) == (world.eng, "ask about the new version")
    client.post(f"/tickets/calls/{call.ref}", {"result": "missed", "note": "voice mail"})
    call.refresh_from_db()
    assert (call.done_at, call.attempts, call.result) == (None, 1, "missed")
    client.post(f"/tickets/calls/{call.ref}", {"result": "reached", "note": "all is well", "from": "list"})
    call.refresh_from_db()
    assert call.done_at is not None
    assert call.result_note == "voice mail\nall is well"
    with pytest.raises(Refused):
        record_call(call=call, result="missed", actor=world.agent, now=world.now)


@pytest.mark.parametrize("due_at", ["", "x", "2001-01-01T10:00", "2099-13-45T99:00", "9" * 200])
def test_rejects_a_call_at_no_time(world: World, ticket: Ticket, due_at: str) -> None:
    answer = world.client("agent").post(f"/tickets/{ticket.ref}/calls", {"due_at": due_at})
    assert (answer.status_code, CallBack.objects.count()) == (409, 0)


def test_calls_are_the_providers_own(world: World, ticket: Ticket) -> None:
    call = plan_call(
        ticket=ticket, owner=world.eng, due_at=day(world, 1), note="secret plan", actor=world.agent, now=world.now
    )
    for name in ("zhao", "stranger", "viewer"):
        client = world.client(name)
        assert client.get("/tickets/calls").status_code == 404
        assert client.post(f"/tickets/calls/{call.ref}", {"result": "reached"}).status_code == 404
        assert client.post(f"/tickets/{ticket.ref}/calls", {}).status_code in (403, 404)
    assert "secret plan" not in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    with pytest.raises(Refused):
        plan_call(ticket=ticket, owner=world.zhao, due_at=day(world, 1), actor=world.agent, now=world.now)


def test_who_follows_hears_and_who_does_not_want_to_does_not(world: World, ticket: Ticket) -> None:
    ContactMethod.objects.create(
        user=world.viewer, channel="email", address="vera@starlight.example", verified=True, created_at=world.now
    )
    world.client("viewer").post(f"/tickets/{ticket.ref}/following", {"follows": "1"})
    world.client("developer").post(f"/tickets/{ticket.ref}/following", {"follows": "0"})
    world.client("eng").post(f"/tickets/{ticket.ref}/following", {"follows": "1"})
    assert world.client("stranger").post(f"/tickets/{ticket.ref}/following", {"follows": "1"}).status_code == 404
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.agent, body="Words", now=world.now)
    told = {(d.user.name, d.channel) for d in Delivery.objects.select_related("user") if d.user}
    assert told == {("Zhao", "push"), ("Vera", "push"), ("Vera", "email")}
    Delivery.objects.all().delete()
    reply(ticket=ticket, author=world.zhao, body="Words", now=world.now)
    told = {(d.user.name, d.channel) for d in Delivery.objects.select_related("user") if d.user}
    assert told == {("Wang", "push"), ("Lin", "push")}
    page = world.client("viewer").get("/tickets?mine=followed").content.decode()
    assert "Stall rate" in page
    assert "Stall rate" not in world.client("zhao").get("/tickets?mine=followed").content.decode()
