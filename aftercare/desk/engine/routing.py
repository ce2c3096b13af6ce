"""Giving waiting tickets to whoever is free and fits, and taking back what somebody lets lie."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.audit import actions as audit
from aftercare.desk.actions.assigning import end_assignment, ticket_given
from aftercare.desk.actions.presence import set_presence
from aftercare.desk.models import (
    UNSETTLED,
    AgentProfile,
    Assignment,
    AssignmentEnd,
    EventKind,
    Message,
    PresenceInterval,
    PresenceState,
    Routing,
    Ticket,
    TicketEvent,
)
from aftercare.desk.routing.choice import Choice, Need, choose
from aftercare.desk.routing.people import LOOKED_AT, OWED, agents_now, need_of, waiting
from aftercare.desk.routing.words import why_sentence
from aftercare.notify import actions as notify

log = logging.getLogger(__name__)

PUT_OFF = timedelta(minutes=1)


def give_out(now: datetime) -> int:
    """Give waiting tickets to free people, P1 first, then the longest waiting that fits; returns how many.

    Each is a transaction of its own under locks of ticket and person; any number of processes may call it.
    """
    agents = {agent.user: agent for agent in agents_now()}
    given, hopeless = 0, set[Need]()
    if not any(agent.is_free for agent in agents.values()):
        return 0
    for routing in waiting():
        need = need_of(routing)
        if need in hopeless:
            continue
        choice = choose(need, list(agents.values()))
        if choice.agent is None:
            hopeless.add(need)
            continue
        try:
            given += give(routing.ticket_id, choice, now)
        except Exception:  # one ticket must not keep the others waiting
            log.exception("ticket %s: it could not be given out", routing.ticket_id)
            continue
        agents = {agent.user: agent for agent in agents_now()}
        if not any(agent.is_free for agent in agents.values()):
            break
    return given


@transaction.atomic
def give(ticket_id: int, choice: Choice, now: datetime) -> bool:
    """Give one ticket to the chosen person unless either has changed meanwhile; whether it was given."""
    agent = choice.agent
    row = Ticket.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(pk=ticket_id).first()
    if agent is None or row is None or row.assignee_id is not None or row.status not in UNSETTLED:
        return False
    profile = AgentProfile.objects.select_for_update(of=("self",)).select_related("user").filter(user=agent.user)
    held = profile.first()
    is_on = PresenceInterval.objects.filter(user=agent.user, state=PresenceState.ON, ended_at__isnull=True).exists()
    if held is None or not is_on or Ticket.objects.filter(OWED, assignee=agent.user).count() >= held.capacity:
        return False
    user = held.user
    row.assignee = user
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["assignee", "version", "updated_at"])
    ticket_given(row, to=user, why=choice.why, data=choice.data, now=now)
    tell_event(row, {"to": user.name}, now)
    assignment = Assignment.objects.select_related("user").get(ticket=row, ended_at__isnull=True)
    with translation.override(user.language or "en"):
        notify.push(
            user=user,
            kind="assignment",
            subject_ref=row.ref,
            title=_("#%(number)s is yours: %(title)s") % {"number": row.number, "title": row.display_title},
            body=why_sentence(assignment),
            url_path=f"/tickets/{row.ref}",
            data={"ticket": row.ref},
            now=now,
        )
    return True


def take_back(now: datetime) -> int:
    """Return tickets whose person has been silent past half of the clock to the queue; returns how many."""
    due = Assignment.objects.filter(ended_at__isnull=True, give_back_at__lte=now).order_by("give_back_at", "pk")
    taken = 0
    for assignment_id in list(due.values_list("pk", flat=True)[:LOOKED_AT]):
        try:
            taken += take_one_back(assignment_id, now)
        except Exception:
            log.exception("assignment %s: it could not be taken back", assignment_id)
            Assignment.objects.filter(pk=assignment_id).update(give_back_at=now + PUT_OFF)
    return taken


@transaction.atomic
def take_one_back(assignment_id: int, now: datetime) -> int:
    """One silent person's ticket back into the queue; they are put on away where they have said nothing at all."""
    told = Assignment.objects.select_related("ticket").filter(pk=assignment_id).first()
    if told is None:
        return 0
    row = Ticket.objects.select_for_update(no_key=True, of=("self",)).get(pk=told.ticket_id)
    held = Assignment.objects.select_related("user").filter(
        pk=assignment_id, ended_at__isnull=True, give_back_at__lte=now
    )
    assignment = held.first()
    if assignment is None or row.assignee_id != assignment.user_id:
        return 0
    end_assignment(row, AssignmentEnd.GIVEN_BACK, now)
    row.assignee = None
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["assignee", "version", "updated_at"])
    ticket_given(row, to=None, now=now)
    routing = Routing.objects.get(ticket=row)
    routing.passed_over = sorted({*routing.passed_over, assignment.user_id})
    routing.save(update_fields=["passed_over"])
    tell_event(row, {"to": "", "from": assignment.user.name}, now)
    said_nothing = not Message.objects.filter(author=assignment.user, created_at__gte=assignment.at).exists()
    is_on = PresenceInterval.objects.filter(user=assignment.user, state=PresenceState.ON, ended_at__isnull=True)
    if said_nothing and is_on.exists():
        set_presence(user=assignment.user, state=PresenceState.AWAY, now=now)
    return 1


def tell_event(row: Ticket, data: dict[str, str], now: datetime) -> None:
    """The line in the thread and the audit row of what the system did with a ticket."""
    TicketEvent.objects.create(ticket=row, at=now, kind=EventKind.ASSIGNED, actor=None, data=data)
    audit.record(
        actor=None, action="ticket.assigned", subject=row.ref, customer_id=row.customer_id, detail=data, now=now
    )
