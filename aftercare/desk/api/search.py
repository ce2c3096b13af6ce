"""Search over the API."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from aftercare.accounts.access import person
from aftercare.desk.models import Kind
from aftercare.desk.search.asking import LONGEST
from aftercare.desk.search.excerpts import Piece
from aftercare.desk.search.finding import find
from aftercare.desk.search.showing import Hit, hits_of
from aftercare.web.api import Page, cursor_of, page_number

router = Router(tags=["search"])
KINDS = {"ticket": Kind.TICKET, "group": Kind.GROUP, "contact": Kind.CONTACT}


class HitOut(Schema):
    """One thing that was found, with the words around the hit. One of `ticket`, `group` and `contact` is its ref."""

    title: str
    excerpt: str
    speaker: str
    is_note: bool
    at: datetime
    ticket: str | None
    group: str | None
    contact: str | None


class SearchPage(Page):
    """Hits of one kind, newest first; `counts` are exact and of every kind."""

    total: int
    counts: dict[str, int]
    troubles: list[str] = Field(description="what of the question could not be used, in sentences")
    hits: list[HitOut]


@router.get("/search", response=SearchPage, summary="Search")
def search(
    request: HttpRequest,
    q: str = Query("", description='words, "a phrase", and filters: customer: before: status: has:attachment …'),
    kind: str = Query("ticket", description="ticket, group or contact; customers find tickets"),
    cursor: str = "",
) -> dict[str, Any]:
    """Search everything the caller may read: tickets with their messages, groups, contacts."""
    user = person(request)
    words = q.strip()[:LONGEST]
    found = find(user, words, kind=KINDS.get(kind, Kind.TICKET), page=page_number(cursor))
    return {
        "total": found.total,
        "counts": {name: found.counts.get(one, 0) for name, one in KINDS.items()},
        "troubles": [str(trouble) for trouble in found.asked.troubles],
        "hits": [told(hit) for hit in hits_of(user, found)],
        "next": cursor_of(found.page + 1) if found.page < found.pages else None,
    }


def told(hit: Hit) -> dict[str, Any]:
    """A hit without its marks."""
    return {
        "title": text_of(hit.title),
        "excerpt": text_of(hit.words),
        "speaker": hit.speaker,
        "is_note": hit.is_note,
        "at": hit.at,
        "ticket": hit.ticket.ref if hit.ticket else None,
        "group": hit.group.ref if hit.group else None,
        "contact": hit.contact.ref if hit.contact else None,
    }


def text_of(pieces: list[Piece]) -> str:
    """Pieces as one text."""
    return "".join(piece.text for piece in pieces)
