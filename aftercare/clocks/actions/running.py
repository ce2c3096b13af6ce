"""Starting, pausing and stopping clocks. Each runs in the caller's transaction, with what started or stopped it: an
error in one undoes all of that."""

from datetime import datetime, timedelta

from django.db import transaction

from aftercare.clocks.due import due, spent
from aftercare.clocks.events import ClockBreached, ClockStopped
from aftercare.clocks.models import GOING, Clock, ClockState, policy_as_json
from aftercare.clocks.types import Policy
from aftercare.kernel.events import publish

# What changes of a clock on its way; what it is about and held to stays.
COURSE = (
    "state",
    "pauses",
    "due_at",
    "steps_taken",
    "next_step_at",
    "breached_at",
    "stopped_at",
    "spent_s",
    "end_reason",
)


@transaction.atomic(savepoint=False)
def start(*, kind: str, subject_ref: str, customer_id: int | None, policy: Policy, at: datetime) -> Clock:
    """Start a clock at `at`, which may lie in the past (a message that came late). A clock that is going is kept.

    Raises Refused when the policy's hours are hardly ever open.
    """
    going = find_going(kind, subject_ref)
    if going is not None:
        return going
    clock = Clock(
        kind=kind, subject_ref=subject_ref, customer_id=customer_id, policy=policy_as_json(policy), started_at=at
    )
    reckon(clock)
    clock.save(force_insert=True)
    return clock


@transaction.atomic(savepoint=False)
def stop(*, kind: str, subject_ref: str, at: datetime) -> Clock | None:
    """What was promised has happened at `at`. Returns the clock, None when none was going.

    `at` before the start counts as nothing spent; at the due time itself the promise is kept.
    """
    clock = find_going(kind, subject_ref)
    if clock is None:
        return None
    end_pause(clock, at)
    spent_s, _segments = spent(clock.started_at, at, clock.held_to().hours, clock.paused())
    is_late = spent_s > clock.policy["target_s"]
    if is_late and clock.breached_at is None:
        breach(clock, at)
    elif not is_late:
        clock.breached_at = None  # it was stopped in time, and we only hear of it now
    end(clock, ClockState.STOPPED, at, spent_s)
    publish(ClockStopped(clock.pk, kind, subject_ref, is_late, spent_s, at))
    return clock


@transaction.atomic(savepoint=False)
def cancel(*, kind: str, subject_ref: str, at: datetime, reason: str = "") -> Clock | None:
    """What was promised is not owed any more. It counts neither as kept nor as broken unless it was broken already."""
    clock = find_going(kind, subject_ref)
    if clock is None:
        return None
    end_pause(clock, at)
    clock.end_reason = reason
    end(clock, ClockState.CANCELLED, at, spent(clock.started_at, at, clock.held_to().hours, clock.paused())[0])
    return clock


@transaction.atomic(savepoint=False)
def pause(*, kind: str, subject_ref: str, at: datetime, reason: str) -> Clock | None:
    """Let the clock stand from `at` on. Nothing happens to one that stands already."""
    clock = find_going(kind, subject_ref)
    if clock is None or clock.state == ClockState.PAUSED:
        return clock
    clock.pauses = [*clock.pauses, [at.isoformat(), None, reason]]
    clock.state = ClockState.PAUSED
    reckon(clock)
    clock.save(update_fields=COURSE)
    return clock


@transaction.atomic(savepoint=False)
def resume(*, kind: str, subject_ref: str, at: datetime) -> Clock | None:
    """Let the clock run again."""
    clock = find_going(kind, subject_ref)
    if clock is None or clock.state == ClockState.RUNNING:
        return clock
    end_pause(clock, at)
    reckon(clock)
    clock.save(update_fields=COURSE)
    return clock


