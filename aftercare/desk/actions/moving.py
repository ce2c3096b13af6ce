"""Merging one ticket into another, splitting messages off, and undoing either: messages move, nothing is copied.

Every moved message remembers where it was written (`origin_ticket`); a `Move` remembers what undoing has to put back.
Rows are locked in the order of their keys, so that two who merge crosswise wait for each other and never for ever.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.desk.actions.handling import told
from aftercare.desk.actions.locking import checked_title, locked, refuse_stale
from aftercare.desk.merged_clocks import end_split_clocks, join_clocks, part_clocks, split_clocks
from aftercare.desk.models import (
    UNSETTLED,
    Emergency,
    EventKind,
    Following,
    Message,
    Move,
    MoveKind,
    Side,
    Status,
    Ticket,
    TicketRead,
)
from aftercare.kernel.errors import Refused

# What a ticket's state is made of; kept before a move and put back by its undoing.
STATE = ("status", "waiting_since", "solved_at", "first_response_at", "snoozed_until")


@transaction.atomic
def merge_tickets(*, source: Ticket, target: Ticket, actor: User, version: int | None = None, now: datetime) -> Move:
    """Make `source` part of `target`: its messages, followers and tags come along, later words to it go there.

    The clocks of the source end; the earlier due time of both is what the target is held to. Raises Refused for tickets
    of different customers, a ticket with itself, one that is merged already, an emergency that nobody has answered, or
    a stale `version` of the source.
    """
    source, target = locked_pair(source, target, version)
    if source.pk == target.pk or target.merged_into_id is not None or source.merged_into_id is not None:
        raise Refused(_("One of them is merged already. Choose the ticket that the other went into."))
    if source.customer_id != target.customer_id:
        raise Refused(_("Tickets of different customers are never merged. Make one the parent of the other instead."))
    if Emergency.objects.filter(ticket=source, answered_at=None, downgraded_at=None).exists() and (
        source.status in UNSETTLED
    ):
        raise Refused(_("Nobody has answered this emergency yet. Merge the other ticket into it."))
    before = {
        "source": state_of(source),
        "target": state_of(target),
        "reads": take_reads(source, target),
        "followers": take_followers(source, target, now),
        "tags": take_tags(source, target),
    }
    keys, fresh = carry(Message.objects.filter(ticket=source), source, target)
    last = target.messages.aggregate(last=Max("pk"))["last"] or 0
    move = Move.objects.create(
        kind=MoveKind.MERGE,
        source=source,
        target=target,
        messages=keys,
        moved_by=actor,
        moved_at=now,
    )
    was_settled = target.status not in UNSETTLED
    join_states(source, target)
    kept = join_clocks(source, target, now, was_settled=was_settled)
    move.before = before | {"joined": state_of(target), "fresh": fresh, "last": last, "clocks": kept}
    move.save(update_fields=["before"])
    source.merged_into = target
    told(source, actor, EventKind.MERGED, {"into": target.number, "ref": target.ref}, now)
    told(target, actor, EventKind.MERGED, {"from": source.number, "ref": source.ref}, now)
    return move


@transaction.atomic
def split_ticket(*, ticket: Ticket, messages: Sequence[int], title: str, actor: User, now: datetime) -> Move:
    """Take messages out of a ticket into a new one of the same customer; returns the move, whose target it is.

    Raises Refused without messages, for all of them, or for a message that is not in the ticket.
    """
    source = locked(ticket, None)
    here = Message.objects.filter(ticket=source)
    chosen = here.filter(pk__in=messages).order_by("created_at", "pk")
    if not chosen or len(chosen) != len(set(messages)) or len(chosen) == here.count():
        raise Refused(_("Choose some of the ticket's messages, not all of them."))
    customer = Customer.objects.select_for_update(no_key=True).get(pk=source.customer_id)
    last = Ticket.objects.filter(customer=customer).aggregate(last=Max("number"))["last"] or 0
    first, latest = chosen[0], chosen[len(chosen) - 1]
    waits = not latest.internal and latest.side == Side.CUSTOMER
    target = Ticket.objects.create(
        number=last + 1,
        customer=customer,
        app_id=source.app_id,
        title=checked_title(title),
        severity=source.severity,
        way=first.way,
        contact=first.contact or source.contact,
        opened_by=first.author if first.side == Side.CUSTOMER else source.opened_by,
        group_id=source.group_id,
        assignee=actor,
        created_at=now,
        updated_at=now,
        waiting_since=latest.created_at if waits else None,
    )
    keys, fresh = carry(Message.objects.filter(pk__in=[one.pk for one in chosen]), source, target)
    move = Move.objects.create(
        kind=MoveKind.SPLIT,
        source=source,
        target=target,
        messages=keys,
        before={"fresh": fresh},
        moved_by=actor,
        moved_at=now,
    )
    split_clocks(target, now)
    told(source, actor, EventKind.SPLIT, {"to": target.number, "ref": target.ref}, now)
    told(target, actor, EventKind.SPLIT, {"from": source.number, "ref": source.ref}, now)
    return move


@transaction.atomic
def undo_move(*, move: Move, actor: User, now: datetime) -> Move:
    """Put everything back as it was before a merge or a split. What was said meanwhile stays where it was said.

    Raises Refused when it is undone already, or a later merge has to be undone first.
    """
    source, target = locked_pair(move.source, move.target, None)
    move = Move.objects.select_for_update().get(pk=move.pk)
    if move.undone_at is not None:
        raise Refused(_("This is undone already."))
    holds_others = move.kind == MoveKind.SPLIT and target.merged.exists()
    if target.merged_into_id is not None or holds_others:
        raise Refused(_("Undo the later merge first: #%(number)s is part of one.") % {"number": target.number})
    back = Message.objects.filter(pk__in=move.messages, ticket=target)
    keys = list(back.values_list("pk", flat=True))
    back.update(ticket=source)
    Message.objects.filter(pk__in=set(keys) & set(move.before["fresh"])).update(origin_ticket=None)
    if move.kind == MoveKind.MERGE:
        undo_merge(move, source, target, now)
        kind = EventKind.MERGE_UNDONE
    else:
        undo_split(move, source, target, now)
        kind = EventKind.SPLIT_UNDONE
    told(source, actor, kind, {"other": target.number, "ref": target.ref}, now)
    told(target, actor, kind, {"other": source.number, "ref": source.ref}, now)
    move.undone_by, move.undone_at = actor, now
    move.save(update_fields=["undone_by", "undone_at"])
    return move


def undo_merge(move: Move, source: Ticket, target: Ticket, now: datetime) -> None:
    """The states, clocks, reads, followers and tags as they were, as far as nobody has changed them since."""
    source.merged_into = None
    # What was written to the source after the merge belongs to it.
    late = Message.objects.filter(ticket=target, origin_ticket=source, pk__gt=move.before["last"])
    late_keys = list(late.values_list("pk", flat=True))
    late.update(ticket=source, origin_ticket=None)
    said_in_source = Message.objects.filter(pk__in=late_keys)
    said_in_target = target.messages.filter(created_at__gt=move.moved_at)
    restore(source, move.before["source"], state_of(source), said_in_source)
    restore(target, move.before["target"], move.before["joined"], said_in_target)
    if "clocks" in move.before:  # a merge of before clocks were kept with it has none to put back
        part_clocks(
            move.before["clocks"],
            source=source,
            said_in_source=said_in_source,
            target=target,
            said_in_target=said_in_target,
            at=now,
        )
    for user_id, now_at, was_at in move.before["reads"]:
        reads = TicketRead.objects.filter(ticket=target, user=user_id, seen_at=datetime.fromisoformat(now_at))
        reads.update(seen_at=datetime.fromisoformat(was_at))
    Following.objects.filter(ticket=target, user__in=move.before["followers"], follows=True).delete()
    target.tags.remove(*move.before["tags"])


def restore(ticket: Ticket, before: dict[str, Any], joined: dict[str, Any], since: QuerySet[Message]) -> None:
    """The state before the merge where it still is what the merge made it; then what was said since counts."""
    present = state_of(ticket)
    put_state(ticket, {name: before[name] if present[name] == joined[name] else present[name] for name in STATE})
    latest = since.filter(internal=False).exclude(side=Side.SYSTEM).order_by("-created_at", "-pk").first()
    if latest is None:
        return
    if latest.side == Side.CUSTOMER:
        ticket.status, ticket.solved_at = Status.OPEN, None
        ticket.waiting_since = ticket.waiting_since or latest.created_at
    else:
        ticket.waiting_since = None


def undo_split(move: Move, source: Ticket, target: Ticket, now: datetime) -> None:
    """The messages are back; what else was said in the new ticket follows them, so that it can close and point back."""
    carry(Message.objects.filter(ticket=target), target, source)
    went_on = target.waiting_since is not None and Message.objects.filter(origin_ticket=target).exists()
    if went_on and source.status in UNSETTLED:
        source.status = Status.OPEN
        source.waiting_since = source.waiting_since or target.waiting_since
    end_split_clocks(source, target, now)
    target.merged_into = source
    target.status, target.waiting_since, target.snoozed_until = Status.CLOSED, None, None


def locked_pair(one: Ticket, other: Ticket, version: int | None) -> tuple[Ticket, Ticket]:
    """Both rows, locked in the order of their keys; `version` is of the first."""
    rows = {ticket.pk: locked(ticket, None) for ticket in sorted((one, other), key=lambda ticket: ticket.pk)}
    if version is not None:
        refuse_stale(rows[one.pk], version)
    return rows[one.pk], rows[other.pk]


def carry(messages: QuerySet[Message], source: Ticket, target: Ticket) -> tuple[list[int], list[int]]:
    """Move messages; each keeps the ticket it was written in. Returns their keys, and those that never moved before."""
    rows = list(messages.order_by("pk").values_list("pk", "origin_ticket_id"))
    keys, fresh = [pk for pk, _origin in rows], [pk for pk, origin in rows if origin is None]
    Message.objects.filter(pk__in=fresh).update(origin_ticket=source)
    Message.objects.filter(pk__in=keys).update(ticket=target)
    return keys, fresh


def join_states(source: Ticket, target: Ticket) -> None:
    """The target waits for whoever waits the longest; the source is over. Saved by the caller."""
    if source.waiting_since is not None:
        target.waiting_since = min(filter(None, (source.waiting_since, target.waiting_since)))
        target.status, target.solved_at, target.snoozed_until = Status.OPEN, None, None
    responses = [at for at in (source.first_response_at, target.first_response_at) if at is not None]
    target.first_response_at = min(responses, default=None)
    source.status, source.waiting_since, source.snoozed_until = Status.CLOSED, None, None


def state_of(ticket: Ticket) -> dict[str, Any]:
    """The ticket's state as JSON."""
    values = {name: getattr(ticket, name) for name in STATE}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def put_state(ticket: Ticket, state: dict[str, Any]) -> None:
    """The state as it was; saved by the caller."""
    for name in STATE:
        value = state[name]
        setattr(ticket, name, datetime.fromisoformat(value) if value and name != "status" else value)


