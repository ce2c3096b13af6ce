"""The board of what is stuck where, and handing a ticket up and back."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.models import User
from aftercare.desk.actions.agents import set_needs
from aftercare.desk.actions.tiers import hand_over, return_with_answer
from aftercare.desk.models import Ticket
from aftercare.desk.routing.queries import board as columns_of_board
from aftercare.desk.views.places import places
from aftercare.desk.views.staff import staff_page, told, whole_number
from aftercare.desk.views.writes import deed, version_of


@staff_page()
def board(request: HttpRequest) -> HttpResponse:
    """A column per tier, oldest first."""
    return render(request, "desk/board.html", {"places": places("board"), "columns": columns_of_board()})


@deed(provider=True)
def up(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Hand the ticket up a tier."""
    hand_over(
        ticket=ticket,
        to_tier=whole_number(told(request, "tier")),
        reason=told(request, "reason"),
        tried=told(request, "tried"),
        actor=user,
        version=version_of(request),
        now=now,
    )


@deed(provider=True)
def back(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Bring it back with an answer."""
    return_with_answer(ticket=ticket, answer=told(request, "answer"), actor=user, now=now)


@deed(provider=True)
def needs(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Say which language and skill it asks for."""
    set_needs(ticket=ticket, language=told(request, "language"), skill=told(request, "skill"), actor=user, now=now)
