"""Histograms of durations as rows of requests: one for each bucket that holds some, at the middle of its bounds."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aftercare.ingest.points.block import Distribution

LONGEST_MS = 86_400_000


def since(before: Distribution | None, now: Distribution) -> Distribution | None:
    """What a cumulative histogram counted since the one before it; None where that cannot be told.

    Fewer than before means that counting began anew. Without one before, all is new where counting began lately.
    """
    if before is None or now.count < before.count or now.bounds != before.bounds:
        begun_lately = now.start and now.ts - now.start <= BEGUN_LATELY_MS
        is_anew = before is not None and now.count < before.count
        return now if is_anew or begun_lately else None
    counts = [later - earlier for later, earlier in zip(now.counts, before.counts, strict=True)]
    return replace(now, count=now.count - before.count, sum=now.sum - before.sum, counts=counts)


# A sender's first export tells of what came since its start; of one that has run for longer, nobody knows since when.
BEGUN_LATELY_MS = 10 * 60_000


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
