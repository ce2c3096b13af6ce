"""Clocks as rows: one of a kind per subject, steps in time, a breach noted when it was, however late we are."""

from datetime import datetime, timedelta

import pytest

from aftercare.clocks import engine
from aftercare.clocks.actions import cancel, pause, resume, start, stop
from aftercare.clocks.events import ClockBreached, ClockReached, ClockStopped
from aftercare.clocks.models import Clock, ClockState
from aftercare.clocks.queries import explained
from aftercare.clocks.types import Policy, Step
from aftercare.kernel.events import subscribe
from tests.world import World

POLICY = Policy(600, steps=(Step(50, "expert"), Step(100, "deputy"), Step(200, "manager")))
heard: list[object] = []


@pytest.fixture(autouse=True)
def listening() -> None:
    heard.clear()
    for event in (ClockBreached, ClockReached, ClockStopped):
        subscribe(event, heard.append)


def begin(world: World, at: datetime | None = None) -> Clock:
    return start(kind="test", subject_ref="s1", customer_id=world.show.pk, policy=POLICY, at=at or world.now)


def after(world: World, seconds: float) -> datetime:
    return world.now + timedelta(seconds=seconds)


def test_it_takes_each_step_once_and_in_time(world: World) -> None:
    clock = begin(world)
    assert clock.due_at == after(world, 600)
    assert engine.process_due(after(world, 299)) == 0
    assert engine.process_due(after(world, 300)) == 1
    assert engine.process_due(after(world, 300)) == 0
    assert engine.process_due(after(world, 600)) == 2
    assert engine.process_due(after(world, 99_999)) == 1
    names = [e.step for e in heard if isinstance(e, ClockReached)]
    assert names == ["expert", "deputy", "manager"]
    clock.refresh_from_db()
    assert (clock.breached_at, clock.next_step_at) == (clock.due_at, None)


def test_kept_in_time_is_no_breach_even_when_we_hear_late(world: World) -> None:
    begin(world)
    engine.process_due(after(world, 700))
    clock = stop(kind="test", subject_ref="s1", at=after(world, 600))
    assert clock is not None
    assert (clock.state, clock.breached_at, clock.spent_s) == (ClockState.STOPPED, None, 600)
    assert [e.breached for e in heard if isinstance(e, ClockStopped)] == [False]


def test_too_late_is_a_breach_even_when_nobody_looked(world: World) -> None:
    begin(world)
    clock = stop(kind="test", subject_ref="s1", at=after(world, 601))
    assert clock is not None
    assert clock.breached_at == after(world, 600)
    assert [type(e).__name__ for e in heard] == ["ClockBreached", "ClockStopped"]


def test_only_one_of_a_kind_goes_at_a_time(world: World) -> None:
    first = begin(world)
    assert begin(world, after(world, 60)).pk == first.pk
    stop(kind="test", subject_ref="s1", at=after(world, 61))
    assert begin(world, after(world, 62)).pk != first.pk
    assert stop(kind="other", subject_ref="s1", at=after(world, 62)) is None


def test_it_stands_while_paused(world: World) -> None:
    begin(world)
    clock = pause(kind="test", subject_ref="s1", at=after(world, 100), reason="waits for a log")
    assert clock is not None and (clock.due_at, clock.next_step_at) == (None, None)
    assert engine.process_due(after(world, 10_000)) == 0
    clock = resume(kind="test", subject_ref="s1", at=after(world, 1000))
    assert clock is not None and clock.due_at == after(world, 1500)
    spent_s, segments = explained(clock, after(world, 1100))
    assert (spent_s, [s.why for s in segments]) == (200, ["open", "paused", "open"])


def test_cancelled_it_breaks_nothing(world: World) -> None:
    begin(world)
    assert cancel(kind="test", subject_ref="s1", at=after(world, 10)) is not None
    assert engine.process_due(after(world, 10_000)) == 0
    assert Clock.objects.get().breached_at is None


def test_keeps_the_policy_it_started_with(world: World) -> None:
    clock = begin(world)
    assert Clock.objects.get(pk=clock.pk).held_to() == POLICY
