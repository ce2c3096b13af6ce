"""Claiming, handing over, grading, solving, reopening, confirming."""

import threading

import pytest
from django.db import connection

from aftercare.desk.actions import claim_ticket, open_ticket
from aftercare.desk.models import Status, Ticket
from aftercare.kernel.errors import Refused
from tests.world import World, make_world


def test_claim(world: World, ticket: Ticket) -> None:
    assert world.client("agent").post(f"/tickets/{ticket.ref}/claim").status_code == 302
    answer = world.client("eng").post(f"/tickets/{ticket.ref}/claim")
    assert answer.status_code == 409
    assert "Wang has already claimed this ticket" in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.assignee == world.agent


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_wins() -> None:
    world = make_world()
    ticket = open_ticket(
        customer_id=world.show.pk, app_id=None, title="t", severity="P4", body="x", opened_by=None, now=world.now
    )
    ready, told = threading.Barrier(2), []

    def claim(name: str) -> None:
        ready.wait()
        try:
            claim_ticket(ticket=ticket, user=world.people[name], now=world.now)
        except Refused as refused:
            told.append((name, refused.sentence))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[name]) for name in ("agent", "eng")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ticket.refresh_from_db()
    assert ticket.assignee is not None
    loser = "eng" if ticket.assignee == world.agent else "agent"
    assert told == [(loser, f"{ticket.assignee.name} has already claimed this ticket.")]
    assert ticket.version == 2


def test_hand_over_and_give_back(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    path = f"/tickets/{ticket.ref}/assignment"
    assert client.post(path, {"assignee": world.eng.ref, "version": "1"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.assignee == world.eng
    assert client.post(path, {"assignee": "", "version": "1"}).status_code == 409
    assert client.post(path, {"assignee": "", "version": "2"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_rejects_an_assignee_of_the_customer(world: World, ticket: Ticket) -> None:
    for ref in (world.zhao.ref, "nobody"):
        data = {"assignee": ref, "version": "1"}
        assert world.client("agent").post(f"/tickets/{ticket.ref}/assignment", data).status_code == 409


def test_grade(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    client.post(f"/tickets/{ticket.ref}/severity", {"severity": "P1", "version": "1"})
    ticket.refresh_from_db()
    assert ticket.severity == "P1"
    assert "changed the severity from P2 to P1" in client.get(f"/tickets/{ticket.ref}").content.decode()
    assert client.post(f"/tickets/{ticket.ref}/severity", {"severity": "P9", "version": "2"}).status_code == 409


def test_solve_confirm_reopen(world: World, ticket: Ticket) -> None:
    agent, zhao, path = world.client("agent"), world.client("zhao"), f"/tickets/{ticket.ref}"
    assert zhao.post(f"{path}/confirmation").status_code == 409
    agent.post(f"{path}/solution", {"version": "1"})
    assert "Confirm it is solved" in zhao.get(path).content.decode()
    zhao.post(f"{path}/confirmation")
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    refused = zhao.post(f"{path}/messages", {"body": "one more thing"})
    assert refused.status_code == 409
    assert "Open a new one and mention #1" in refused.content.decode()
    zhao.post(f"{path}/reopening")
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_solving_an_unread_reply_is_refused(world: World, ticket: Ticket) -> None:
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "wait, not yet"})
    answer = world.client("agent").post(f"/tickets/{ticket.ref}/solution", {"version": "1"})
    assert answer.status_code == 409
    assert "Zhao was here first" in answer.content.decode()
