"""Taking the due steps of running clocks: a warning, a reminder, the breach."""

import logging
from datetime import datetime

from django.db import transaction

from aftercare.clocks.actions.running import breach, put_off, reckon, steps_of
from aftercare.clocks.events import ClockReached
from aftercare.clocks.models import Clock, ClockState
from aftercare.kernel.events import publish

log = logging.getLogger(__name__)

PUT_OFF_S = 30


def process_due(now: datetime) -> int:
    """Take every step that is due; returns how many. Any number of processes may call it.

    One step is one transaction: what it causes and the next due time exist together or not at all. A clock that
    raises is put off and does not hold the others.
    """
    taken = 0
    while True:
        clock_id = None
        try:
            with transaction.atomic():
                clock = due_clock(now)
                if clock is None:
                    return taken
                clock_id = clock.pk
                take_step(clock, now)
                taken += 1
        except Exception:
            if clock_id is None:
                raise
            log.exception("clock %s: its step failed; put off", clock_id)
            put_off(clock_id, now, PUT_OFF_S)


def due_clock(now: datetime) -> Clock | None:
    """The running clock whose step has been due longest, locked; None when none is or others hold them."""
    due = Clock.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return due.filter(state=ClockState.RUNNING, next_step_at__lte=now).order_by("next_step_at", "id").first()


def take_step(clock: Clock, now: datetime) -> None:
    """Publish the step and reckon the next; the breach is noted at the due time, however late we are."""
    percent, name = steps_of(clock.held_to())[clock.steps_taken]
    clock.steps_taken += 1
    reckon(clock)
    if name:
        publish(ClockReached(clock.pk, clock.kind, clock.subject_ref, name, percent, now))
    elif clock.breached_at is None:
        breach(clock, now)
    clock.save()
