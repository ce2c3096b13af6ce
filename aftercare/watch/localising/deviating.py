"""The second search: what deviates beyond the noise of all others, though it may be too small to move the whole.

Every leaf's deviation is told as a share of the larger of observed and expected, so that none is larger than one. The
noise is that of leaves of like size, robustly. A combination's score is how many standard deviations its leaves lie off
together; the one with the most is taken out, and the search goes on until none is beyond chance.
"""

import numpy as np

from aftercare.watch.localising.covering import Found
from aftercare.watch.localising.cuboids import Cuboid
from aftercare.watch.localising.types import Bools, Floats, Leaves

# Beyond this no chance goes: of a hundred thousand combinations the most extreme lies at 4.5, and noise has tails.
LEAST_DEVIATIONS = 6.0
MOST_CAUSES = 12
SIZES = 20  # classes of leaves by size
FEWEST_LEAVES = 30  # in a class, to know its noise
NORMAL, TAIL = 1.4826, 1.96  # a standard deviation by the median absolute deviation, and by the 95th percentile
LEAST_NOISE = 1e-3


def deviate(leaves: Leaves, cuboids: list[Cuboid], live: Bools) -> tuple[list[Found], Bools]:
    """The combinations that deviate, the strongest first, and the leaves that are left."""
    larger = np.maximum(leaves.observed, leaves.expected)
    deviation = np.where(larger > 0, (leaves.observed - leaves.expected) / np.maximum(larger, 1e-12), 0.0)
    causes: list[Found] = []
    live = live.copy()
    for _ in range(MOST_CAUSES):
        known = live & (larger > 0)
        if int(known.sum()) < FEWEST_LEAVES:
            break
        middle = float(np.median(deviation[known]))
        weight = np.where(known, 1 / noise_of(leaves, deviation, known) ** 2, 0.0)
        best = strongest(cuboids, (deviation - middle) * weight, weight)
        if best is None or abs(best.score) < LEAST_DEVIATIONS:
            break
        inside = leaves.where(best.elements) & live
        excess = float((leaves.observed - leaves.expected)[inside].sum())
        causes.append(Found(abs(best.score), best.elements, excess, best.lift))
        live &= ~inside
    return causes, live


def noise_of(leaves: Leaves, deviation: Floats, known: Bools) -> Floats:
    """One standard deviation of each leaf's deviation: that of the leaves of its size."""
    size = (leaves.observed + leaves.expected) / 2
    edges = np.quantile(size[known], np.linspace(0, 1, SIZES + 1)[1:-1])
    classes = np.searchsorted(edges, size)
    noise = np.full(len(size), spread(deviation[known]))
    for number in range(SIZES):
        like = known & (classes == number)
        if int(like.sum()) >= FEWEST_LEAVES:
            noise[classes == number] = spread(deviation[like])
    return noise


def spread(deviations: Floats) -> float:
    """Robustly: by the middle of the deviations, or by their tail where that is heavier."""
    sizes = np.abs(deviations - np.median(deviations))
    return max(NORMAL * float(np.median(sizes)), float(np.quantile(sizes, 0.95)) / TAIL, LEAST_NOISE)


def strongest(cuboids: list[Cuboid], weighed: Floats, weight: Floats) -> Found | None:
    """The combination that lies the most standard deviations off; of equals the one of fewer dimensions."""
    best: Found | None = None
    for cuboid in cuboids:
        off, heavy = cuboid.sums(weighed), cuboid.sums(weight)
        scores = np.where(heavy > 0, off / np.sqrt(np.maximum(heavy, 1e-300)), 0.0)
        place = int(np.argmax(np.abs(scores)))
        score = float(scores[place])
        if best is None or abs(score) > abs(best.score) * (1 + 1e-9):
            best = Found(score, cuboid.elements(place), 0.0, float(off[place] / max(heavy[place], 1e-300)))
    return best