@transaction.atomic(savepoint=False)
def go_on(*, kind: str, subject_ref: str, policy: Policy, at: datetime, reason: str = "") -> Clock | None:
    """Hold the newest clock of this kind to another policy, from its own start and with its own pauses.

    A going one is cancelled and a new one takes its place (a breach that was noted stays with the old). A stopped one
    goes on in a new one, which stood, for `reason`, since it was stopped. Of the steps that the new reckoning puts
    behind `at` only the last is still taken. Returns the new clock, None where there never was one or it was cancelled.
    """
    ours = Clock.objects.select_for_update(no_key=True).filter(kind=kind, subject_ref=subject_ref)
    old = find_going(kind, subject_ref) or ours.exclude(state=ClockState.CANCELLED).order_by("-pk").first()
    if old is None:
        return None
    pauses, state = list(old.pauses), ClockState.RUNNING
    if old.state in GOING:
        state = ClockState(old.state)
        cancel(kind=kind, subject_ref=subject_ref, at=at)
    elif old.stopped_at is not None:
        pauses.append([old.stopped_at.isoformat(), max(at, old.stopped_at).isoformat(), reason])
    clock = Clock(
        kind=kind,
        subject_ref=subject_ref,
        customer_id=old.customer_id,
        policy=policy_as_json(policy),
        started_at=old.started_at,
        pauses=pauses,
        state=state,
    )
    skipped = skip_steps_behind(clock, at)
    reckon(clock)
    clock.save(force_insert=True)
    if "" in skipped:
        breach(clock, at)
        clock.save(update_fields=["breached_at"])
    return clock


def skip_steps_behind(clock: Clock, at: datetime) -> list[str]:
    """Leave out the steps that are due before `at` but for the last; returns their names. `clock` is not saved."""
    policy = clock.held_to()
    spent_s, _segments = spent(clock.started_at, at, policy.hours, clock.paused())
    behind = [name for percent, name in steps_of(policy) if policy.target_s * percent / 100 < spent_s]
    clock.steps_taken = max(0, len(behind) - 1)
    return behind[:-1]


def find_going(kind: str, subject_ref: str) -> Clock | None:
    """The running or paused clock, locked."""
    going = Clock.objects.select_for_update(no_key=True).filter(kind=kind, subject_ref=subject_ref, state__in=GOING)
    return going.first()


def end_pause(clock: Clock, at: datetime) -> None:
    """Close an open pause; `clock` is saved by the caller."""
    if clock.state == ClockState.PAUSED:
        began, _end, reason = clock.pauses[-1]
        ends = max(at, datetime.fromisoformat(began))
        clock.pauses = [*clock.pauses[:-1], [began, ends.isoformat(), reason]]
        clock.state = ClockState.RUNNING


def end(clock: Clock, state: ClockState, at: datetime, spent_s: float) -> None:
    """Nothing more happens to it."""
    clock.state = state
    clock.stopped_at = at
    clock.spent_s = spent_s
    clock.next_step_at = None
    clock.save(update_fields=COURSE)


def breach(clock: Clock, at: datetime) -> None:
    """Note that the target was used up, at the due time; `clock` is saved by the caller."""
    clock.breached_at = clock.due_at
    publish(ClockBreached(clock.pk, clock.kind, clock.subject_ref, clock.due_at or at))


def reckon(clock: Clock) -> None:
    """Set when it is due and when its next step is; both None while it stands."""
    policy, pauses = clock.held_to(), clock.paused()
    clock.due_at = due(clock.started_at, policy.target_s, policy.hours, pauses).at
    clock.next_step_at = None
    steps = steps_of(policy)
    if clock.state == ClockState.RUNNING and clock.steps_taken < len(steps):
        share = policy.target_s * steps[clock.steps_taken][0] / 100
        clock.next_step_at = due(clock.started_at, share, policy.hours, pauses).at


def steps_of(policy: Policy) -> list[tuple[int, str]]:
    """The policy's steps and the breach (100 percent, no name), in order; of one percentage the breach comes first."""
    steps = [(step.percent, step.name) for step in policy.steps]
    return sorted([*steps, (100, "")], key=lambda step: (step[0], step[1] != ""))


def put_off(clock_id: int, now: datetime, seconds: int) -> None:
    """Try this clock's step again later."""
    running = Clock.objects.filter(pk=clock_id, state=ClockState.RUNNING)
    running.update(next_step_at=now + timedelta(seconds=seconds))
