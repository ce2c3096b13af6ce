"""Times in which no ping could come because we were not there, and clocks that were set: neither is anybody's failure.

Each look leaves its time. Where the one before lies further back than looks ever do, the process, its machine or its
database was down or stood still in between. Whatever was expected around that time may have come to a closed door, so
it counts anew from now: its next time is waited for in full, and its history says why.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from aftercare.kernel.standing import require_current
from aftercare.watch.heartbeats.judging import base_of, judge, run_ends_at
from aftercare.watch.heartbeats.schedule import expected_after
from aftercare.watch.models import HeartbeatChange, HeartbeatState, HeartbeatStatus, HeartbeatWatch, Reason

# Looks come each second and are written down each LOOK_S; a round of the engine ends after some 5 s.
LOOK_S = 2.0
ABSENT_AFTER_S = 15.0
WAITING = (HeartbeatStatus.NEW, HeartbeatStatus.UP, HeartbeatStatus.LATE)
BATCH = 1000


@transaction.atomic
def look(now: datetime) -> int:
    """Write down that somebody is there; forgive what fell into a time when nobody was. Returns how many were.

    To be called before anything is judged. Of several processes one finds the gap, and the others wait until what it
    forgives is written.
    """
    require_current()
    mark = HeartbeatWatch.objects.filter(pk=1).first()
    if mark is None:
        HeartbeatWatch.objects.bulk_create([HeartbeatWatch(pk=1, looked_at=now)], ignore_conflicts=True)
        return 0
    if 0 <= (now - mark.looked_at).total_seconds() < LOOK_S:
        return 0
    mark = HeartbeatWatch.objects.select_for_update().get(pk=1)
    gap_s = (now - mark.looked_at).total_seconds()
    if -ABSENT_AFTER_S <= gap_s < 0:
        return 0
    HeartbeatWatch.objects.filter(pk=1).update(looked_at=now)
    if gap_s < 0:
        set_back(now)
    return forgive(mark.looked_at, now) if gap_s > ABSENT_AFTER_S else 0


def set_back(now: datetime) -> None:
    """The clock was set back: what happened in a future that is none counts as now, and everything is looked at."""
    states = HeartbeatState.objects.all()
    for name in ("last_ok_at", "counted_from", "started_at", "failed_at", "last_ping_at"):
        states.filter(**{f"{name}__gt": now}).update(**{name: now})
    states.filter(due_at__isnull=False).update(due_at=Least(F("due_at"), now))


def forgive(since: datetime, until: datetime) -> int:
    """Count what was waited for in this time anew from its end; returns how many that were."""
    waiting = HeartbeatState.objects.filter(status__in=WAITING, due_at__isnull=False, heartbeat__deleted_at=None)
    forgiven, last = 0, 0
    while True:
        states = waiting.filter(pk__gt=last).select_for_update(of=("self",)).select_related("heartbeat").order_by("pk")
        batch = list(states[:BATCH])
        if not batch:
            return forgiven
        last = batch[-1].pk
        missed = [state for state in batch if may_have_missed(state, since, until)]
        forgiven += len(missed)
        HeartbeatChange.objects.bulk_create(count_anew(state, since, until) for state in missed)
        HeartbeatState.objects.bulk_update(missed, ["counted_from", "started_at", "started_rid", "status", "due_at"])


def may_have_missed(state: HeartbeatState, since: datetime, until: datetime) -> bool:
    """Whether a ping that was due around this time may have come in it: the end of a run at any time of it, any other
    within its grace before or after its time.
    """
    if state.failed_at is not None:
        return False
    ends = run_ends_at(state.heartbeat, state)
    if ends is not None:
        return ends > since
    base = base_of(state)
    if base is None:
        return False
    expected, grace = expected_after(state.heartbeat, base), timedelta(seconds=state.heartbeat.grace_s)
    return expected - grace < until and expected + grace > since


def count_anew(state: HeartbeatState, since: datetime, until: datetime) -> HeartbeatChange:
    """Begin the count of a state, which the caller saves, at the absence's end; returns what its history says."""
    before = state.status
    state.counted_from, state.started_at, state.started_rid = until, None, ""
    verdict = judge(state.heartbeat, state, until)
    state.status, state.due_at = verdict.status, verdict.due_at
    return HeartbeatChange(
        heartbeat_id=state.pk, at=until, since=since, from_status=before, to_status=state.status, reason=Reason.ABSENT
    )
