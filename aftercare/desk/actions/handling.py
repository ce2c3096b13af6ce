"""Who has the ticket, and where it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk import life, promises
from aftercare.desk.actions.assigning import customer_spoke, graded, ticket_given, ticket_taken
from aftercare.desk.actions.locking import checked_title, locked
from aftercare.desk.actions.rating_request import ask_contact
from aftercare.desk.events import TicketSolved
from aftercare.desk.models import EventKind, Severity, Status, Ticket, TicketEvent
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish


@transaction.atomic
def claim_ticket(*, ticket: Ticket, user: User, now: datetime) -> Ticket:
    """Take the ticket if nobody has it. Raises Refused with the name of whoever does."""
    row = locked(ticket, None)
    refuse_merged(row)
    if row.assignee_id == user.pk:
        return row
    if row.assignee is not None:
        raise Refused(_("%(name)s has already claimed this ticket.") % {"name": row.assignee.name})
    return claim_locked(row, user, now)


def claim_locked(row: Ticket, user: User, now: datetime, *, is_routed: bool | None = None) -> Ticket:
    """Take a ticket whose row the caller has locked and that nobody has; `is_routed` where the caller has looked."""
    row.assignee = user
    ticket_taken(row, user, why="claimed", data={}, now=now, is_routed=is_routed)
    return told(row, user, EventKind.CLAIMED, {}, now, changed=("assignee",))


@transaction.atomic
def assign_ticket(*, ticket: Ticket, assignee: User | None, actor: User, version: int, now: datetime) -> Ticket:
    """Hand the ticket to a colleague, or back to the queue with None. Raises Refused when `version` is stale."""
    row = locked(ticket, version)
    if assignee is not None and (assignee.customer_id is not None or not assignee.is_active):
        raise Refused(_("Choose a colleague who can still sign in."))
    row.assignee = assignee
    ticket_given(row, to=assignee, why="assigned", data={"by": actor.name}, now=now)
    return told(row, actor, EventKind.ASSIGNED, {"to": assignee.name if assignee else ""}, now)


@transaction.atomic
def resolve_ticket(*, ticket: Ticket, user: User | None, version: int | None = None, now: datetime) -> Ticket:
    """Call the problem solved; the customer may confirm or reopen. Nothing happens to a settled ticket."""
    row = locked(ticket, version)
    if row.status in (Status.SOLVED, Status.CLOSED):
        return row
    row.status = Status.SOLVED
    row.solved_at = now
    row.waiting_since = None
    row.snoozed_until = None
    told(row, user, EventKind.SOLVED, {}, now)
    promises.solved(row, now, by_person=user is not None)
    rating = life.begin_closing(row, user, now)
    ask_contact(row, rating, now=now)
    publish(TicketSolved(ticket_id=row.pk, user_id=user.pk if user else None, at=now))
    return row


@transaction.atomic
def reopen_ticket(*, ticket: Ticket, user: User, now: datetime) -> Ticket:
    """Take up a solved or closed ticket again. Nothing happens to an open one."""
    row = locked(ticket, None)
    refuse_merged(row)
    if row.status not in (Status.SOLVED, Status.CLOSED):
        return row
    row.status = Status.OPEN
    row.solved_at = None
    row.waiting_since = now
    customer_spoke(row, now=now)
    told(row, user, EventKind.REOPENED, {}, now)
    life.call_off(row)
    if user.customer_id is None:
        promises.reopened(row, now)
    else:
        promises.customer_spoke(row, now, was_solved=True)
    return row


@transaction.atomic
def close_ticket(*, ticket: Ticket, user: User | None, now: datetime) -> Ticket:
    """Confirm that the problem is over; None is the system, after a long silence. Raises Refused unless it is solved.

    A P1 that is over gets a call-back: somebody phones and asks.
    """
    row = locked(ticket, None)
    if row.status == Status.CLOSED:
        return row
    if row.status != Status.SOLVED:
        raise Refused(_("Only a solved ticket can be confirmed and closed."))
    row.status = Status.CLOSED
    told(row, user, EventKind.CLOSED, {}, now)
    life.call_off(row)
    life.plan_call_after(row, now)
    return row


@transaction.atomic
def set_severity(
    *, ticket: Ticket, severity: str, user: User | None, version: int | None = None, now: datetime
) -> Ticket:
    """Grade the ticket anew. Raises Refused for an unknown severity or a stale `version`."""
    if severity not in Severity.values:
        raise Refused(_("Choose a severity from P1 to P4."))
    row = locked(ticket, version)
    if row.severity == severity:
        return row
    data = {"from": row.severity, "to": severity}
    row.severity = severity
    graded(row)
    told(row, user, EventKind.SEVERITY, data, now)
    promises.regraded(row, now)
    return row


@transaction.atomic
def rename_ticket(*, ticket: Ticket, title: str, title_zh: str = "", user: User | None, now: datetime) -> Ticket:
    """Say better what the ticket is about. Raises Refused for an empty or too long title."""
    row = locked(ticket, None)
    row.title, row.title_zh = checked_title(title), title_zh[:200]
    row.updated_at = now
    row.save(update_fields=["title", "title_zh", "updated_at"])
    detail = {"title": row.title}
    audit.record(
        actor=user, action="ticket.rename", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now
    )
    return row


@transaction.atomic
def link_incident(*, ticket: Ticket, incident_ref: str, actor: User, now: datetime) -> Ticket:
    """Make the ticket part of an incident, which the room above knows by this ref. Raises Refused where it is part of
    another already, and for a ticket that was merged or is closed.
    """
    row = locked(ticket, None)
    refuse_merged(row)
    if row.incident_ref == incident_ref:
        return row
    if row.incident_ref:
        raise Refused(_("#%(number)s is part of another incident already.") % {"number": row.number})
    if row.status == Status.CLOSED:
        raise Refused(_("#%(number)s is closed.") % {"number": row.number})
    row.incident_ref = incident_ref
    return told(row, actor, EventKind.LINKED, {"incident": incident_ref}, now, changed=["incident_ref"])


def move_to_incident(*, from_ref: str, to_ref: str, actor: User, now: datetime) -> int:
    """Every ticket of one incident, closed and merged ones too, is part of another from now on; returns how many."""
    about = list(Ticket.objects.filter(incident_ref=from_ref).order_by("pk"))
    for ticket in about:
        row = locked(ticket, None)
        row.incident_ref = to_ref
        told(row, actor, EventKind.LINKED, {"incident": to_ref, "before": from_ref}, now, changed=["incident_ref"])
    return len(about)


def refuse_merged(row: Ticket) -> None:
    """Raise Refused for a ticket that went into another: that one is to be worked on."""
    if row.merged_into is not None:
        raise Refused(_("This ticket was merged into #%(number)s. Go on there.") % {"number": row.merged_into.number})


def told(
    row: Ticket,
    actor: User | None,
    kind: EventKind,
    data: dict[str, Any],
    now: datetime,
    changed: Sequence[str] | None = None,
) -> Ticket:
    """Save a changed ticket, all of it or the fields in `changed`, with its line in the thread and its audit row."""
    row.version += 1
    row.updated_at = now
    row.save(update_fields=None if changed is None else [*changed, "version", "updated_at"])
    TicketEvent.objects.create(ticket=row, at=now, kind=kind, actor=actor, data=data)
    audit.record(
        actor=actor, action=f"ticket.{kind.value}", subject=row.ref, customer_id=row.customer_id, detail=data, now=now
    )
    return row
