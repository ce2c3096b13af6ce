"""Ratings over the API: given by the customer, read by both sides."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema

from aftercare.accounts.access import person
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for, tickets_for
from aftercare.desk.api.door import asker, replier
from aftercare.desk.api.schemas import PersonOut, TicketOut
from aftercare.desk.models import QUESTIONS, Rating, Ticket
from aftercare.desk.quality import first_contact, ratings_for, satisfaction
from aftercare.desk.ratings import why_not
from aftercare.kernel.clock import utc_now
from aftercare.web.api import Page, page_of_rows

router = Router(tags=["ratings"])
SPAN = timedelta(days=30)


class RatingOut(Schema):
    """The question after one solving and its answer: three marks from 1 to 5, all or none."""

    ref: str
    ticket: str
    solved_at: datetime
    solved_by: PersonOut | None
    expertise: int | None
    attitude: int | None
    communication: int | None
    first_contact: bool | None = Field(description="the customer's word on whether it was solved at the first go")
    words: str
    rated_at: datetime | None
    changed_at: datetime | None
    why_not: str = Field(description="why it cannot be answered any more; empty where it can")

    @staticmethod
    def resolve_ticket(rating: Rating) -> str:
        """The ticket's ref."""
        return rating.ticket.ref

    @staticmethod
    def resolve_why_not(rating: Rating) -> str:
        """The sentence."""
        return why_not(rating, utc_now())


class RatingPage(Page):
    """Answers, newest first."""

    ratings: list[RatingOut]


class RatingIn(Schema):
    """Marks from 1 (very bad) to 5 (very good)."""

    expertise: int
    attitude: int
    communication: int
    first_contact: bool | None = None
    words: str = ""


class MarksOut(Schema):
    """One question's marks: their sum and how many there are; `mean` is null without any."""

    question: str
    total: int
    volume: int
    mean: float | None


class RatingFiguresOut(Schema):
    """The last 30 days. `csat` is per cent of who answered, `first_contact` of the solutions that are decided."""

    asked: int
    answered: int
    content: int
    csat: float | None
    marks: list[MarksOut]
    solved: int
    first: int
    undecided: int
    first_contact: float | None


@router.get("/tickets/{ref}/rating", response=RatingOut, summary="A ticket's rating")
def get_rating(request: HttpRequest, ref: str) -> Rating:
    """The newest question and its answer; 404 before it was solved for the first time."""
    return rating_of(get_ticket_for(person(request), ref))


@router.post("/tickets/{ref}/rating", response=RatingOut, summary="Rate how it was solved")
def rate(request: HttpRequest, ref: str, facts: RatingIn) -> Rating:
    """The customer's answer; it can be changed for seven days."""
    user, ticket = asker(request, ref)
    told = facts.model_dump()
    marks = {question: told[question] for question in QUESTIONS}
    return actions.rate(
        rating=rating_of(ticket),
        marks=marks,
        words=facts.words,
        first_contact=facts.first_contact,
        user=user,
        now=utc_now(),
    )


@router.post("/tickets/{ref}/separation", response=TicketOut, summary="Tell a ticket from the earlier one")
def tell_apart(request: HttpRequest, ref: str) -> Ticket:
    """This is not the earlier problem come back: it counts as a first contact of its own."""
    user, ticket = replier(request, ref)
    actions.tell_apart(ticket=ticket, user=user, now=utc_now())
    return get_ticket_for(user, ref)


@router.get("/ratings", response=RatingPage, summary="Ratings")
def list_ratings(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Every answer that the caller may read."""
    said = ratings_for(person(request)).filter(rated_at__isnull=False)
    found, following = page_of_rows(said, cursor, limit)
    return {"ratings": found, "next": following}


@router.get("/ratings/figures", response=RatingFiguresOut, summary="Satisfaction and first-contact resolution")
def figures(request: HttpRequest) -> dict[str, Any]:
    """Of what the caller may see; each figure with the number it stands on."""
    user, now = person(request), utc_now()
    said = satisfaction(ratings_for(user), now - SPAN, now)
    first = first_contact(tickets_for(user), now - SPAN, now, now)
    return {
        "asked": said.asked,
        "answered": said.answered,
        "content": said.content,
        "csat": said.csat,
        "marks": list(said.questions),
        "solved": first.solved,
        "first": first.first,
        "undecided": first.undecided,
        "first_contact": first.rate,
    }


def rating_of(ticket: Ticket) -> Rating:
    """The newest question; Http404 where none was asked."""
    rating = ticket.ratings.select_related("ticket", "solved_by").first()
    if rating is None:
        raise Http404
    return rating
