"""Where a heartbeat stands by what its pings told: no clock, no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.watch.heartbeats.schedule import expected_after
from aftercare.watch.models import Heartbeat, HeartbeatState, HeartbeatStatus, Reason

# Whoever is expected each minute comes a moment later: only from here on is that worth a word.
SLACK = timedelta(seconds=10)


@dataclass(frozen=True)
class Verdict:
    """Where it stands, why where that is down, and when it has to be looked at next."""

    status: HeartbeatStatus
    reason: Reason | None
    due_at: datetime | None


def judge(heartbeat: Heartbeat, state: HeartbeatState, now: datetime) -> Verdict:
    """Where a heartbeat stands at `now`. The same facts give the same verdict, however late they are looked at; but
    what is down stays so until a success: that a run has begun is none.
    """
    if state.status == HeartbeatStatus.PAUSED:
        return Verdict(HeartbeatStatus.PAUSED, None, None)
    if state.failed_at is not None:
        return Verdict(HeartbeatStatus.DOWN, Reason.FAILED, None)
    if state.started_at is not None:
        return judge_run(heartbeat, state, now)
    base = base_of(state)
    if base is None:
        return Verdict(HeartbeatStatus.NEW, None, None)
    return judge_schedule(heartbeat, state, base, now)


def judge_run(heartbeat: Heartbeat, state: HeartbeatState, now: datetime) -> Verdict:
    """While a run is on, only its end is waited for: that it began was a sign of life."""
    if state.status == HeartbeatStatus.DOWN:
        return Verdict(HeartbeatStatus.DOWN, Reason(state.reason), None)
    ends = run_ends_at(heartbeat, state)
    if ends is not None and now >= ends:
        return Verdict(HeartbeatStatus.DOWN, Reason.OVERRAN, None)
    status = HeartbeatStatus.NEW if waits_for_first(state) else HeartbeatStatus.UP
    return Verdict(status, None, ends)


def judge_schedule(heartbeat: Heartbeat, state: HeartbeatState, base: datetime, now: datetime) -> Verdict:
    """By the time that has passed since the schedule counts."""
    expected = expected_after(heartbeat, base)
    grace = timedelta(seconds=heartbeat.grace_s)
    if now >= expected + grace:
        return Verdict(HeartbeatStatus.DOWN, Reason.MISSED, None)
    late = expected + min(grace / 2, SLACK)
    if now >= late:
        return Verdict(HeartbeatStatus.LATE, None, expected + grace)
    return Verdict(HeartbeatStatus.NEW if waits_for_first(state) else HeartbeatStatus.UP, None, late)


def base_of(state: HeartbeatState) -> datetime | None:
    """What the schedule counts from: the last success, or a younger beginning; None before the first ping."""
    return max((at for at in (state.last_ok_at, state.counted_from) if at is not None), default=None)


def waits_for_first(state: HeartbeatState) -> bool:
    """Whether no success has come since the schedule counts: then nothing says that it works."""
    return state.last_ok_at is None or (state.counted_from is not None and state.counted_from > state.last_ok_at)


def run_ends_at(heartbeat: Heartbeat, state: HeartbeatState) -> datetime | None:
    """By when the run that is on has to end; None where none is on."""
    return state.started_at + timedelta(seconds=heartbeat.run_limit_s) if state.started_at else None


def next_expected(heartbeat: Heartbeat, state: HeartbeatState) -> datetime | None:
    """When the next ping is expected, the end of the run that is on; None where nothing is waited for."""
    if state.status == HeartbeatStatus.PAUSED:
        return None
    base = base_of(state)
    return run_ends_at(heartbeat, state) or (expected_after(heartbeat, base) if base else None)
