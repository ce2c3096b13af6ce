"""Tickets find their people."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from aftercare.accounts.actions.people import deactivate_person
from aftercare.accounts.models import User
from aftercare.clocks import actions as clocks
from aftercare.clocks.types import Policy
from aftercare.desk import actions
from aftercare.desk.actions.agents import set_expert
from aftercare.desk.actions.claiming import claim_next
from aftercare.desk.actions.presence import set_presence
from aftercare.desk.engine.routing import give_out, take_back
from aftercare.desk.models import Assignment, PresenceInterval, Routing, Ticket
from aftercare.desk.tests.team import asks, takes
from aftercare.notify import actions as notify
from aftercare.notify.models import Delivery
from tests.world import World, make_world

MINUTE = timedelta(minutes=1)


def process_due(now: datetime) -> int:
    """What the desk's engine does about routing."""
    return take_back(now) + give_out(now)


def given_back_at(ticket: Ticket) -> datetime:
    """When silence gives the ticket back."""
    at = Assignment.objects.get(ticket=ticket, ended_at=None).give_back_at
    assert at is not None
    return at


def who(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.assignee.name if ticket.assignee else ""


def test_it_works(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    assert process_due(world.now) == 1
    assert who(ticket) == "Wang"
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Wang is the only one who is on, fits and has room (0 of 6)." in page
    assert "Without a word it goes back to the queue" in page
    told = Delivery.objects.get(user=world.agent, kind="assignment")
    assert told.title == "#1 is yours: Black screen"
    assert "the only one who is on" in told.body
    assert process_due(world.now) == 0


def test_the_reasons_are_not_the_customers(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    process_due(world.now)
    page = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "handed the ticket to Wang" in page
    assert "has room" not in page


@pytest.mark.parametrize("state", ["away", "off"])
def test_who_is_not_on_gets_nothing(world: World, state: str) -> None:
    takes(world, world.agent)
    set_presence(user=world.agent, state=state, now=world.now)
    ticket = asks(world)
    assert process_due(world.now) == 0
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Nobody can take it now: 1 is not on." in page
    world.client("agent").post("/presence", {"state": "on"})
    process_due(world.now)
    assert who(ticket) == "Wang"


def test_without_a_profile_nothing_is_routed(world: World) -> None:
    set_presence(user=world.agent, state="on", now=world.now)
    ticket = asks(world)
    assert process_due(world.now) == 0
    assert (
        "Nobody takes tickets by themselves yet" in world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    )


def test_who_frees_up_gets_the_longest_waiting_that_fits(world: World) -> None:
    takes(world, world.agent, capacity=1, scenarios=["show_live"])
    held = asks(world, "held", at=world.now - 9 * MINUTE)
    process_due(world.now)
    unfit = asks(world, "other", at=world.now - 8 * MINUTE, customer_id=world.social.pk, app_id=world.social_app.pk)
    newer = asks(world, "newer", at=world.now - 2 * MINUTE)
    older = asks(world, "older", at=world.now - 7 * MINUTE)
    assert process_due(world.now) == 0
    actions.resolve_ticket(ticket=held, user=world.agent, now=world.now)
    assert process_due(world.now) == 1
    assert (who(older), who(newer), who(unfit)) == ("Wang", "", "")


def test_an_emergency_goes_before_what_waits_longer(world: World) -> None:
    takes(world, world.agent, capacity=1)
    waits = asks(world, "waits", at=world.now - 30 * MINUTE)
    down = asks(world, "down", severity="P1")
    process_due(world.now)
    assert (who(down), who(waits)) == ("Wang", "")


def test_a_key_customers_expert_then_deputy(world: World) -> None:
    takes(world, world.eng)
    takes(world, world.agent)
    takes(world, world.success)
    set_expert(customer=world.show, place="expert", user=world.eng, actor=world.ada, now=world.now)
    set_expert(customer=world.show, place="deputy", user=world.success, actor=world.ada, now=world.now)
    first = asks(world)
    process_due(world.now)
    assert who(first) == "Lin"
    set_presence(user=world.eng, state="away", now=world.now)
    second = asks(world)
    process_due(world.now)
    assert who(second) == "Sun"
    page = world.client("agent").get(f"/tickets/{second.ref}").content.decode()
    assert "Sun is the deputy; the named expert Lin is not on now." in page


def test_silence_past_half_of_the_clock_gives_it_back(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    clocks.cancel(kind="first_response", subject_ref=ticket.ref, at=world.now)
    clocks.start(
        kind="first_response",
        subject_ref=ticket.ref,
        customer_id=ticket.customer_id,
        policy=Policy(1200),
        at=world.now,
    )
    process_due(world.now)
    takes(world, world.eng)
    process_due(world.now + 10 * MINUTE - timedelta(seconds=1))
    assert who(ticket) == "Wang"
    process_due(world.now + 10 * MINUTE)
    assert who(ticket) == "Lin"
    present = PresenceInterval.objects.get(user=world.agent, ended_at__isnull=True)
    assert present.state == "away", "who lets a ticket lie gets no other until they say that they are here"
    assert Routing.objects.get(ticket=ticket).passed_over == [world.agent.pk]
    end = Assignment.objects.get(user=world.agent)
    assert end.end == "given_back"


def test_words_of_ours_end_the_silence(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    process_due(world.now)
    actions.reply(ticket=ticket, author=world.agent, body="looking", now=world.now + MINUTE)
    process_due(world.now + 600 * MINUTE)
    assert who(ticket) == "Wang"
    actions.reply(ticket=ticket, author=world.zhao, body="and?", now=world.now + 601 * MINUTE)
    late = given_back_at(ticket)
    process_due(late - timedelta(seconds=1))
    assert who(ticket) == "Wang"
    process_due(late)
    assert who(ticket) == ""


def test_whoever_gets_it_late_still_has_time_for_a_word(world: World) -> None:
    ticket = asks(world, at=world.now - 9 * MINUTE)
    clocks.cancel(kind="first_response", subject_ref=ticket.ref, at=world.now)
    clocks.start(
        kind="first_response",
        subject_ref=ticket.ref,
        customer_id=ticket.customer_id,
        policy=Policy(600),
        at=world.now - 9 * MINUTE,
    )
    takes(world, world.agent)
    process_due(world.now)
    process_due(world.now + 1 * MINUTE)
    assert who(ticket) == "Wang"


def test_who_comes_on_again_is_asked_again(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    process_due(world.now)
    late = given_back_at(ticket)
    process_due(late)
    assert who(ticket) == ""
    set_presence(user=world.agent, state="on", now=late + MINUTE)
    process_due(late + MINUTE)
    assert who(ticket) == "Wang"


def test_a_claim_without_a_profile_is_never_taken_back(world: World) -> None:
    ticket = asks(world)
    world.client("agent").post(f"/tickets/{ticket.ref}/claim")
    process_due(world.now + timedelta(days=3))
    assert who(ticket) == "Wang"
    assert "Wang claimed it." in world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()


def test_what_a_leaver_has_goes_back(world: World) -> None:
    takes(world, world.agent)
    ticket = asks(world)
    process_due(world.now)
    takes(world, world.eng)
    deactivate_person(user=world.agent, actor=world.ada, now=world.now)
    process_due(world.now)
    assert who(ticket) == "Lin"


def test_settings_by_form(world: World) -> None:
    form = {"routed": "on", "tiers": ["1", "2"], "skills": "WebRTC，Android, webrtc", "capacity": "4"}
    assert world.client("agent").post(f"/routing/people/{world.agent.ref}", form).status_code == 403
    assert world.client("zhao").get("/routing").status_code == 404
    world.client("mei").post(f"/routing/people/{world.agent.ref}", form)
    profile = world.agent.agent_profile
    assert (profile.tiers, profile.skills, profile.capacity) == ([1, 2], ["android", "webrtc"], 4)
    for bad in ({"tiers": ["9"]}, {"tiers": []}, {"capacity": "0"}, {"capacity": "99999"}, {"languages": ["xx"]}):
        answer = world.client("mei").post(f"/routing/people/{world.eng.ref}", {**form, **bad}, follow=True)
        assert not hasattr(world.eng, "agent_profile"), bad
        assert answer.status_code == 200
    world.client("mei").post(f"/routing/customers/{world.show.ref}", {"expert": world.eng.ref, "deputy": ""})
    assert world.show.experts.get().user == world.eng
    world.client("mei").post(f"/routing/customers/{world.show.ref}", {"expert": world.zhao.ref})
    assert world.show.experts.get().user == world.eng
    assert "webrtc" in world.client("mei").get("/routing").content.decode()
    world.client("mei").post(f"/routing/people/{world.agent.ref}", {})
    world.agent.refresh_from_db()
    assert not hasattr(world.agent, "agent_profile") or world.agent.agent_profile.pk is None


def test_one_ticket_that_fails_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    takes(world, world.agent)
    bad, good = asks(world, "bad", at=world.now - MINUTE), asks(world, "good")
    push = notify.push

    def fails(**told: Any) -> Delivery:
        if told["subject_ref"] == bad.ref:
            raise RuntimeError("the process dies here")
        return push(**told)

    monkeypatch.setattr("aftercare.desk.engine.routing.notify.push", fails)
    assert process_due(world.now) == 1
    assert (who(bad), who(good)) == ("", "Wang")
    assert not Assignment.objects.filter(ticket=bad).exists(), "nothing is left half done"
    monkeypatch.undo()
    process_due(world.now)
    assert who(bad) == "Wang"


@pytest.mark.django_db(transaction=True)
def test_two_workers_give_a_ticket_once_and_nobody_too_many() -> None:
    world = make_world()
    takes(world, world.agent, capacity=3)
    takes(world, world.eng, capacity=2)
    for number in range(8):
        asks(world, f"t{number}")
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        try:
            give_out(world.now)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    give_out(world.now)
    loads = [Ticket.objects.filter(assignee=user).count() for user in (world.agent, world.eng)]
    assert loads == [3, 2]
    assert Assignment.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_the_next_nobody_gets_anothers() -> None:
    world = make_world()
    for number in range(6):
        asks(world, f"t{number}")
    people = [world.agent, world.eng, world.success, world.mei]
    ready, got = threading.Barrier(len(people)), list[int]()

    def take(user: User) -> None:
        ready.wait()
        try:
            for _ in range(2):
                ticket = claim_next(user=user, now=world.now)
                if ticket is not None:
                    got.append(ticket.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(Ticket.objects.values_list("pk", flat=True))
    assert claim_next(user=world.agent, now=world.now) is None


def test_take_the_next_by_button(world: World) -> None:
    takes(world, world.agent, languages=["en"])
    asks(world, "older, in Chinese", at=world.now - MINUTE, opened_by=None)
    english = asks(world, "in English", customer_id=world.social.pk, app_id=None, opened_by=world.stranger)
    assert world.client("agent").post("/tickets/next")["Location"] == f"/tickets/{english.ref}"
    assert world.client("agent").post("/tickets/next")["Location"] == "/tickets"
    assert world.client("zhao").post("/tickets/next").status_code == 404
    assert world.client("agent").get("/tickets/next").status_code == 405
