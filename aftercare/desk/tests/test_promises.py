"""A ticket's clocks: which moments start, pause and stop them, what they are held to, who hears of them."""

from datetime import UTC, datetime, timedelta

import pytest

from aftercare.clocks import engine
from aftercare.clocks.models import Calendar, Clock, ClockState
from aftercare.desk import actions, promises
from aftercare.desk.actions import (
    claim_ticket,
    close_ticket,
    open_ticket,
    reopen_ticket,
    reply,
    resolve_ticket,
    set_severity,
    tell_ticket,
)
from aftercare.desk.models import Ticket
from aftercare.desk.types import Targets
from aftercare.notify.models import Account, Delivery
from tests.world import World


@pytest.fixture
def asked(world: World) -> Ticket:
    """A P1 that Zhao reported just now."""
    return open_for(world, "P1")


def open_for(world: World, severity: str, *, account: Account | None = None) -> Ticket:
    return open_ticket(
        customer_id=world.show.pk, app_id=None, title="All black", severity=severity, body="help",
        opened_by=world.zhao, account=account, now=world.now,
    )  # fmt: skip


def after(world: World, minutes: float) -> datetime:
    return world.now + timedelta(minutes=minutes)


def clocks(ticket: Ticket) -> dict[str, str]:
    """The newest clock of each kind, and its state."""
    return {clock.kind: str(clock.state) for clock in Clock.objects.filter(subject_ref=ticket.ref).order_by("pk")}


def clock(ticket: Ticket, kind: str) -> Clock:
    found = Clock.objects.filter(subject_ref=ticket.ref, kind=kind).order_by("-pk").first()
    assert found is not None
    return found


def answer(ticket: Ticket, world: World, minutes: float, *, keeps_working: bool = False) -> None:
    reply(ticket=ticket, author=world.agent, body="words", keeps_working=keeps_working, now=after(world, minutes))


def ask(ticket: Ticket, world: World, minutes: float) -> None:
    reply(ticket=ticket, author=world.zhao, body="words", now=after(world, minutes))


def test_it_works(world: World, asked: Ticket) -> None:
    assert clocks(asked) == {"first_response": "running", "update": "running", "recovery": "running"}
    assert clock(asked, "first_response").due_at == after(world, 15)
    answer(asked, world, 10)
    assert clocks(asked) == {"first_response": "stopped", "update": "paused", "recovery": "paused"}
    ask(asked, world, 30)
    assert clocks(asked)["next_response"] == "running"
    ask(asked, world, 40)
    assert clock(asked, "next_response").started_at == after(world, 30), "it starts at the oldest unanswered words"
    answer(asked, world, 50, keeps_working=True)
    assert clocks(asked) == {
        "first_response": "stopped",
        "update": "running",
        "recovery": "running",
        "next_response": "stopped",
    }
    recovery = clock(asked, "recovery")
    assert recovery.due_at == after(world, 240 + 20), "twenty minutes of waiting for the customer are not ours"
    resolve_ticket(ticket=asked, user=world.agent, now=after(world, 60))
    assert clocks(asked) == {
        "first_response": "stopped",
        "update": "cancelled",
        "recovery": "stopped",
        "next_response": "stopped",
    }
    assert clock(asked, "recovery").spent_s == 40 * 60


@pytest.mark.parametrize(
    ("severity", "first_s", "kinds"),
    [
        ("P1", 900, {"first_response", "update", "recovery"}),
        ("P2", 3600, {"first_response", "update", "recovery"}),
        ("P3", 4 * 3600, {"first_response", "recovery"}),
        ("P4", 8 * 3600, {"first_response"}),
    ],
)
def test_each_severity_has_its_targets(world: World, severity: str, first_s: int, kinds: set[str]) -> None:
    ticket = open_for(world, severity)
    assert set(clocks(ticket)) == kinds
    assert clock(ticket, "first_response").policy["target_s"] == first_s


