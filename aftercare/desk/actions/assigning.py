"""Keeping who has a ticket and why, beside `Ticket.assignee`: everything that changes the one calls this for the other.

All of it runs in the transaction of the change, on a locked ticket.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aftercare.accounts.models import User
from aftercare.desk.actions.presence import wake_routing
from aftercare.desk.models import AgentProfile, Assignment, AssignmentEnd, Routing, Severity, Ticket, Tier
from aftercare.desk.routing.targets import give_back_at


def routing_of(ticket: Ticket, *, now: datetime) -> Routing:
    """Where the ticket stands with us; begun as a waiting one of tier 1 the first time."""
    language = ticket.group.language if ticket.group else ""
    if not language and ticket.opened_by is not None and ticket.opened_by.customer_id:
        language = ticket.opened_by.language
    routing, _is_new = Routing.objects.get_or_create(
        ticket=ticket,
        defaults={
            "tier": Tier.FIRST,
            "language": language or ticket.customer.language,
            "urgency": urgency_of(ticket),
            "waiting_since": None if ticket.assignee_id else ticket.waiting_since or now,
        },
    )
    return routing


def ticket_given(
    ticket: Ticket, *, to: User | None, why: str = "claimed", data: Mapping[str, Any] | None = None, now: datetime
) -> None:
    """The ticket's assignee has become `to`, None for the queue: end the old assignment, begin the new."""
    end_assignment(ticket, AssignmentEnd.HANDED_ON, now)
    if to is not None:
        ticket_taken(ticket, to, why=why, data=data or {}, now=now)
        return
    routing = routing_of(ticket, now=now)
    if routing.waiting_since is None:
        routing.waiting_since = ticket.waiting_since or now
        routing.save(update_fields=["waiting_since"])
    wake_routing()


def urgency_of(ticket: Ticket) -> int:
    """What is down goes before everything else; the rest by its wait alone."""
    return 0 if ticket.severity == Severity.P1 else 1


def graded(ticket: Ticket) -> None:
    """The ticket's severity has changed."""
    Routing.objects.filter(ticket=ticket).update(urgency=urgency_of(ticket))


def ticket_taken(
    ticket: Ticket, to: User, *, why: str, data: Mapping[str, Any], now: datetime, is_routed: bool | None = None
) -> None:
    """Somebody has a ticket that nobody had; `is_routed` says whether that person takes routed tickets, where known."""
    if not Routing.objects.filter(ticket=ticket).update(waiting_since=None):
        routing_of(ticket, now=now)
    begin_assignment(ticket, to, why, data, now, is_routed=takes_routed(to) if is_routed is None else is_routed)


def takes_routed(user: User) -> bool:
    """Whether this person takes routed tickets."""
    return AgentProfile.objects.filter(user=user).exists()


def begin_assignment(
    ticket: Ticket, user: User, why: str, data: Mapping[str, Any], now: datetime, *, is_routed: bool
) -> Assignment:
    """The row of an assignment; silence gives it back where the customer waits and the person takes routed tickets."""
    is_timed = ticket.waiting_since is not None and is_routed
    return Assignment.objects.create(
        ticket=ticket,
        user=user,
        why=why,
        data=dict(data),
        at=now,
        give_back_at=give_back_at(ticket, at=now) if is_timed else None,
    )


def end_assignment(ticket: Ticket, end: AssignmentEnd, now: datetime) -> None:
    """The open assignment is over."""
    Assignment.objects.filter(ticket=ticket, ended_at__isnull=True).update(ended_at=now, end=end, give_back_at=None)


def ticket_settled(ticket: Ticket, *, now: datetime) -> None:
    """Nobody waits any more; the person who had it is free for another."""
    end_assignment(ticket, AssignmentEnd.SETTLED, now)
    Routing.objects.filter(ticket=ticket).update(waiting_since=None, passed_over=[])
    wake_routing()


def customer_spoke(ticket: Ticket, *, now: datetime) -> None:
    """Words of the customer: whoever has the ticket owes an answer, nobody has it then it waits."""
    routing = routing_of(ticket, now=now)
    if ticket.assignee is None:
        if routing.waiting_since is None or ticket.waiting_since == now:
            routing.waiting_since = ticket.waiting_since or now
            routing.save(update_fields=["waiting_since"])
        wake_routing()
        return
    held = Assignment.objects.filter(ticket=ticket, ended_at__isnull=True).first()
    if held is None:
        begin_assignment(ticket, ticket.assignee, "kept", {}, now, is_routed=takes_routed(ticket.assignee))
    elif held.give_back_at is None and takes_routed(ticket.assignee):
        held.give_back_at = give_back_at(ticket, at=now)
        held.save(update_fields=["give_back_at"])


def we_spoke(ticket: Ticket) -> None:
    """Public words of ours: silence is over, whoever said them."""
    held = Assignment.objects.filter(ticket=ticket, ended_at__isnull=True)
    if held.exclude(give_back_at=None).update(give_back_at=None):
        wake_routing()
