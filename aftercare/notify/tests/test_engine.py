"""The sender: crash windows, retries, order, and who is held up by whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.accounts.models import User
from aftercare.kernel import events
from aftercare.notify import actions, engine
from aftercare.notify.engine import claims
from aftercare.notify.engine.sender import Sender
from aftercare.notify.events import DeliveriesSent
from aftercare.notify.models import ContactMethod, Delivery, State
from aftercare.notify.tests.receiver import Receiver
from tests.world import World


def hook(user: User, url: str, now: datetime) -> ContactMethod:
    return actions.add_contact(user=user, channel="webhook", address=url, verified=True, now=now)


def send(contact: ContactMethod, now: datetime, **more: Any) -> Delivery:
    defaults: dict[str, Any] = {"kind": "page", "subject_ref": "inc-1", "title": "Freeze rate 6%", "urgency": "urgent"}
    values = defaults | more
    return actions.send(user=contact.user, channel=contact.channel, address=contact.address, now=now, **values)


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_it_works(world: World, receiver: Receiver) -> None:
    contact = hook(world.eng, receiver.url, world.now)
    delivery = send(contact, world.now, url_path="/p/1", data={"severity": "red"})
    assert engine.process_due(world.now) == 1
    message = receiver.take()
    message.verify(contact.secret)
    assert message.headers["webhook-id"] == delivery.ref
    assert message.body["type"] == "page"
    assert message.body["data"]["title"] == "Freeze rate 6%"
    assert message.body["data"]["repeat"] is False
    assert message.body["data"]["details"] == {"severity": "red"}
    assert message.body["data"]["url"].endswith("/p/1")
    row = fresh(delivery)
    assert (row.state, row.attempts, row.provider_message_id) == (State.SENT, 1, "HTTP 204")
    assert row.sent_at is not None and row.sent_at >= world.now
    assert engine.process_due(world.now) == 0


def test_it_tells_the_rooms_above(world: World, receiver: Receiver) -> None:
    heard: list[DeliveriesSent] = []
    events.subscribe(DeliveriesSent, heard.append)
    try:
        delivery = send(hook(world.eng, receiver.url, world.now), world.now)
        engine.process_due(world.now)
    finally:
        events._handlers[DeliveriesSent].remove(heard.append)
    receiver.take()
    assert [(one.delivery_id, one.subject_ref) for event in heard for one in event.sent] == [(delivery.pk, "inc-1")]


def die_while_sending(now: datetime) -> None:
    """A process claims what is due and is gone before it can say what happened."""
    assert claims.claim(now, limit=16, routine_limit=8, busy=[])


def test_urgent_in_the_crash_window_goes_again_once_marked(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now)
    die_while_sending(world.now)
    sender = Sender()
    assert sender.process_due(world.now + timedelta(seconds=9)) == 0
    assert sender.process_due(world.now + timedelta(seconds=11)) == 1
    message = receiver.take()
    assert message.body["data"]["repeat"] is True
    assert message.body["data"]["title"] == "Repeat: Freeze rate 6%"
    assert message.headers["webhook-id"] == delivery.ref
    assert (fresh(delivery).state, fresh(delivery).repeat) == (State.SENT, True)
    assert sender.process_due(world.now + timedelta(hours=1)) == 0


def test_routine_in_the_crash_window_does_not(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now, urgency="routine")
    die_while_sending(world.now)
    sender = Sender()
    assert sender.process_due(world.now + timedelta(seconds=11)) == 0
    assert sender.process_due(world.now + timedelta(hours=1)) == 0
    assert fresh(delivery).state == State.DROPPED
    assert "may have arrived" in fresh(delivery).last_error


def test_urgent_that_kills_every_sender_ends(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now)
    now = world.now
    for _attempt in range(6):
        die_while_sending(now)
        now += timedelta(seconds=11)
        claims.recover(now, still_ours=[])
    assert (fresh(delivery).state, fresh(delivery).attempts) == (State.DROPPED, 6)


def test_a_temporary_failure_is_tried_again_later(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now, urgency="routine")
    receiver.answer = lambda received: (503, {})
    sender, waits, now = Sender(), [15, 30, 60], world.now
    for wait_s in waits:
        sender.process_due(now)
        receiver.take()
        row = fresh(delivery)
        assert row.state == State.PENDING and "503" in row.last_error
        assert wait_s <= (row.due_at - now).total_seconds() < wait_s + 3
        assert sender.process_due(now + timedelta(seconds=wait_s - 1)) == 0
        now += timedelta(seconds=wait_s + 5)
    sender.process_due(now)
    receiver.take()
    assert fresh(delivery).state == State.FAILED
    assert sender.process_due(now + timedelta(hours=1)) == 0


def test_a_refusal_is_final(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now)
    receiver.answer = lambda received: (404, {})
    Sender().process_due(world.now)
    receiver.take()
    assert (fresh(delivery).state, fresh(delivery).last_error) == (State.FAILED, "The receiver refused: HTTP 404")


def test_a_slow_receiver_holds_up_nobody(world: World, receiver: Receiver) -> None:
    slow = [send(hook(world.eng, receiver.url + "/slow", world.now), world.now) for _ in range(5)]
    quick = send(hook(world.mei, receiver.url, world.now), world.now, urgency="routine")
    receiver.answer = lambda received: receiver.hang(received) if "slow" in received.path else (204, {})
    sender = Sender()
    sender.process_due(world.now, patience_s=0.3)
    paths = sorted(message.path for message in receiver.inbox)
    assert paths == ["/hook", "/hook/slow", "/hook/slow"], "one address holds two of the pool's threads at most"
    assert fresh(quick).state == State.SENT
    assert {fresh(row).state for row in slow} == {State.SENDING, State.PENDING}
    assert sender.process_due(world.now + timedelta(seconds=60), patience_s=0.1) == 0, (
        "ours are not given up while they run"
    )
    receiver.release.set()
    sender.process_due(world.now + timedelta(seconds=61))
    assert {fresh(row).state for row in slow} == {State.SENT}
    assert len(receiver.inbox) == 6
    receiver.inbox.clear()


def test_urgent_goes_first_and_whoever_has_heard_nothing_first(world: World, receiver: Receiver) -> None:
    eng, mei, ada = (hook(u, f"{receiver.url}/{u.name}", world.now) for u in (world.eng, world.mei, world.ada))
    send(eng, world.now - timedelta(minutes=5))
    Sender().process_due(world.now)
    receiver.take()
    routine = send(ada, world.now - timedelta(minutes=3), urgency="routine")
    again = send(eng, world.now - timedelta(minutes=2))
    first = send(mei, world.now - timedelta(minutes=1))
    rows = claims.claim(world.now, limit=16, routine_limit=8, busy=[])
    assert [row.pk for row in rows] == [first.pk, again.pk, routine.pk]


def test_routine_never_takes_every_thread(world: World, receiver: Receiver) -> None:
    for n in range(12):
        send(hook(world.eng, f"{receiver.url}/{n}", world.now), world.now, urgency="routine")
    assert len(claims.claim(world.now, limit=16, routine_limit=8, busy=[])) == 8


def test_a_push_is_a_row(world: World) -> None:
    push = actions.send(user=world.eng, channel="push", kind="page", subject_ref="x", title="Hello", now=world.now)
    assert engine.process_due(world.now) == 1
    assert fresh(push).state == State.SENT


def test_what_was_taken_back_is_not_sent(world: World, receiver: Receiver) -> None:
    delivery = send(hook(world.eng, receiver.url, world.now), world.now)
    assert actions.drop_pending(subject_ref="inc-1", kind="page", reason="Acknowledged.") == 1
    assert engine.process_due(world.now) == 0
    assert fresh(delivery).state == State.DROPPED


@pytest.mark.django_db
def test_nothing_due(db: Any) -> None:
    assert engine.process_due(datetime.fromisoformat("2026-01-01T00:00:00+00:00")) == 0


def test_a_quiet_push_is_there_with_its_cause(world: World) -> None:
    delivery = actions.push(user=world.agent, kind="message", subject_ref="t1", title="New", now=world.now)
    assert (delivery.state, delivery.sent_at) == (State.SENT, world.now)
    assert Sender().process_due(world.now + timedelta(minutes=1)) == 0, "nothing is left for the engine"