def test_lower_severities_count_business_hours(world: World) -> None:
    week = [[[9 * 3600, 18 * 3600]]] * 5 + [[], []]
    Calendar.objects.create(name="Office", timezone="Asia/Shanghai", week=week, is_default=True, created_at=world.now)
    world.now = datetime(2026, 11, 28, 4, tzinfo=UTC)  # a Saturday
    assert clock(open_for(world, "P3"), "first_response").due_at == datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert clock(open_for(world, "P1"), "first_response").due_at == after(world, 15)


def test_nobody_owes_a_first_reply_to_what_we_opened_ourselves(world: World) -> None:
    ticket = open_ticket(
        customer_id=world.show.pk, app_id=None, title="By phone", severity="P2", body="told by phone",
        opened_by=world.agent, now=world.now,
    )  # fmt: skip
    assert set(clocks(ticket)) == {"update", "recovery"}


def test_nothing_runs_while_an_account_imports(world: World) -> None:
    account = Account.objects.create(channel="email", name="support", quiet=True, created_at=world.now)
    assert clocks(open_for(world, "P1", account=account)) == {}


def test_a_note_stops_nothing(world: World, asked: Ticket) -> None:
    reply(ticket=asked, author=world.agent, body="hm", internal=True, now=after(world, 1))
    assert clocks(asked)["first_response"] == "running"


def test_the_systems_words_are_progress_but_no_reply(world: World, asked: Ticket) -> None:
    tell_ticket(ticket=asked, body="being worked on", body_zh="处理中", now=after(world, 30))
    assert clocks(asked)["first_response"] == "running"
    assert clock(asked, "update").due_at == after(world, 90)


def test_reopened_it_goes_on_where_it_stood(world: World, asked: Ticket) -> None:
    answer(asked, world, 5, keeps_working=True)
    resolve_ticket(ticket=asked, user=world.agent, now=after(world, 60))
    ask(asked, world, 200)
    recovery = clock(asked, "recovery")
    assert recovery.started_at == world.now
    assert recovery.due_at == after(world, 240 + 140)
    assert clocks(asked)["next_response"] == "running"
    assert clock(asked, "update").started_at == after(world, 200)
    resolve_ticket(ticket=asked, user=world.agent, now=after(world, 210))
    reopen_ticket(ticket=asked, user=world.agent, now=after(world, 220))
    assert clock(asked, "recovery").due_at == after(world, 240 + 140 + 10)
    assert clocks(asked)["next_response"] == "stopped", "we opened it again ourselves"


def test_a_new_severity_reckons_anew_from_the_same_start(world: World) -> None:
    ticket = open_for(world, "P3")
    set_severity(ticket=ticket, severity="P2", user=world.agent, now=after(world, 20))
    first = clock(ticket, "first_response")
    assert (first.started_at, first.due_at) == (world.now, after(world, 60))
    assert clock(ticket, "update").started_at == after(world, 20), "promised only now, it starts now"
    set_severity(ticket=ticket, severity="P4", user=world.agent, now=after(world, 30))
    assert clocks(ticket) == {"first_response": "running", "update": "cancelled", "recovery": "cancelled"}


def test_a_new_severity_that_is_late_already_is_told_once(world: World) -> None:
    ticket = open_for(world, "P3")
    claim_ticket(ticket=ticket, user=world.agent, now=world.now)
    set_severity(ticket=ticket, severity="P1", user=world.agent, now=after(world, 120))
    Delivery.objects.all().delete()
    first = clock(ticket, "first_response")
    assert first.breached_at == after(world, 15)
    engine.process_due(after(world, 121))
    told = Delivery.objects.filter(kind="clock", user=world.agent, title__startswith="First reply")
    assert [d.title for d in told] == ["First reply overdue: #1 of Starlight Show"]


def test_a_breach_that_was_noted_is_not_regraded_away(world: World, asked: Ticket) -> None:
    engine.process_due(after(world, 16))
    set_severity(ticket=asked, severity="P4", user=world.agent, now=after(world, 20))
    old = Clock.objects.get(subject_ref=asked.ref, kind="first_response", state=ClockState.CANCELLED)
    assert old.breached_at == after(world, 15)
    assert clock(asked, "first_response").state == ClockState.RUNNING


