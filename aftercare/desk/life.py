"""What becomes of a ticket when nobody does anything: asked, reminded, told that it will close, closed, called back.

Every step is a row (`LifeStep`, `CallBack`) written with what caused it; `desk.engine` takes those that are due. Words
of the customer call everything off.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from aftercare.accounts.models import User
from aftercare.desk import notices
from aftercare.desk.kinds import VAGUE
from aftercare.desk.models import CallBack, LifeKind, LifeStep, Rating, Severity, Ticket

NOTICE_BEFORE = timedelta(days=2)
REMIND_AFTER = timedelta(days=2)
CALL_AFTER = timedelta(days=1)
FOLLOWS_WITHIN = timedelta(days=7)


def close_after() -> timedelta | None:
    """How long after it was solved a ticket closes by itself; None is never."""
    days: int = settings.CLOSE_AFTER_DAYS
    return timedelta(days=days) if days else None


def begin_closing(ticket: Ticket, user: User | None, now: datetime) -> Rating:
    """A ticket was solved: ask its customer how it was, and plan the notice before it closes by itself. Returns the
    question.
    """
    call_off(ticket)
    rating, _is_new = Rating.objects.get_or_create(ticket=ticket, solved_at=now, defaults={"solved_by": user})
    silence = close_after()
    closes_at = now + silence if silence else None
    if closes_at is not None:
        plan(ticket, LifeKind.NOTICE, max(now, closes_at - NOTICE_BEFORE))
    notices.tell_of_solving(ticket, rating, user, closes_at, now=now)
    return rating


def closing_at(ticket: Ticket) -> datetime | None:
    """When a solved ticket closes by itself, as far as it is planned; None where it is not."""
    silence = close_after()
    waiting = LifeStep.objects.filter(ticket=ticket, done_at=None, kind__in=(LifeKind.NOTICE, LifeKind.CLOSE)).first()
    if waiting is None or ticket.solved_at is None or silence is None:
        return None
    return waiting.due_at if waiting.kind == LifeKind.CLOSE else max(ticket.solved_at + silence, waiting.due_at)


def plan_reminder(ticket: Ticket, now: datetime) -> None:
    """We wait for the customer: remind them once after a while."""
    plan(ticket, LifeKind.REMIND, now + REMIND_AFTER)


def plan(ticket: Ticket, kind: LifeKind, due_at: datetime) -> None:
    """Let this step be due then, in place of one of its kind that still waits. The caller holds the ticket's lock."""
    if not LifeStep.objects.filter(ticket=ticket, kind=kind, done_at=None).update(due_at=due_at):
        LifeStep.objects.create(ticket=ticket, kind=kind, due_at=due_at)


def call_off(ticket: Ticket) -> None:
    """Nothing of what was planned happens. The caller holds the ticket's lock, as does the engine at its work."""
    LifeStep.objects.filter(ticket=ticket, done_at=None).delete()


def plan_call_after(ticket: Ticket, now: datetime) -> None:
    """A P1 that is over: whoever had it phones the customer the day after."""
    if ticket.severity == Severity.P1 and not ticket.call_backs.exists():
        CallBack.objects.create(ticket=ticket, owner=ticket.assignee, due_at=now + CALL_AFTER, created_at=now)


def followed_by(customer_id: int, kind: str, app_id: int | None, now: datetime) -> Ticket | None:
    """The ticket whose problem a new one of this kind brings back: solved within a week, of the same app if known."""
    if kind in VAGUE:
        return None
    solved = Ticket.objects.filter(customer_id=customer_id, kind=kind, solved_at__gte=now - FOLLOWS_WITHIN)
    if app_id is not None:
        solved = solved.filter(Q(app_id=app_id) | Q(app_id=None))
    return solved.order_by("-solved_at").first()
