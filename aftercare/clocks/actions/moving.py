"""Clocks whose subject becomes part of another one: they go on there, and come back when that is undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from aftercare.clocks.actions.running import end, end_pause, find_going, reckon
from aftercare.clocks.due import due, spent
from aftercare.clocks.models import GOING, Clock, ClockState
from aftercare.clocks.types import Pause

# What of a going clock changes while it goes.
MOVING = ("state", "pauses", "due_at", "steps_taken", "next_step_at", "breached_at")


@transaction.atomic
def hand_on(*, clock: Clock, kind: str, subject_ref: str, at: datetime, reason: str) -> Clock:
    """End a going clock and let it go on about another subject, as `kind`: with its start, its pauses, the steps that
    were taken and a breach that was noted, so that nothing is told or counted twice.

    The new one runs from `at` on. Raises RuntimeError where a clock of `kind` is going there already.
    """
    row = find_going(clock.kind, clock.subject_ref)
    if row is None or find_going(kind, subject_ref) is not None:
        raise RuntimeError(f"{clock} cannot go on as {kind} {subject_ref}")
    end_pause(row, at)
    heir = Clock(
        kind=kind,
        subject_ref=subject_ref,
        customer_id=row.customer_id,
        policy=row.policy,
        started_at=row.started_at,
        pauses=row.pauses,
        steps_taken=row.steps_taken,
        breached_at=row.breached_at,
    )
    row.breached_at, row.end_reason = None, reason
    end(row, ClockState.CANCELLED, at, spent(row.started_at, at, row.held_to().hours, row.paused())[0])
    reckon(heir)
    heir.save(force_insert=True)
    return heir


def would_be_due(clock: Clock, at: datetime) -> datetime:
    """When a going clock is due if it runs from `at` on, whether it stands now or not."""
    ended = [Pause(pause.start, pause.end or max(at, pause.start), pause.reason) for pause in clock.paused()]
    policy = clock.held_to()
    found = due(clock.started_at, policy.target_s, policy.hours, ended).at
    if found is None:
        raise RuntimeError("without an open pause every target is due")
    return found


def kept_states(subject_ref: str) -> list[dict[str, Any]]:
    """The going clocks about a subject, locked, as JSON: what `put_back` needs to undo what is done to them next."""
    going = Clock.objects.select_for_update(no_key=True).filter(subject_ref=subject_ref, state__in=GOING)
    return [state_of(clock) for clock in going.order_by("pk")]


def state_of(clock: Clock) -> dict[str, Any]:
    """What moves of a clock, as JSON."""
    values = {name: getattr(clock, name) for name in ("pk", "kind", *MOVING)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


@transaction.atomic
def put_back(*, subject_ref: str, kept: Sequence[dict[str, Any]], newer_than: int, reason: str, at: datetime) -> None:
    """Let the clocks about a subject be those of `kept` again, with all the time that has gone by since.

    Those that were started since (whose key is above `newer_than`) are cancelled for `reason` and count for nothing.
    A step that was taken meanwhile is not taken again.
    """
    about = Clock.objects.select_for_update(no_key=True).filter(subject_ref=subject_ref)
    for clock in about.filter(pk__gt=newer_than):
        end_pause(clock, at)
        clock.breached_at, clock.end_reason = None, reason
        end(clock, ClockState.CANCELLED, clock.stopped_at or at, 0)
    rows = {clock.pk: clock for clock in about.filter(pk__in=[state["pk"] for state in kept])}
    for state in kept:
        clock = rows[state["pk"]]
        taken = max(clock.steps_taken, state["steps_taken"])
        for name in MOVING:
            value = state[name]
            setattr(clock, name, datetime.fromisoformat(value) if value and name.endswith("_at") else value)
        clock.stopped_at, clock.spent_s, clock.end_reason = None, None, ""
        if taken > clock.steps_taken:
            clock.steps_taken = taken
            reckon(clock)
        clock.save()
