"""Hand-overs: up with what was tried, back with an answer, each on its own clock."""

from datetime import timedelta

from aftercare.clocks.models import Clock
from aftercare.desk import actions
from aftercare.desk.actions.tiers import hand_over
from aftercare.desk.engine import process_due
from aftercare.desk.models import HandOver, Message, Routing
from aftercare.desk.tests.team import asks, takes
from tests.world import World

UP = {"tier": "2", "reason": "needs a trace of the edge", "tried": "restarted the player", "version": "1"}


def test_up_and_back(world: World) -> None:
    takes(world, world.eng, tiers=[2])
    ticket = asks(world)
    agent, path = world.client("agent"), f"/tickets/{ticket.ref}"
    agent.post(f"{path}/claim")
    assert agent.post(f"{path}/hand-over", {**UP, "version": "2"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.assignee is None
    clock = Clock.objects.get(kind="handover_t2", subject_ref=ticket.ref)
    assert clock.state == "running"
    process_due(world.now)
    ticket.refresh_from_db()
    assert ticket.assignee == world.eng
    board = agent.get("/board").content.decode()
    assert "needs a trace of the edge" in board
    assert "answer due" in board
    assert "restarted the player" in agent.get(path).content.decode()
    world.client("eng").post(f"{path}/return", {"answer": "the edge was full; moved"})
    ticket.refresh_from_db()
    assert ticket.assignee == world.agent
    clock.refresh_from_db()
    assert clock.state == "stopped"
    assert "the edge was full; moved" in agent.get(path).content.decode()
    assert "It came back to Wang, who had handed it on." in agent.get(path).content.decode()
    assert "needs a trace" not in agent.get("/board").content.decode()


def test_the_customer_sees_that_it_went_up_and_not_why(world: World) -> None:
    ticket = asks(world)
    hand_over(ticket=ticket, to_tier=3, reason="their fault", tried="nothing", actor=world.agent, now=world.now)
    page = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "Wang handed the ticket up to R&amp;D" in page
    assert "their fault" not in page
    assert Message.objects.filter(ticket=ticket, internal=True).count() == 1


def test_a_chain_of_two_comes_back_step_by_step(world: World) -> None:
    ticket = asks(world)
    hand_over(ticket=ticket, to_tier=2, reason="r", tried="t", actor=world.agent, now=world.now)
    hand_over(ticket=ticket, to_tier=3, reason="r", tried="t", actor=world.eng, now=world.now)
    path = f"/tickets/{ticket.ref}/return"
    world.client("ada").post(path, {"answer": "fixed in 4.12"})
    assert Routing.objects.get(ticket=ticket).tier == 2
    world.client("eng").post(path, {"answer": "upgrade to 4.12"})
    assert Routing.objects.get(ticket=ticket).tier == 1
    assert world.client("eng").post(path, {"answer": "again"}).status_code == 409
    inside = Clock.objects.filter(kind__startswith="handover")
    assert set(inside.values_list("kind", "state")) == {("handover_t2", "stopped"), ("handover_rd", "stopped")}


def test_rejects(world: World) -> None:
    ticket = asks(world)
    path = f"/tickets/{ticket.ref}/hand-over"
    agent = world.client("agent")
    for bad in ({"tier": "1"}, {"tier": "9"}, {"tier": "x"}, {"reason": " "}, {"tried": ""}, {"version": "7"}):
        assert agent.post(path, {**UP, **bad}).status_code == 409, bad
    assert not HandOver.objects.exists()
    assert world.client("zhao").post(path, UP).status_code == 404
    assert world.client("stranger").post(path, UP).status_code == 404
    assert world.client("viewer").post(path, UP).status_code == 403
    assert world.client("zhao").get("/board").status_code == 404


def test_settling_ends_what_is_owed_inside(world: World) -> None:
    ticket = asks(world)
    hand_over(ticket=ticket, to_tier=2, reason="r", tried="t", actor=world.agent, now=world.now)
    actions.resolve_ticket(ticket=ticket, user=world.agent, now=world.now + timedelta(minutes=1))
    assert Clock.objects.get(kind__startswith="handover").state == "cancelled"
    assert "Nothing is stuck here" in world.client("agent").get("/board").content.decode()
