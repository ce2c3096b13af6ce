"""A conversation's words go to one chat one at a time, in the order of their ids, whoever sends."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.notify import actions
from aftercare.notify.engine import claims, results
from aftercare.notify.models import CONVERSATION, Account, Delivery, State
from aftercare.notify.outcome import Verdict, sent, temporary, too_fast
from tests.world import World


@pytest.fixture
def account(world: World) -> Account:
    return Account.objects.create(channel="telegram", name="bot", created_at=world.now)


def write(world: World, account: Account, chat: str, *bodies: str, kind: str = CONVERSATION) -> list[Delivery]:
    common: dict[str, Any] = {"user": None, "account": account, "channel": "telegram", "address": chat, "kind": kind}
    common |= {"subject_ref": "x", "title": "Lin", "urgency": "urgent", "now": world.now}
    return [actions.send(body=body, **common) for body in bodies]


def claim(now: Any) -> list[str]:
    return [row.body for row in claims.claim(now, limit=16, routine_limit=8, busy=[])]


def settle(row: Delivery, outcome: Any, now: Any) -> None:
    row.refresh_from_db()
    if outcome.verdict is Verdict.SENT:
        results.settle_sent([(row, outcome.provider_message_id)], now)
    else:
        results.settle(row, outcome, now)


def test_one_at_a_time_in_order(world: World, account: Account) -> None:
    first, _second, _third = write(world, account, "1", "a", "b", "c")
    other = write(world, account, "2", "x")[0]
    assert claim(world.now) == ["a", "x"]
    assert claim(world.now) == [], "what is being sent holds what comes after it"
    settle(other, sent("2"), world.now)
    assert claim(world.now) == []
    settle(first, sent("1"), world.now)
    assert claim(world.now) == ["b"]


def test_a_failing_one_holds_its_chat_until_it_is_given_up_and_no_other(world: World, account: Account) -> None:
    first, _second = write(world, account, "1", "a", "b")
    now = world.now
    for attempt in range(6):
        write(world, account, "2", f"elsewhere {attempt}")
        assert sorted(claim(now)) == ["a", f"elsewhere {attempt}"]
        settle(first, temporary("Not now"), now)
        Delivery.objects.filter(address="2").update(state=State.SENT)
        now += timedelta(seconds=600)
    first.refresh_from_db()
    assert first.state == State.FAILED
    assert claim(now) == ["b"]


def test_other_kinds_keep_no_order(world: World, account: Account) -> None:
    write(world, account, "1", "page 1", "page 2", kind="page")
    assert claim(world.now) == ["page 1", "page 2"]


def test_a_silence_that_the_vendor_asks_for_holds_what_it_is_about(world: World, account: Account) -> None:
    (first,) = write(world, account, "1", "a")
    write(world, account, "2", "b")
    assert claim(world.now) == ["a", "b"]
    settle(first, too_fast("Slow down", wait_s=40, whole_account=True), world.now)
    write(world, account, "3", "c")
    assert claim(world.now + timedelta(seconds=39)) == []
    assert claim(world.now + timedelta(seconds=40)) == ["a", "c"]


def test_what_must_wait_for_half_a_day_is_given_up(world: World, account: Account) -> None:
    (row,) = write(world, account, "1", "a")
    settle(row, too_fast("Slow down", wait_s=40, whole_account=False), world.now + timedelta(hours=13))
    row.refresh_from_db()
    assert (row.state, row.last_error) == (State.FAILED, "Slow down")
