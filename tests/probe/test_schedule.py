"""When targets are due, by a clock that is handed in."""

import itertools
import random

from aftercare.probe.schedule import JITTER, Schedule
from aftercare.probe.types import Target

FAST, SLOW = Target("fast", "http_api", "https://a.example/", 10), Target("slow", "hls", "https://a.example/", 60)


def made(*targets: Target) -> Schedule:
    schedule = Schedule(random.Random(7))
    schedule.set_targets("key", list(targets), 0.0)
    return schedule


def refs(schedule: Schedule, now: float) -> list[str]:
    return [target.ref for _, target in schedule.take_due(now)]


def test_it_works() -> None:
    schedule = made(FAST, SLOW)
    assert sorted(refs(schedule, 60 * JITTER)) == ["fast", "slow"]
    assert refs(schedule, 300.0) == []  # both are being looked at
    schedule.done("key", "fast")
    assert refs(schedule, 300.0) == ["fast"]


def test_beginnings_are_spread() -> None:
    targets = [Target(str(n), "hls", "https://a.example/", 600) for n in range(100)]
    schedule = made(*targets)
    counts = [len(refs(schedule, float(second))) for second in range(0, 61, 5)]
    assert sum(counts) == 100 and max(counts) < 25


def test_the_interval_is_kept_within_its_jitter() -> None:
    schedule, now, looks = made(FAST), 0.0, []
    while now < 1000:
        if refs(schedule, now):
            looks.append(now)
            schedule.done("key", "fast")
        now += 0.25
    gaps = [b - a for a, b in itertools.pairwise(looks)]
    assert min(gaps) >= 9 and max(gaps) <= 11.25 and max(gaps) - min(gaps) > 0.5


def test_a_slow_one_does_not_delay_others() -> None:
    schedule, looks, now = made(FAST, SLOW), 0, 0.0
    while now < 100:
        for ref in refs(schedule, now):
            looks += ref == "fast"
            if ref == "fast":
                schedule.done("key", "fast")  # the slow one is never done
        now += 0.25
    assert 9 <= looks <= 11


def test_targets_that_are_gone_are_left_alone() -> None:
    schedule = made(FAST, SLOW)
    schedule.set_targets("key", [SLOW], 1.0)
    schedule.set_targets("other", [FAST], 1.0)
    assert sorted(schedule.take_due(100.0), key=str) == [("key", SLOW), ("other", FAST)]
    schedule.set_targets("key", [], 100.0)
    schedule.done("key", "slow")
    schedule.done("other", "fast")
    assert [key for key, _ in schedule.take_due(1000.0)] == ["other"]
