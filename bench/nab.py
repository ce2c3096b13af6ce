"""The Numenta Anomaly Benchmark's scoring (github.com/numenta/NAB, MIT), written from its description.

The first 15% of a series (at most 750 points) is not scored. In a labelled window the earliest detection counts, the
earlier the more; every detection outside costs, less shortly after a window. One threshold for all series: the best.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PROBATION, PROBATION_OF = 0.15, 5000
STEEP, BEYOND = 5, 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """What a detection, a miss and a false alarm weigh."""

    name: str
    hit: float
    miss: float
    false: float


@dataclass(frozen=True)
class Series:
    """One labelled series: its values, and its windows as first and last place."""

    name: str
    values: Floats
    windows: tuple[tuple[int, int], ...]


def worth(place: float) -> float:
    """What a detection is worth: near 1 at a window's left edge (−1), 0 at its right (0), −1 far behind."""
    return -1.0 if place > BEYOND else 2 / (1 + math.exp(STEEP * place)) - 1


def places(series: Series) -> tuple[int, Floats, npt.NDArray[np.int64]]:
    """Where scoring begins, what a detection at each point is worth, and its window's number (−1 outside)."""
    count = len(series.values)
    worths, window = np.full(count, -1.0), np.full(count, -1, dtype=np.int64)
    for number, (first, last) in enumerate(series.windows):
        width = last - first + 1
        window[first : last + 1] = number
        worths[first : last + 1] = [worth(-(last - at + 1) / width) / worth(-1.0) for at in range(first, last + 1)]
        until = series.windows[number + 1][0] if number + 1 < len(series.windows) else count
        worths[last + 1 : until] = [worth((at - last) / max(width - 1, 1)) for at in range(last + 1, until)]
    return int(PROBATION * min(count, PROBATION_OF)), worths, window


def score(series: Sequence[Series], scores: Sequence[Floats], profile: Profile) -> tuple[float, float]:
    """The score of 0 (detects nothing) to 100 (perfect) at the best threshold, and that threshold."""
    windows = sum(len(one.windows) for one in series)
    told = []
    for number, (one, found) in enumerate(zip(series, scores, strict=True)):
        begin, worths, window = places(one)
        for at in range(begin, len(one.values)):
            key = (number, int(window[at])) if window[at] >= 0 else None
            told.append((float(found[at]), float(worths[at]), key))
    told.sort(key=lambda point: -point[0])
    value = best = -profile.miss * windows
    threshold = math.inf
    earned: dict[tuple[int, int], float] = {}
    for place, (found_score, gained, key) in enumerate(told):
        if key is None:
            value += profile.false * gained
        else:
            before = earned.get(key, -profile.miss)
            earned[key] = max(before, profile.hit * gained)
            value += earned[key] - before
        is_last = place + 1 == len(told) or told[place + 1][0] < found_score
        if is_last and value > best:
            best, threshold = value, found_score
    nothing = -profile.miss * windows
    return 100 * (best - nothing) / (profile.hit * windows - nothing) if windows else 0.0, threshold
