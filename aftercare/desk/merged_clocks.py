"""What a merge, a split and their undoing do to the tickets' clocks (`promises` says what each clock is)."""

from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_noop as _

from aftercare.clocks import actions as clocks
from aftercare.clocks.models import Clock
from aftercare.clocks.queries import clocks_going
from aftercare.desk import promises
from aftercare.desk.models import UNSETTLED, EventKind, Message, Side, Status, Ticket
from aftercare.desk.promises import FIRST, KINDS, NEXT, RECOVERY, UPDATE, WAITS

MERGED = _("merged into another ticket")
GAVE_WAY = _("the merged ticket's was due earlier")
UNDONE = _("that was undone")
REPLIES = (FIRST, NEXT)


def join_clocks(source: Ticket, target: Ticket, at: datetime, *, was_settled: bool) -> dict[str, Any]:
    """End the source's clocks; of each promise that the target owes, the earlier due time of the two holds there.

    Both states are joined already; `was_settled` is the target's before that. Returns what `part_clocks` needs. The
    internal clocks of hand-overs and the visitor's clock of a web chat end with the source: the target has its own.
    """
    kept = {
        "source": clocks.kept_states(source.ref),
        "target": clocks.kept_states(target.ref),
        "last": Clock.objects.aggregate(last=Max("pk"))["last"] or 0,
        "severity": target.severity,
    }
    if target.status == Status.OPEN:
        if was_settled:
            promises.reopened(target, at)
        for kind in (UPDATE, RECOVERY):
            clocks.resume(kind=kind, subject_ref=target.ref, at=at)
    for clock in clocks_going([source.ref]):
        if clock.kind in KINDS and target.status in UNSETTLED:
            take_over(clock, target, at)
        clocks.cancel(kind=clock.kind, subject_ref=source.ref, at=at, reason=MERGED)
    return kept | {"joined": clocks.kept_states(target.ref)}


def take_over(clock: Clock, target: Ticket, at: datetime) -> None:
    """Let a clock of the source go on in the target, unless the target's own of that kind is due as early.

    Who waits for a first reply here and a next one there waits for one reply.
    """
    alike = REPLIES if clock.kind in REPLIES else (clock.kind,)
    own = clocks_going([target.ref]).filter(kind__in=alike).first()
    kind = own.kind if own is not None else clock.kind
    if own is None and kind == FIRST and target.first_response_at is not None:
        kind = NEXT
    if own is not None:
        if clocks.would_be_due(own, at) <= clocks.would_be_due(clock, at):
            return
        clocks.cancel(kind=kind, subject_ref=target.ref, at=at, reason=GAVE_WAY)
    clocks.hand_on(clock=clock, kind=kind, subject_ref=target.ref, at=at, reason=MERGED)
    if kind not in REPLIES and target.status == Status.WAITING_CUSTOMER:
        clocks.pause(kind=kind, subject_ref=target.ref, at=at, reason=WAITS)


def part_clocks(
    kept: dict[str, Any],
    *,
    source: Ticket,
    said_in_source: QuerySet[Message],
    target: Ticket,
    said_in_target: QuerySet[Message],
    at: datetime,
) -> None:
    """Let both tickets' clocks run as if they had never been joined. Both states are restored already.

    Those of before go on with all the time that has gone by; what was said meanwhile, and is back where it belongs,
    counts for them.
    """
    put_back(source, kept["source"], said_in_source, kept["last"], at)
    if kept["target"] != kept["joined"] or said_in_source.exists():
        put_back(target, kept["target"], said_in_target, kept["last"], at)
        if target.severity != kept["severity"]:
            promises.regraded(target, at)


def put_back(
    ticket: Ticket, kept: list[dict[str, Any]], said: QuerySet[Message], newer_than: int, at: datetime
) -> None:
    """A ticket's clocks as they were, then everything that happened since in its order."""
    clocks.put_back(subject_ref=ticket.ref, kept=kept, newer_than=newer_than, reason=UNDONE, at=at)
    for message in said.filter(internal=False).exclude(account__quiet=True).order_by("created_at", "pk"):
        match message.side:
            case Side.CUSTOMER:
                promises.customer_spoke(ticket, message.created_at)
            case Side.PROVIDER:
                waits = ticket.status == Status.WAITING_CUSTOMER
                promises.answered(ticket, message.created_at, waits_for_customer=waits)
            case _:
                promises.told_progress(ticket, message.created_at)
    if ticket.status not in UNSETTLED:
        solved = ticket.events.filter(kind=EventKind.SOLVED).order_by("-at", "-pk").first()
        by_person = solved is not None and solved.actor_id is not None
        promises.solved(ticket, ticket.solved_at or at, by_person=by_person)


def split_clocks(target: Ticket, at: datetime) -> None:
    """What is split off is a ticket of its own from now on; its customer waits since the words that moved."""
    if target.waiting_since is not None:
        promises.start(target, FIRST, target.waiting_since)
    for kind in (UPDATE, RECOVERY):
        promises.start(target, kind, at)


def end_split_clocks(source: Ticket, target: Ticket, at: datetime) -> None:
    """The split is undone: nothing is owed in what is part of `source` again, where its customer may wait now."""
    for clock in clocks_going([target.ref]):
        clocks.cancel(kind=clock.kind, subject_ref=target.ref, at=at, reason=UNDONE)
    if source.waiting_since is not None and source.status == Status.OPEN:
        promises.customer_spoke(source, source.waiting_since)
