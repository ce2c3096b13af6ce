"""One problem of many customers: a parent ticket whose answer goes to every child, each in its own ticket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.handling import resolve_ticket
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.talking import reply
from aftercare.desk.macros import language_of
from aftercare.desk.models import Message, Status, Ticket
from aftercare.kernel.errors import Refused


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket of many; `why_not` is empty where it was done."""

    ticket: Ticket
    why_not: str = ""


@transaction.atomic
def set_parent(*, ticket: Ticket, parent: Ticket | None, actor: User, now: datetime) -> Ticket:
    """Make the ticket a child of `parent`, or nobody's. Raises Refused for itself, or for families of three levels."""
    pair = [ticket] if parent is None else sorted((ticket, parent), key=lambda one: one.pk)
    rows = {one.pk: locked(one, None) for one in pair}
    row = rows[ticket.pk]
    if parent is not None and (
        parent.pk == ticket.pk or rows[parent.pk].parent_id is not None or row.children.exists()
    ):
        raise Refused(_("A parent has no parent itself, and a child no children. Choose the topmost ticket."))
    row.parent = parent
    row.save(update_fields=["parent"])
    detail = {"parent": parent.ref if parent else ""}
    audit.record(
        actor=actor, action="ticket.parent", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now
    )
    return row


def answer_family(
    *, parent: Ticket, body: str, body_zh: str, author: User, solves: bool = False, now: datetime
) -> list[Outcome]:
    """Say the same in the parent and in every child that is not closed, to each in the language of who asked.

    Each ticket is a transaction of its own: one that refuses keeps nobody else from hearing.
    """
    if not body.strip() and not body_zh.strip():
        raise Refused(_("The message is empty. Write something, then send."))

    def say(ticket: Ticket) -> None:
        answer_in_their_language(ticket=ticket, author=author, body=body, body_zh=body_zh, now=now)
        if solves:
            resolve_ticket(ticket=ticket, user=author, now=now)

    children = parent.children.exclude(status=Status.CLOSED).select_related("customer", "contact", "opened_by")
    return one_by_one([parent, *children.order_by("pk")], say)


def answer_in_their_language(
    *, ticket: Ticket, author: User, body: str, body_zh: str, keeps_working: bool = False, now: datetime
) -> Message:
    """Reply in the language of who asked; where that text is empty, in the other one."""
    words = (body_zh or body) if language_of(ticket).startswith("zh") else (body or body_zh)
    return reply(ticket=ticket, author=author, body=words, keeps_working=keeps_working, now=now)


def one_by_one(tickets: Sequence[Ticket], do: Callable[[Ticket], object]) -> list[Outcome]:
    """Do it to each ticket in its own transaction; what became of each, in order."""
    outcomes = []
    for ticket in tickets:
        try:
            with transaction.atomic():
                do(ticket)
        except Refused as refused:
            outcomes.append(Outcome(ticket, refused.sentence))
        else:
            outcomes.append(Outcome(ticket))
    return outcomes
