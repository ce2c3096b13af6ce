"""Tiers over the API: handing up and back, what a ticket needs, and the board of what is stuck where."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from aftercare.desk.actions.agents import set_needs
from aftercare.desk.actions.tiers import hand_over, return_with_answer
from aftercare.desk.api.door import handler, staff
from aftercare.desk.api.schemas import PersonOut, TicketOut
from aftercare.desk.models import HandOver, Ticket
from aftercare.desk.routing.queries import Column, course_of
from aftercare.desk.routing.queries import board as columns_of_board
from aftercare.kernel.clock import utc_now

router = Router(tags=["tiers"])


class HandOverIn(Schema):
    """To tier 2, or to R&D (3), with why and what was tried."""

    tier: int
    reason: str
    tried: str
    version: int | None = None


class HandOverOut(Schema):
    """A ticket passed up, until it comes back with an answer."""

    ref: str
    from_tier: int
    to_tier: int
    reason: str
    tried: str
    by: PersonOut | None
    at: datetime
    due_at: datetime
    answer: str
    returned_by: PersonOut | None
    returned_at: datetime | None


class TierAnswerIn(Schema):
    """What it comes back with."""

    answer: str


class NeedsIn(Schema):
    """What the ticket asks of a person."""

    language: str = Field(description="zh-hans or en")
    skill: str = ""


class CourseOut(Schema):
    """Where a ticket stands with us, and why it is with whom it is, or what stands in everybody's way."""

    tier: int
    language: str
    skill: str
    waiting_since: datetime | None
    why: str
    hand_overs: list[HandOverOut]


class StuckOut(Schema):
    """One ticket on the board: since when it is there, and by when an answer is due inside."""

    ticket: TicketOut
    since: datetime
    due_at: datetime | None
    reason: str


class ColumnOut(Schema):
    """One tier, oldest first; `total` counts those that are not shown too."""

    tier: int
    label: str
    total: int
    rows: list[StuckOut]


@router.get("/tickets/{ref}/course", response=CourseOut, summary="A ticket's way through the tiers")
def course(request: HttpRequest, ref: str) -> dict[str, Any]:
    """What staff see of its routing; hand-overs newest first."""
    _user, ticket = handler(request, ref)
    return told(ticket)


@router.post("/tickets/{ref}/hand-over", response=CourseOut, summary="Hand a ticket up")
def up(request: HttpRequest, ref: str, facts: HandOverIn) -> dict[str, Any]:
    """It waits there for whoever fits, under the tier's own clock. 409 with who was first if it changed."""
    user, ticket = handler(request, ref)
    hand_over(
        ticket=ticket,
        to_tier=facts.tier,
        reason=facts.reason,
        tried=facts.tried,
        actor=user,
        version=facts.version,
        now=utc_now(),
    )
    return told(ticket)


@router.post("/tickets/{ref}/return", response=CourseOut, summary="Bring a ticket back with an answer")
def back(request: HttpRequest, ref: str, facts: TierAnswerIn) -> dict[str, Any]:
    """To the tier and the person who handed it over."""
    user, ticket = handler(request, ref)
    return_with_answer(ticket=ticket, answer=facts.answer, actor=user, now=utc_now())
    return told(ticket)


@router.put("/tickets/{ref}/needs", response=CourseOut, summary="Say what a ticket needs")
def needs(request: HttpRequest, ref: str, facts: NeedsIn) -> dict[str, Any]:
    """Which language and skill it asks for."""
    user, ticket = handler(request, ref)
    set_needs(ticket=ticket, language=facts.language, skill=facts.skill, actor=user, now=utc_now())
    return told(ticket)


@router.get("/board", response=list[ColumnOut], summary="What is stuck where")
def board(request: HttpRequest) -> list[Column]:
    """A column per tier, at most 50 tickets in each."""
    staff(request)
    return columns_of_board()


def told(ticket: Ticket) -> dict[str, Any]:
    """The course as it stands."""
    known = course_of(ticket)
    routing = known.routing
    return {
        "tier": routing.tier if routing else 1,
        "language": routing.language if routing else "",
        "skill": routing.skill if routing else "",
        "waiting_since": routing.waiting_since if routing else None,
        "why": known.why,
        "hand_overs": list(HandOver.objects.filter(ticket=ticket).select_related("by", "returned_by").order_by("-pk")),
    }
