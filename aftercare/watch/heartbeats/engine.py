"""Looking at heartbeats that are due. Any number of processes may; each row is looked at by one of them."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from aftercare.kernel.standing import StoodDown, require_current
from aftercare.watch.heartbeats.absence import look
from aftercare.watch.heartbeats.alerting import follow
from aftercare.watch.heartbeats.judging import Verdict, judge
from aftercare.watch.heartbeats.pruning import forget_old_changes
from aftercare.watch.models import HeartbeatChange, HeartbeatState, HeartbeatStatus, Reason

log = logging.getLogger(__name__)

BATCH = 500
# In a failure of very many the rest waits for the next round: rounds that last longer would look like absences.
BUDGET_S = 4.0
PUT_OFF = timedelta(seconds=30)


def process_due(now: datetime) -> int:
    """Look at every heartbeat that is due; returns how many went down or came up again.

    To be called every second. Going down and the alert, coming up and its end, are one transaction each; a heartbeat
    that raises is put off and does not hold the others.
    """
    look(now)
    forget_old_changes(now)
    until = time.monotonic() + BUDGET_S
    changed = 0
    while True:
        loud, was_full = settle_quiet(now)
        for pk in loud:
            if time.monotonic() > until:
                return changed
            changed += settle_loud(pk, now)
        if not was_full:
            return changed


@transaction.atomic
def settle_quiet(now: datetime) -> tuple[list[int], bool]:
    """Move on at once those of a batch that nobody is called for; returns the others, and whether more may be due."""
    require_current()
    states = list(due_states(now)[:BATCH])
    quiet, loud, news = [], [], []
    for state in states:
        try:
            verdict = judge(state.heartbeat, state, now)
        except Exception:
            log.exception("heartbeat %d could not be judged; put off", state.pk)
            state.due_at = now + PUT_OFF
            quiet.append(state)
            continue
        if is_loud(state, verdict):
            loud.append(state.pk)
            continue
        if (state.status, verdict.status) == (HeartbeatStatus.NEW, HeartbeatStatus.UP):
            news.append(change(state, verdict, now))
        state.status, state.due_at = verdict.status, verdict.due_at
        quiet.append(state)
    HeartbeatState.objects.bulk_update(quiet, ["status", "reason", "changed_at", "due_at"])
    HeartbeatChange.objects.bulk_create(news)
    return loud, len(states) == BATCH


def due_states(now: datetime) -> QuerySet[HeartbeatState]:
    """Those that are due and that nobody else looks at, locked, longest due first."""
    states = HeartbeatState.objects.select_for_update(skip_locked=True, of=("self",)).select_related("heartbeat")
    return states.filter(due_at__lte=now, heartbeat__deleted_at=None).order_by("due_at", "pk")


def is_loud(state: HeartbeatState, verdict: Verdict) -> bool:
    """Whether the alerts hear of this."""
    if HeartbeatStatus.DOWN not in (state.status, verdict.status):
        return False
    return state.status != verdict.status or verdict.reason != state.reason


def settle_loud(pk: int, now: datetime) -> int:
    """Take one heartbeat down or up, with its alert; 1 when that was done."""
    try:
        with transaction.atomic():
            require_current()
            state = due_states(now).filter(pk=pk).first()
            if state is None:
                return 0
            verdict = judge(state.heartbeat, state, now)
            before = state.status
            if is_loud(state, verdict):
                change(state, verdict, now).save()
                follow(state, before, now)
            state.status, state.due_at = verdict.status, verdict.due_at
            state.save(update_fields=["status", "reason", "changed_at", "due_at"])
            return 1
    except StoodDown:
        raise
    except Exception:
        log.exception("heartbeat %d could not be settled; put off", pk)
        HeartbeatState.objects.filter(pk=pk, due_at__isnull=False).update(due_at=now + PUT_OFF)
        return 0


def change(state: HeartbeatState, verdict: Verdict, now: datetime) -> HeartbeatChange:
    """Take over where it stands now, which the caller saves; returns what its history says, to be saved too."""
    before, state.status = state.status, verdict.status
    state.reason = verdict.reason or Reason.PINGED
    state.changed_at = now
    return HeartbeatChange(
        heartbeat_id=state.pk, at=now, from_status=before, to_status=state.status, reason=state.reason
    )
