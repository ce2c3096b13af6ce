"""Customers are told of a change on their days, once each, in their own ticket; notices move with the window."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from aftercare.accounts.models import Customer
from aftercare.desk.models import Message, Ticket
from aftercare.incidents import engine
from aftercare.incidents.changes.announcing import cancel_change, move_window, postpone_change
from aftercare.incidents.changes.drafting import add_customer, remove_customer
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.changes.telling import tell_notices
from aftercare.incidents.models import ChangeNotice, ChangeState
from aftercare.incidents.tests.changing import DAY, HOUR, announced, draft, make_edge, told
from tests.world import World

MINUTE = timedelta(minutes=1)


def pass_time(world: World, *days: float) -> None:
    """The engine steps at these days from now."""
    for day in days:
        engine.process_due(world.now + day * DAY)


def test_each_day_of_notice_is_one_message_in_one_ticket(world: World) -> None:
    make_edge(world)
    change = announced(world)
    assert not Ticket.objects.exists(), "seven days before are still to come"
    pass_time(world, 2.9)
    assert told(change) == []
    pass_time(world, 3.1, 3.2, 7.1, 7.2, 9.1, 9.2)
    said = told(change)
    assert len(said) == 3 and all(
        "A reconnect of one second." in one and f"/changes/{change.ref}" in one for one in said
    )
    ticket = Ticket.objects.get(customer=world.show)
    assert ticket.messages.first().body_zh.startswith("我们计划")  # type: ignore[union-attr]
    assert change.customers.get().ticket == ticket


def test_an_engine_that_stood_still_makes_one_message_of_three(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 9.5, 9.6)
    assert len(told(change)) == 1
    assert ChangeNotice.objects.filter(told_at__isnull=False).count() == 3
    assert ChangeNotice.objects.filter(is_folded=True).count() == 2


def test_nothing_is_announced_after_its_window(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 11)
    assert told(change) == []
    assert ChangeNotice.objects.filter(dropped_at__isnull=False).count() == 3


def test_a_clock_that_jumps_back_tells_nothing_twice(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 3.1, 1, 3.1)
    assert len(told(change)) == 1


def test_a_window_that_moves_takes_its_notices_along(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 3.1)
    at, now = world.now + 20 * DAY, world.now + 4 * DAY
    move_window(change=change, starts_at=at, ends_at=at + HOUR, actor=world.eng, now=now)
    pass_time(world, 4, 4.1, 7.1, 9.1)
    said = told(change)
    assert len(said) == 2 and "has a new window" in said[1], "the days of the old window are gone"
    pass_time(world, 13.1, 17.1, 19.1)
    assert len(told(change)) == 5


def test_whoever_heard_nothing_yet_hears_only_the_new_window(world: World) -> None:
    make_edge(world)
    change = announced(world)
    at = world.now + 20 * DAY
    move_window(change=change, starts_at=at, ends_at=at + HOUR, actor=world.eng, now=world.now + DAY)
    pass_time(world, 4, 9.1)
    assert told(change) == []
    pass_time(world, 13.1)
    assert len(told(change)) == 1


def test_moved_while_a_notice_is_due_it_is_said_once(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 3.1)
    now = world.now + 7.1 * DAY  # three days before are due, and nobody has told them yet
    at = now + 5 * DAY
    move_window(change=change, starts_at=at, ends_at=at + HOUR, late_reason="", actor=world.eng, now=now)
    pass_time(world, 7.2)
    assert len(told(change)) == 2 and "has a new window" in told(change)[1]


def test_a_crash_between_the_words_and_their_mark_loses_and_doubles_nothing(world: World) -> None:
    make_edge(world)
    change = announced(world)

    def dies(*_a: Any, **_k: Any) -> None:
        raise RuntimeError("power cut")

    with patch("aftercare.incidents.changes.telling.write_step", dies):
        pass_time(world, 3.1)
    assert told(change) == [] and not Message.objects.exists()
    assert "power cut" in world.client("eng").get(f"/changes/{change.ref}").content.decode()
    pass_time(world, 3.2)
    assert len(told(change)) == 1


def test_one_customer_that_fails_holds_no_other(world: World) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    real = "aftercare.incidents.changes.telling.desk.open_ticket"
    from aftercare.desk import actions as desk

    opened = desk.open_ticket

    def fails_for_show(**facts: Any) -> Ticket:
        if facts["customer_id"] == world.show.pk:
            raise RuntimeError("no")
        return opened(**facts)

    with patch(real, fails_for_show):
        tell_notices(world.now + 3.1 * DAY)
    assert set(Ticket.objects.values_list("customer", flat=True)) == {world.social.pk}
    tell_notices(world.now + 3.2 * DAY)
    assert len(told(change)) == 2


def test_its_begin_and_end_are_told_and_settle_the_ticket(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 9.5)
    start_change(change=change, decision="They are asleep.", actor=world.eng, now=change.starts_at)
    engine.process_due(change.starts_at)
    end_change(change=change, actor=world.eng, now=change.starts_at + 9 * MINUTE)
    engine.process_due(change.starts_at + 10 * MINUTE)
    assert [word in one for word, one in zip(("plan", "begun", "done"), told(change), strict=False)] == [True] * 3
    assert Ticket.objects.get().status == "solved"


@pytest.mark.parametrize(("do", "word"), [(postpone_change, "postponed"), (cancel_change, "cancelled")])
def test_what_does_not_happen_is_told_to_whoever_heard_of_it(world: World, do: Any, word: str) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    pass_time(world, 3.1)
    do(change=change, reason="The switches are late.", actor=world.eng, now=world.now + 4 * DAY)
    pass_time(world, 4.1, 7.1, 9.1)
    assert len(told(change)) == 4 and all(word in one for one in told(change)[2:])


def test_postponed_without_a_window_it_is_announced_again_with_one(world: World) -> None:
    make_edge(world)
    change = announced(world)
    postpone_change(change=change, reason="Rain.", actor=world.eng, now=world.now)
    at = world.now + 30 * DAY
    change = move_window(change=change, starts_at=at, ends_at=at + HOUR, actor=world.eng, now=world.now + DAY)
    assert (change.state, change.window) == (ChangeState.ANNOUNCED, 2)
    pass_time(world, 23.1)
    assert len(told(change)) == 1


def test_customers_come_and_go_by_hand(world: World) -> None:
    make_edge(world)
    change = announced(world)
    pass_time(world, 3.1)
    now = world.now + 4 * DAY
    for _twice in range(2):
        add_customer(change=change, customer=world.social, actor=world.eng, now=now)
        remove_customer(change=change, customer=world.show, actor=world.eng, now=now)
    pass_time(world, 4.1)
    theirs = Message.objects.filter(ticket__customer=world.social).order_by("pk")
    assert "We plan" in theirs.get().body, "added after seven days before: told at once"
    gone = Message.objects.filter(ticket__customer=world.show).order_by("pk").last()
    assert gone is not None and "does not touch you" in gone.body
    pass_time(world, 7.1, 9.1)
    assert theirs.count() == 3 and Message.objects.filter(ticket__customer=world.show).count() == 2


def test_a_low_risk_without_days_is_told_to_nobody(world: World) -> None:
    make_edge(world)
    change = announced(world, risk="low", notice_days=[])
    start_change(change=change, actor=world.eng, now=change.starts_at)
    engine.process_due(change.starts_at)
    assert told(change) == []


def test_days_of_notice_come_by_the_risk(world: World) -> None:
    make_edge(world)
    assert draft(world).notice_days == [7, 3, 1]
    assert draft(world, risk="low").notice_days == [3]


def test_the_story_tells_of_many_customers_in_one_line(world: World) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    pass_time(world, 3.1)
    page = world.client("eng").get(f"/changes/{change.ref}").content.decode()
    assert "2 customers were told: Notice in advance" in page


def test_of_many_customers_the_page_lists_the_first_and_all_when_asked(world: World) -> None:
    make_edge(world)
    more = [Customer.objects.create(name=f"Customer {n}", created_at=world.now) for n in range(55)]
    change = announced(world, customers=more)
    client = world.client("eng")
    page = client.get(f"/changes/{change.ref}").content.decode()
    assert "6 more customers" in page and "0 of 56 confirmed" in page
    assert "more customers" not in client.get(f"/changes/{change.ref}?whole=1").content.decode()