def test_a_paused_clock_stays_paused_under_a_new_severity(world: World, asked: Ticket) -> None:
    answer(asked, world, 10)
    set_severity(ticket=asked, severity="P2", user=world.agent, now=after(world, 20))
    assert clocks(asked)["recovery"] == "paused"
    ask(asked, world, 30)
    assert clock(asked, "recovery").due_at == after(world, 24 * 60 + 20)


def told(step: str = "") -> set[str]:
    found = Delivery.objects.filter(kind="clock", title__contains=step)
    return {d.user.name for d in found if d.user}


def test_who_can_still_keep_it_hears_before_and_after(world: World) -> None:
    ticket = open_for(world, "P1")
    Delivery.objects.all().delete()
    engine.process_due(after(world, 8))
    assert told() == {"Ada", "Mei", "Lin", "Wang", "Sun"}, "nobody has it, so everybody who answers hears"
    claim_ticket(ticket=ticket, user=world.agent, now=after(world, 9))
    Delivery.objects.all().delete()
    engine.process_due(after(world, 12))
    assert told() == {"Wang"}
    title = Delivery.objects.get(kind="clock").title
    assert title == "First reply due in 3 min: #1 of Starlight Show"
    Delivery.objects.all().delete()
    engine.process_due(after(world, 15))
    assert told("overdue") == {"Wang", "Mei"}
    customers = Delivery.objects.filter(kind="clock", user__customer__isnull=False)
    assert not customers.exists()


def test_a_clock_that_stopped_warns_nobody(world: World, asked: Ticket) -> None:
    answer(asked, world, 1)
    resolve_ticket(ticket=asked, user=world.agent, now=after(world, 2))
    close_ticket(ticket=asked, user=world.zhao, now=after(world, 3))
    Delivery.objects.all().delete()
    engine.process_due(after(world, 10_000))
    assert told() == set()


def test_both_sides_see_the_same_clock(world: World, asked: Ticket) -> None:
    due = clock(asked, "first_response").due_at
    assert due is not None
    for name in ("agent", "zhao"):
        page = world.client(name).get(f"/tickets/{asked.ref}").content.decode()
        assert f'datetime="{due.isoformat()}"' in page
        assert "First reply" in page and "15 min promised" in page
        assert f'datetime="{due.isoformat()}"' in world.client(name).get("/tickets").content.decode()
        assert "First reply" in world.client(name).get(f"/tickets/{asked.ref}/clocks").content.decode()
    assert world.client("stranger").get(f"/tickets/{asked.ref}/clocks").status_code == 404


def test_a_standing_clock_says_why(world: World, asked: Ticket) -> None:
    answer(asked, world, 1)
    page = world.client("zhao").get(f"/tickets/{asked.ref}").content.decode()
    assert "waiting for the customer" in page
    assert "left when it goes on" in page


def test_every_severity_promises_something(world: World) -> None:
    assert set(promises.DEFAULTS) == {"P1", "P2", "P3", "P4"}


def test_a_plan_hands_in_targets_by_customer_and_running_clocks_keep_theirs(world: World, asked: Ticket) -> None:
    seen: list[tuple[int, str]] = []

    def plan(customer_id: int, severity: str, at: datetime) -> Targets | None:
        seen.append((customer_id, severity))
        return Targets(60, 120, None, None, around_the_clock=True) if severity == "P1" else None

    actions.hand_in_targets(plan)
    try:
        fresh, plain = open_for(world, "P1"), open_for(world, "P2")
    finally:
        actions.hand_in_targets(None)
    assert clock(fresh, "first_response").policy["target_s"] == 60
    assert "recovery" not in clocks(fresh)
    assert clock(plain, "first_response").policy["target_s"] == 3600, "the plan says nothing of a P2"
    assert clock(asked, "first_response").policy["target_s"] == 900, "it runs on with what it was started with"
    assert (world.show.pk, "P1") in seen
