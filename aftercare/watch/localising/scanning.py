"""The scan: which one group of leaves departs from the usual more than chance explains.

For a group with observed C and expected E the log likelihood ratio of a rate of its own against the usual one is
C·ln(C/E) − (C − E): the expectation-based Poisson scan statistic (Neill, Int. J. Forecasting 25, 2009). Against plain
Poisson it has one change: each leaf's C and E are divided by its variance over its mean, so that a leaf whose usual is
badly known, or that is simply big, counts as the few events it is worth (quasi-likelihood; McCullagh & Nelder ch. 9).
"""

from dataclasses import dataclass, replace

import numpy as np

from aftercare.watch.localising.cuboids import Cuboid
from aftercare.watch.localising.expecting import Usual
from aftercare.watch.localising.types import Bools, Floats, Way

# Leaves of one cause are hit unlike: their lifts spread about as widely as they are large (an exponential spread).
UNLIKE = 1.0
# How many of the best groups of one combination of dimensions are looked at.
KEPT = 6
TINY = 1e-12


@dataclass(frozen=True)
class Weighed:
    """Each leaf's observed and expected in effective events (n each): once to choose by, once to be sure by.

    To choose by, leaves count alike however big, for a cause is told by how many different leaves agree. To be sure
    by, only what they were measured to stray counts.
    """

    observed: Floats
    expected: Floats
    sure_observed: Floats
    sure_expected: Floats
    counted: bool

    def without(self, gone: Bools) -> "Weighed":
        """The same with these leaves empty."""
        kept = ~gone
        names = ("observed", "expected", "sure_observed", "sure_expected")
        return replace(self, **{name: getattr(self, name) * kept for name in names})

    def by_sure(self) -> "Weighed":
        """The same, to be sure by in both."""
        return replace(self, observed=self.sure_observed, expected=self.sure_expected)


@dataclass(frozen=True)
class Found:
    """A group that stands out: where it is, and its gain in nats, to choose by."""

    cuboid: Cuboid
    group: int
    gain: float

    def mask(self) -> Bools:
        """Which leaves are in it."""
        inside: Bools = self.cuboid.group == self.group
        return inside


def weighed(observed: Floats, usual: Usual) -> Weighed:
    """Divide by variance over mean: one event + variance · expected.

    Of a measure nobody knows whether it or its forecast is off, so its variance is taken of the greater of the two.
    """
    mean = usual.expected if usual.one else np.maximum(observed, usual.expected)
    sure = usual.one + usual.variance * mean
    choose = sure + UNLIKE * mean
    # Neither seen nor expected: nothing to weigh.
    sure, choose = (np.where(weight > 0, weight, 1.0) for weight in (sure, choose))
    return Weighed(
        observed / choose, usual.expected / choose, observed / sure, usual.expected / sure, counted=usual.one > 0
    )


def gains(observed: Floats, expected: Floats, way: Way, counted: bool) -> Floats:
    """The log likelihood ratio of each pair, in nats: of Poisson counts, else of normal measures.

    0 for what departs the other way, and never negative.
    """
    if counted:
        ratio = np.log(np.maximum(observed, TINY) / np.maximum(expected, TINY))
        told = np.where(observed > 0, observed * ratio, 0.0) - (observed - expected)
    else:
        told = (observed - expected) ** 2 / (2 * np.maximum(np.maximum(observed, expected), TINY))
    if way is Way.UP:
        told = np.where(observed > expected, told, 0.0)
    elif way is Way.DOWN:
        told = np.where(observed < expected, told, 0.0)
    return np.maximum(np.round(told, 9), 0.0)


def ranked(cuboids: list[Cuboid], leaves: Weighed, way: Way) -> list[Found]:
    """The best groups of all combinations by gain; of equals the one with fewer dimensions first."""
    found = []
    for cuboid in cuboids:
        told = gains(cuboid.sums(leaves.observed), cuboid.sums(leaves.expected), way, leaves.counted)
        best = np.argpartition(-told, KEPT)[:KEPT] if len(told) > KEPT else np.arange(len(told))
        found += [(cuboid, int(group), float(told[group])) for group in best if told[group] > 0]
    found.sort(key=lambda one: (-one[2], len(one[0].dimensions), one[0].dimensions, one[1]))
    return [Found(*one) for one in found]


def gain_in(inside: Bools, leaves: Weighed, way: Way) -> float:
    """The gain of these leaves together, in nats, to choose by."""
    observed, expected = (np.array([part[inside].sum()]) for part in (leaves.observed, leaves.expected))
    return float(gains(observed, expected, way, leaves.counted)[0])
