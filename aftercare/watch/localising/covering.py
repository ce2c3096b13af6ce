"""The first search: what covers the change. For a metric that turned as a whole, as an alert's has.

A combination is good that holds nearly all of the excess, and little else: its score is the share of the excess it
holds, less K times the logarithm of the share of the usual trouble that it holds, too. Where a narrower combination
already explains what there is, it wins; where it leaves much of the excess outside, the wider one does, though the
narrow one may look worse by itself: its remainder is ill as well.
"""

from dataclasses import dataclass

import numpy as np

from aftercare.watch.localising.cuboids import Cuboid
from aftercare.watch.localising.types import Bools, Elements, Floats, Leaves

# How much coverage a combination may lose for being e times (2.7 times) as narrow. It is a judgement, made on 35 real
# incidents as their engineers named them; of all constants here the one that matters (decision 0016).
NARROW = 0.17
# Of two that hold the same leaves the fuller description is the better one to act on.
FULLER = 0.005
# Narrower than a hundredth of all gains nothing more.
NARROWEST = 0.01
# Fewer standard deviations of counting are no excess: of a hundred thousand combinations one lies that far off by
# chance. One deviation is taken off each share.
LEAST_DEVIATIONS, TAKEN_OFF = 4.5, 1.0
LEAST_SHARE = 0.02
MOST_CAUSES = 5
# A further cause holds at least this share of what the first did, and is raised at least half as much.
NEXT_SHARE, NEXT_LIFT = 0.3, 0.5
# The search ends when this share of the change remains.
ENOUGH = 0.1
KEPT_PER_CUBOID = 8
# No narrower than a carrier's clients of one version at one edge: somebody has to act on it.
MOST_DIMENSIONS = 3


@dataclass(frozen=True)
class Found:
    """A combination with its score, its excess, and how much that is beside what is usual there."""

    score: float
    elements: Elements
    excess: float
    lift: float


def background(leaves: Leaves, cuboids: list[Cuboid]) -> float:
    """How much of the usual trouble there is where nothing happened: the middle value's share, never more than 1.

    A quiet minute outside must not hide an excess inside; a general rise is part of the change.
    """
    lifts, weights = [], []
    for cuboid in cuboids:
        if len(cuboid.dimensions) == 1:
            observed, expected = cuboid.sums(leaves.observed), cuboid.sums(leaves.expected)
            usual = expected > 0
            lifts.append(observed[usual] / expected[usual])
            weights.append(expected[usual])
    if not lifts:
        return 1.0
    lift, weight = np.concatenate(lifts), np.concatenate(weights)
    order = np.argsort(lift)
    summed = np.cumsum(weight[order])
    if not summed.size or summed[-1] <= 0:
        return 1.0
    return min(1.0, float(lift[order][np.searchsorted(summed, summed[-1] / 2)]))


def cover(
    leaves: Leaves, cuboids: list[Cuboid], excess: Floats, chance: Floats, narrow: float = NARROW
) -> tuple[list[Found], list[Found], Bools]:
    """The causes that cover the excess, the candidates for the first one by score, and the leaves not covered.

    `chance` is the variance of each leaf's excess.
    """
    live = np.ones(len(excess), dtype=bool)
    causes: list[Found] = []
    ranked: list[Found] = []
    whole = float(excess.sum())
    for _ in range(MOST_CAUSES):
        left = float(excess[live].sum())
        if causes and left < ENOUGH * whole:
            break
        candidates = rank(
            leaves, cuboids, np.where(live, excess, 0.0), np.where(live, chance, 0.0), live, whole, narrow
        )
        if not candidates:
            break
        best = candidates[0]
        if not causes:
            ranked = candidates
        elif best.excess < NEXT_SHARE * causes[0].excess or best.lift < NEXT_LIFT * causes[0].lift:
            break
        causes.append(best)
        live &= ~leaves.where(best.elements)
    return causes, ranked, live


def rank(
    leaves: Leaves, cuboids: list[Cuboid], excess: Floats, chance: Floats, live: Bools, whole: float, narrow: float
) -> list[Found]:
    """The combinations that hold a part of what is left, best first."""
    left, usual = max(float(excess.sum()), 1e-12), float(leaves.expected.sum())
    expected = np.where(live, leaves.expected, 0.0)
    found = []
    for cuboid in (cuboid for cuboid in cuboids if len(cuboid.dimensions) <= MOST_DIMENSIONS):
        held, common, varied = cuboid.sums(excess), cuboid.sums(expected), np.sqrt(cuboid.sums(chance))
        places = np.nonzero((held > LEAST_DEVIATIONS * varied) & (common > 0) & (held > LEAST_SHARE * whole))[0]
        share = np.minimum(1.0, (held[places] - TAKEN_OFF * varied[places]) / left)
        scores = share - narrow * np.log(common[places] / usual + NARROWEST) + FULLER * len(cuboid.dimensions)
        for at in np.argsort(-scores, kind="stable")[:KEPT_PER_CUBOID]:
            place = int(places[at])
            lift = float(held[place] / common[place])
            found.append(Found(float(scores[at]), cuboid.elements(place), float(held[place]), lift))
    return sorted(found, key=lambda one: -one.score)
