"""Merging, splitting and families over the API."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from aftercare.desk import actions
from aftercare.desk.access import tickets_for
from aftercare.desk.api.door import handler
from aftercare.desk.api.schemas import Outcomes, TicketOut
from aftercare.desk.models import Message, Move, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

router = Router(tags=["merging and families"])


class MoveOut(Schema):
    """Messages that went from one ticket to another; it can be undone while `undone_at` is null."""

    ref: str
    kind: str = Field(description="merge or split")
    source: str
    target: str
    moved_at: datetime
    undone_at: datetime | None

    @staticmethod
    def resolve_source(move: Move) -> str:
        """The ref of the ticket that they left."""
        return move.source.ref

    @staticmethod
    def resolve_target(move: Move) -> str:
        """The ref of the ticket that they are in now."""
        return move.target.ref


class MergeIn(Schema):
    """The ticket that this one goes into; of the same customer."""

    into: str
    version: int | None = None


class SplitIn(Schema):
    """The messages that leave, and what the new ticket is called."""

    messages: list[str]
    title: str


class UndoIn(Schema):
    """The move that is undone."""

    move: str


class ParentIn(Schema):
    """The ticket above; null takes it out from under its parent."""

    parent: str | None


class FamilyOut(Schema):
    """The ticket above and those below; of any customer."""

    parent: TicketOut | None
    children: list[TicketOut]


class FamilyAnswerIn(Schema):
    """The same words to the parent and to every child that is not closed, each in the language of who asked."""

    body: str = ""
    body_zh: str = ""
    solve: bool = False


@router.get("/tickets/{ref}/moves", response=list[MoveOut], summary="Merges and splits of a ticket")
def moves(request: HttpRequest, ref: str) -> list[Move]:
    """Those of this ticket, undone ones too, oldest first."""
    _user, ticket = handler(request, ref)
    return list(Move.objects.filter(about(ticket)).select_related("source", "target").order_by("pk"))


@router.post("/tickets/{ref}/merge", response=MoveOut, summary="Merge a ticket into another")
def merge(request: HttpRequest, ref: str, facts: MergeIn) -> Move:
    """Its messages, watchers and tags follow, later words to it go there. 409 with who was first if it changed."""
    user, ticket = handler(request, ref)
    target = tickets_for(user).filter(ref=facts.into).first()
    if target is None:
        raise Refused(_("There is no such ticket to merge into."))
    return actions.merge_tickets(source=ticket, target=target, actor=user, version=facts.version, now=utc_now())


@router.post("/tickets/{ref}/split", response={201: MoveOut}, summary="Split messages off a ticket")
def split(request: HttpRequest, ref: str, facts: SplitIn) -> Status[Move]:
    """Take messages into a ticket of their own; the move's target is the new one."""
    user, ticket = handler(request, ref)
    chosen = list(Message.objects.filter(ticket=ticket, ref__in=facts.messages).values_list("pk", flat=True))
    if len(chosen) != len(set(facts.messages)):
        raise Refused(_("One of these messages is not in this ticket. Read it again, then choose."))
    return Status(
        201, actions.split_ticket(ticket=ticket, messages=chosen, title=facts.title, actor=user, now=utc_now())
    )


@router.post("/tickets/{ref}/move-undone", response=MoveOut, summary="Undo a merge or a split")
def undo(request: HttpRequest, ref: str, facts: UndoIn) -> Move:
    """Everything as it was before; what was said meanwhile stays where it was said."""
    user, ticket = handler(request, ref)
    found = Move.objects.filter(about(ticket), ref=facts.move)
    move = found.select_related("source", "target").first()
    if move is None:
        raise Http404
    return actions.undo_move(move=move, actor=user, now=utc_now())


@router.get("/tickets/{ref}/family", response=FamilyOut, summary="A ticket's parent and children")
def family(request: HttpRequest, ref: str) -> dict[str, Any]:
    """One problem of many customers; the first 200 children."""
    user, ticket = handler(request, ref)
    children = tickets_for(user).filter(parent=ticket).order_by("pk")[:200]
    return {"parent": tickets_for(user).filter(pk=ticket.parent_id or 0).first(), "children": list(children)}


@router.put("/tickets/{ref}/parent", response=TicketOut, summary="Put a ticket under another")
def parent(request: HttpRequest, ref: str, facts: ParentIn) -> Ticket:
    """Make it a child, or nobody's."""
    user, ticket = handler(request, ref)
    above = tickets_for(user).filter(ref=facts.parent).first() if facts.parent else None
    if facts.parent and above is None:
        raise Refused(_("There is no such ticket to be the parent."))
    return actions.set_parent(ticket=ticket, parent=above, actor=user, now=utc_now())


@router.post("/tickets/{ref}/family-answer", response=Outcomes, summary="Answer a whole family")
def answer_family(request: HttpRequest, ref: str, facts: FamilyAnswerIn) -> dict[str, Any]:
    """Say it to the parent and all its children; what became of each is told."""
    user, ticket = handler(request, ref)
    return Outcomes.of(
        actions.answer_family(
            parent=ticket, body=facts.body, body_zh=facts.body_zh, author=user, solves=facts.solve, now=utc_now()
        )
    )


def about(ticket: Ticket) -> Q:
    """Moves from or into this ticket."""
    return Q(source=ticket) | Q(target=ticket)
