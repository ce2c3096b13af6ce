"""Ending an emergency by the page that woke somebody: its ticket is solved in their name."""

import pytest

from aftercare.accounts import access
from aftercare.desk import engine
from aftercare.desk.models import Ticket
from aftercare.desk.tests.test_green import duty, kinds, raised
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tokens import link_path
from tests.world import World

__all__ = ["duty"]


def test_the_ticket_is_solved_and_the_page_closes_at_once(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    page = Page.objects.get(subject_ref=ticket.ref)
    assert world.client().post(link_path(page, world.eng), {"action": "resolve"}).status_code == 302
    ticket.refresh_from_db()
    page.refresh_from_db()
    assert (ticket.status, page.state) == ("solved", "closed")
    engine.process_due(world.now)
    page.refresh_from_db()
    assert page.state == "closed"


def test_handing_over_is_told_in_the_war_room(world: World, duty: Duty) -> None:
    ticket = raised(world).ticket
    page = Page.objects.get(subject_ref=ticket.ref)
    world.client().post(link_path(page, world.eng), {"action": "hand_over", "to": world.ada.ref})
    assert "passed_on" in kinds(ticket)
    assert "Ada" in world.client("eng").get(f"/tickets/{ticket.ref}").content.decode()


def test_a_role_that_answers_no_tickets_is_told_so(world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = raised(world).ticket
    page = Page.objects.get(subject_ref=ticket.ref)
    monkeypatch.setitem(access.GRANTS, "engineer", access.GRANTS["engineer"] - {"reply_to_tickets"})
    answer = world.client().post(link_path(page, world.eng), {"action": "resolve"})
    assert answer.status_code == 409 and "Your role cannot solve tickets." in answer.content.decode()
    assert Ticket.objects.get(pk=ticket.pk).status != "solved" and Page.objects.get().state == "open"
