"""Histograms of durations as rows of requests: one for each bucket that holds some, at the middle of its bounds."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aftercare.ingest.points.block import Distribution
from aftercare.ingest.points.course import Step

LONGEST_MS = 86_400_000
# A sender's first export tells of what came since its start; of one that has run for longer, nobody knows since when.
BEGUN_LATELY_MS = 10 * 60_000
# A reading holds since the one before it, but no longer than this; the first one for as long as most exporters pause.
LONGEST_HOLD_MS, FIRST_HOLD_MS = 120_000, 15_000


def began_lately(found: Distribution) -> bool:
    """Whether all that a cumulative histogram counted came within the last minutes."""
    return bool(found.start) and 0 <= found.ts - found.start <= BEGUN_LATELY_MS


def since(kind: str, step: Step) -> Distribution | None:
    """What a histogram counted in a step; None where that cannot be told.

    A cumulative one that counts fewer than before began anew; one whose bounds changed says nothing of the difference.
    """
    now, before = step.now.distribution, step.before.distribution if step.before else None
    if now is None or kind == "distribution_delta":
        return now
    if before is None:
        return None
    if now.count < before.count:
        return now
    if before.count and now.bounds != before.bounds:
        return None
    earlier = before.counts if before.count else [0.0] * len(now.counts)
    counts = [later - count for later, count in zip(now.counts, earlier, strict=True)]
    return replace(now, count=now.count - before.count, sum=now.sum - before.sum, counts=counts)


def grown(kind: str, step: Step) -> float:
    """What a counter counted in a step; 0 where that is not known. Fewer than before means that it began anew."""
    if kind == "delta":
        return step.now.value
    if step.before is None:
        return 0.0
    now, before = step.now.value, step.before.value
    return now - before if now >= before else now


def held_ms(step: Step) -> int:
    """How long a reading is taken to have held."""
    return min(step.now.ts - step.before.ts, LONGEST_HOLD_MS) if step.before else FIRST_HOLD_MS


def waits(found: Distribution, per_ms: float) -> Iterator[tuple[int, int]]:
    """Each filled bucket as (milliseconds, how many); 0 ms is a wait that nobody told."""
    for place, count in enumerate(found.counts):
        if count > 0:
            above = found.bounds[place - 1] if place else 0.0
            most = found.bounds[place] if place < len(found.bounds) else math.inf
            if math.isinf(most) and not math.isnan(found.most):
                most = max(found.most, above)
            yield middle_ms(above, most, per_ms), round(count)


def middle_ms(above: float, most: float, per_ms: float) -> int:
    """The geometric middle of a bucket in milliseconds, at least 1: what is told is known."""
    if math.isinf(above) or (above <= 0 and math.isinf(most)):
        return 0
    beyond = above * 1.5 if math.isinf(most) else math.sqrt(max(above, 0) * most)
    middle = beyond if above > 0 else most / 2
    return min(max(round(middle * per_ms), 1), LONGEST_MS)


def neighbours(bounds: Sequence[float], bound: float) -> tuple[float, float | None]:
    """The bound before one of Prometheus' buckets (0 before the first), and the one after it."""
    place = bisect_left(bounds, bound)
    return bounds[place - 1] if place else 0.0, bounds[place + 1] if place + 1 < len(bounds) else None
