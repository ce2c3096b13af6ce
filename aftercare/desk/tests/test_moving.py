"""Merging and splitting: words follow, walls hold, and undoing is exactly as before."""

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from aftercare.clocks import engine as clocks_engine
from aftercare.clocks.models import GOING, Clock
from aftercare.desk.actions import (
    claim_ticket,
    follow_ticket,
    mark_read,
    merge_tickets,
    open_ticket,
    raise_emergency,
    reply,
    resolve_ticket,
    split_ticket,
    tag_ticket,
    undo_move,
)
from aftercare.desk.merged_clocks import UNDONE
from aftercare.desk.models import Attachment, Following, Message, Move, Ticket, TicketRead
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from tests.world import World, make_world


def opened(world: World, title: str = "t", **more: Any) -> Ticket:
    told = {"customer_id": world.show.pk, "app_id": None, "severity": "P3", "opened_by": world.zhao, "now": world.now}
    return open_ticket(title=title, body=f"{title}: first words", **(told | more))


def everything() -> dict[str, list[Any]]:
    """All that a merge or a split touches, without versions and the instants of changes."""
    left_out = {"version", "updated_at"}
    fields = [field.attname for field in Ticket._meta.concrete_fields if field.attname not in left_out]
    return {
        "tickets": list(Ticket.objects.order_by("pk").values_list(*fields)),
        "tags": list(Ticket.tags.through.objects.order_by("ticket_id", "tag_id").values_list("ticket_id", "tag_id")),
        "messages": list(Message.objects.order_by("pk").values_list("pk", "ticket_id", "origin_ticket_id", "body")),
        "files": list(Attachment.objects.order_by("pk").values_list("pk", "message__ticket_id")),
        "reads": list(TicketRead.objects.order_by("pk").values_list("ticket_id", "user_id", "seen_at")),
        "clocks": sorted(clocks_of_all()),
        "followings": list(
            Following.objects.order_by("ticket_id", "user_id").values_list("ticket_id", "user_id", "follows")
        ),
    }