def take_reads(source: Ticket, target: Ticket) -> list[list[Any]]:
    """Whoever has read the target but not all of the source has it unread; returns (person, seen now, seen before)."""
    latest = Message.objects.filter(ticket=source).aggregate(at=Max("created_at"))["at"]
    if latest is None:
        return []
    read = dict(TicketRead.objects.filter(ticket=source).values_list("user_id", "seen_at"))
    changed = []
    for row in TicketRead.objects.filter(ticket=target).order_by("pk"):
        seen = read.get(row.user_id, source.created_at)
        if (row.user_id not in read or seen < latest) and seen < row.seen_at:
            changed.append([row.user_id, seen.isoformat(), row.seen_at.isoformat()])
            TicketRead.objects.filter(pk=row.pk).update(seen_at=seen)
    return changed


def take_followers(source: Ticket, target: Ticket, now: datetime) -> list[int]:
    """Whoever follows the source follows the target, unless they have said otherwise there; returns the new ones."""
    here = set(target.followings.values_list("user_id", flat=True))
    there = source.followings.filter(follows=True).order_by("pk").values_list("user_id", flat=True)
    new = [user for user in there if user not in here]
    Following.objects.bulk_create(Following(ticket=target, user_id=user, follows=True, since=now) for user in new)
    return new


def take_tags(source: Ticket, target: Ticket) -> list[int]:
    """The source's tags are the target's too; returns those it did not have."""
    here = set(target.tags.values_list("pk", flat=True))
    new = [tag for tag in source.tags.order_by("pk").values_list("pk", flat=True) if tag not in here]
    target.tags.add(*new)
    return new