def clocks_of_all() -> list[tuple[Any, ...]]:
    """All that is kept of every clock, but for those that count for nothing because their move was undone."""
    fields = [field.attname for field in Clock._meta.concrete_fields]
    undone = Clock.objects.filter(end_reason=UNDONE)
    assert set(undone.values_list("state", "breached_at")) <= {("cancelled", None)}
    return [
        tuple(map(str, row)) for row in Clock.objects.exclude(pk__in=undone.values("pk")).values_list("pk", *fields)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_undone_it_is_exactly_as_before(world: World, seed: int) -> None:
    draw = random.Random(seed)
    tickets = [opened(world, f"ticket {n}", severity=f"P{n + 1}") for n in range(4)]
    staff, at = [world.agent, world.eng, world.mei], world.now
    for _ in range(draw.randrange(5, 25)):
        ticket, at = draw.choice(tickets), at + timedelta(seconds=7)
        match draw.randrange(7):
            case 0 | 1:
                reply(ticket=ticket, author=draw.choice([world.zhao, *staff]), body=f"words {at}", now=at)
            case 2:
                reply(ticket=ticket, author=draw.choice(staff), body="note", internal=True, now=at)
            case 3:
                follow_ticket(ticket=ticket, user=draw.choice(staff), follows=draw.random() < 0.7, now=at)
            case 4:
                tag_ticket(ticket=ticket, names=draw.sample(["a", "b", "c"], 2), actor=world.agent, now=at)
            case 5:
                mark_read(ticket=ticket, user=draw.choice(staff), now=at)
            case _:
                resolve_ticket(ticket=ticket, user=world.agent, now=at)
    states, moves = [], []
    for _ in range(3):
        states.append(everything())
        free = list(Ticket.objects.filter(merged_into=None).order_by("pk"))
        if draw.random() < 0.3 and free[0].messages.count() > 1:
            chosen = free[0].messages.order_by("pk").values_list("pk", flat=True)[:1]
            moves.append(split_ticket(ticket=free[0], messages=list(chosen), title="off", actor=world.agent, now=at))
        else:
            source, target = draw.sample(free, 2)
            moves.append(merge_tickets(source=source, target=target, actor=world.agent, now=at))
    for move, before in zip(reversed(moves), reversed(states), strict=True):
        undo_move(move=move, actor=world.agent, now=at)
        now = everything()
        # A ticket that was split off stays, closed and empty, so that its number still leads somewhere.
        now["tickets"] = [row for row in now["tickets"] if row[0] in {old[0] for old in before["tickets"]}]
        assert now == before


def test_later_words_to_the_merged_one_are_redirected_and_go_back(world: World) -> None:
    source, target, last = opened(world, "a"), opened(world, "b"), opened(world, "c")
    first = merge_tickets(source=source, target=target, actor=world.agent, now=world.now)
    second = merge_tickets(source=target, target=last, actor=world.agent, now=world.now)
    message = reply(ticket=source, author=world.zhao, body="still broken", now=world.now + timedelta(minutes=1))
    assert (message.ticket, message.origin_ticket) == (last, source)
    assert [m.body for m in last.messages.order_by("pk")] == [
        "a: first words",
        "b: first words",
        "c: first words",
        "still broken",
    ]
    source.refresh_from_db()
    assert source.status == "closed"
    with pytest.raises(Refused, match="later merge"):
        undo_move(move=first, actor=world.agent, now=world.now)
    undo_move(move=second, actor=world.agent, now=world.now)
    undo_move(move=first, actor=world.agent, now=world.now)
    source.refresh_from_db()
    assert source.status == "open"
    with pytest.raises(Refused, match="already"):
        undo_move(move=first, actor=world.agent, now=world.now)


def test_what_was_said_meanwhile_counts(world: World) -> None:
    source, target = opened(world, "a"), opened(world, "b")
    reply(ticket=target, author=world.agent, body="answered", now=world.now)
    move = merge_tickets(source=source, target=target, actor=world.agent, now=world.now)
    later = world.now + timedelta(minutes=3)
    reply(ticket=target, author=world.zhao, body="and another thing", now=later)
    undo_move(move=move, actor=world.agent, now=later)
    target.refresh_from_db()
    source.refresh_from_db()
    assert (target.status, target.waiting_since) == ("open", later)
    assert (source.status, source.waiting_since) == ("open", world.now)


def going(ticket: Ticket) -> dict[str, Clock]:
    return {clock.kind: clock for clock in Clock.objects.filter(subject_ref=ticket.ref, state__in=GOING)}


def test_the_earlier_due_time_holds_and_the_merged_ones_clocks_end(world: World) -> None:
    source = opened(world, "a", severity="P1")
    later = world.now + timedelta(minutes=5)
    target = opened(world, "b", severity="P2", now=later)
    due = {kind: clock.due_at for kind, clock in going(source).items()}
    own = going(target)
    merge_tickets(source=source, target=target, actor=world.agent, now=later)
    assert {kind: clock.due_at for kind, clock in going(target).items()} == due
    assert going(target)["first_response"].started_at == world.now, "the customer waits since the older words"
    target.refresh_from_db()
    assert target.waiting_since == world.now
    assert going(source) == {}
    assert set(Clock.objects.filter(subject_ref=source.ref).values_list("state", "end_reason")) == {
        ("cancelled", "merged into another ticket")
    }
    assert Clock.objects.get(pk=own["recovery"].pk).end_reason == "the merged ticket's was due earlier"
    assert "merged into another ticket" in world.client("zhao").get(f"/tickets/{source.ref}").content.decode()
    reply(ticket=target, author=world.agent, body="on it", now=world.now + timedelta(minutes=15))
    kept = Clock.objects.get(subject_ref=target.ref, kind="first_response", state="stopped")
    assert (kept.spent_s, kept.breached_at) == (900, None)


def test_a_later_one_changes_nothing_and_words_owed_go_on_as_the_next_reply(world: World) -> None:
    target = opened(world, "a", severity="P1")
    source = opened(world, "b", severity="P1", now=world.now + timedelta(minutes=5))
    before = going(target)
    merge_tickets(source=source, target=target, actor=world.agent, now=world.now + timedelta(minutes=6))
    assert {kind: (clock.pk, clock.due_at) for kind, clock in going(target).items()} == {
        kind: (clock.pk, clock.due_at) for kind, clock in before.items()
    }
    reply(ticket=target, author=world.agent, body="answered", now=world.now + timedelta(minutes=7))
    third = opened(world, "c", severity="P1", now=world.now + timedelta(minutes=8))
    move = merge_tickets(source=third, target=target, actor=world.agent, now=world.now + timedelta(minutes=9))
    owed = going(target)
    assert owed["next_response"].due_at == world.now + timedelta(minutes=8 + 15), "what was promised to the third"
    assert {clock.state for clock in owed.values()} == {"running"}, "the customer waits for us again"
    undo_move(move=move, actor=world.agent, now=world.now + timedelta(minutes=10))
    assert {kind: clock.state for kind, clock in going(target).items()} == {"update": "paused", "recovery": "paused"}
    assert going(third)["first_response"].due_at == world.now + timedelta(minutes=8 + 15)


def test_a_breach_is_told_and_counted_once_however_often_it_moves(world: World) -> None:
    source, target = opened(world, "a", severity="P1"), opened(world, "b", severity="P3")
    clocks_engine.process_due(world.now + timedelta(minutes=16))
    told_of = Delivery.objects.filter(kind="clock").count()
    move = merge_tickets(source=source, target=target, actor=world.agent, now=world.now + timedelta(minutes=17))
    clocks_engine.process_due(world.now + timedelta(minutes=18))
    assert Delivery.objects.filter(kind="clock").count() == told_of
    assert [clock.subject_ref for clock in Clock.objects.filter(breached_at__isnull=False)] == [target.ref]
    undo_move(move=move, actor=world.agent, now=world.now + timedelta(minutes=19))
    clocks_engine.process_due(world.now + timedelta(minutes=20))
    assert Delivery.objects.filter(kind="clock").count() == told_of
    assert [clock.subject_ref for clock in Clock.objects.filter(breached_at__isnull=False)] == [source.ref]


def test_undone_the_clocks_run_with_all_the_time_and_words_said_meanwhile(world: World) -> None:
    source, target = opened(world, "a", severity="P1"), opened(world, "b", severity="P2")
    due = going(source)["first_response"].due_at
    move = merge_tickets(source=source, target=target, actor=world.agent, now=world.now)
    answered = world.now + timedelta(minutes=10)
    reply(ticket=target, author=world.agent, body="we look", now=answered)
    undo_move(move=move, actor=world.agent, now=world.now + timedelta(minutes=12))
    assert going(source)["first_response"].due_at == due
    first = Clock.objects.get(subject_ref=target.ref, kind="first_response", state="stopped")
    assert (first.stopped_at, first.spent_s, first.policy["target_s"]) == (answered, 600, 3600)
    assert going(target)["recovery"].state == "paused", "the target waits for its customer"
    assert Clock.objects.filter(subject_ref=target.ref, kind="first_response", end_reason=UNDONE).count() == 1


def test_what_is_split_off_has_clocks_of_its_own_until_that_is_undone(world: World) -> None:
    ticket = opened(world, "a", severity="P1")
    asked = world.now + timedelta(minutes=2)
    words = reply(ticket=ticket, author=world.zhao, body="another matter", now=asked)
    now = world.now + timedelta(minutes=3)
    move = split_ticket(ticket=ticket, messages=[words.pk], title="Another matter", actor=world.agent, now=now)
    own = going(move.target)
    assert own["first_response"].started_at == asked
    assert own["recovery"].started_at == now
    undo_move(move=move, actor=world.agent, now=now)
    assert going(move.target) == {}
    assert going(ticket)["first_response"].started_at == world.now


def test_an_emergency_that_nobody_has_answered_is_not_merged_away(world: World) -> None:
    emergency = raise_emergency(
        customer=world.show, app=None, sentence="All black", caller=world.zhao, way="green", now=world.now
    )
    with pytest.raises(Refused, match="Nobody has answered this emergency"):
        merge_tickets(source=emergency.ticket, target=opened(world), actor=world.agent, now=world.now)


def test_cycles_and_strangers_are_refused(world: World) -> None:
    source, target = opened(world, "a"), opened(world, "b")
    other = opened(world, "c", customer_id=world.social.pk, opened_by=world.stranger)
    for wrong in (source, other):
        with pytest.raises(Refused):
            merge_tickets(source=source, target=wrong, actor=world.agent, now=world.now)
    merge_tickets(source=source, target=target, actor=world.agent, now=world.now)
    for one, two in ((target, source), (source, target)):
        with pytest.raises(Refused):
            merge_tickets(source=one, target=two, actor=world.agent, now=world.now)
    with pytest.raises(Refused, match="merged into #2"):
        claim_ticket(ticket=source, user=world.agent, now=world.now)


def test_through_the_page(world: World) -> None:
    source, target = opened(world, "a"), opened(world, "b")
    client = world.client("agent")
    answer = client.post(f"/tickets/{source.ref}/merge", {"number": "#2", "version": "1"}, follow=True)
    assert "Merged into" in answer.content.decode()
    assert "merged #1 into this ticket" in client.get(f"/tickets/{target.ref}").content.decode()
    move = Move.objects.get()
    assert world.client("zhao").post(f"/tickets/{source.ref}/move-undone", {"move": move.ref}).status_code == 404
    other = opened(world, "c", customer_id=world.social.pk, opened_by=world.stranger)
    assert client.post(f"/tickets/{other.ref}/move-undone", {"move": move.ref}).status_code == 404
    assert client.post(f"/tickets/{source.ref}/move-undone", {"move": move.ref}).status_code == 302
    assert source.messages.count() == 1
    assert client.post(f"/tickets/{source.ref}/merge", {"number": "99", "version": "3"}).status_code == 409
    messages = [reply(ticket=target, author=world.zhao, body="another matter", now=world.now).pk]
    client.post(f"/tickets/{target.ref}/split", {"message": messages, "title": "Another matter"})
    split = Ticket.objects.get(title="Another matter")
    assert [message.body for message in split.messages.all()] == ["another matter"]
    assert client.get(f"/tickets/{split.ref}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_crosswise_one_wins_and_the_other_is_told() -> None:
    world = make_world()
    one, two = opened(world, "a"), opened(world, "b")
    ready, told = threading.Barrier(3), []

    def run(do: Any) -> None:
        ready.wait()
        try:
            do()
        except Refused as refused:
            told.append(refused.sentence)
        finally:
            connection.close()

    deeds = [
        lambda: merge_tickets(source=one, target=two, actor=world.agent, now=world.now),
        lambda: merge_tickets(source=two, target=one, actor=world.eng, now=world.now),
        lambda: reply(ticket=one, author=world.zhao, body="meanwhile", now=world.now),
    ]
    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert Ticket.objects.filter(merged_into__isnull=False).count() == 1
    assert Message.objects.filter(ticket=Ticket.objects.get(merged_into=None)).count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reply_at_once_one_wins_and_the_second_is_told_who_did() -> None:
    world = make_world()
    ticket = opened(world)
    ready, told = threading.Barrier(2), []

    def answer(name: str) -> None:
        ready.wait()
        try:
            reply(ticket=ticket, author=world.people[name], body=f"from {name}", version=1, now=world.now)
        except Refused as refused:
            told.append((name, refused.sentence))
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[name]) for name in ("agent", "eng")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = ticket.messages.order_by("-pk")[0].author
    assert winner is not None
    [(loser, sentence)] = told
    assert sentence.startswith(f"{winner.name} was here first")
    assert world.people[loser] != winner
