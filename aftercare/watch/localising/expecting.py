"""What is usual for each leaf, and how far from it leaves stray by themselves."""

from dataclasses import dataclass

import numpy as np

from aftercare.watch.localising.types import Bools, Floats, Leaves

# What a leaf's own past is weighed against: one bad event at the overall rate, as the gamma prior of unit information.
PRIOR_EVENTS = 1.0
# Windows of the past in which the whole was already this many times its median tell of the trouble, not of the usual.
TROUBLED = 2.0
# The median of the square of a standard normal number: where half of the leaves lie that nothing happened to.
MEDIAN_SQUARE = 0.4549
# Enough leaves to know their spread by; more would only cost time.
SAMPLE = 4096
STEPS = 40
LEAST_SPREAD = 1e-4  # a forecast that is right within 1% of each leaf is as right as this believes


@dataclass(frozen=True)
class Usual:
    """Per leaf the expected value and `variance`, the square of the share by which it may be off (n each).

    `one` is what one event adds: what is counted varies by its own number (Poisson); 0 for a measure.
    """

    expected: Floats
    variance: Floats
    one: float


def usual_of(leaves: Leaves) -> Usual:
    """From the forecast, else from each leaf's past, else from the whole's rate in this window."""
    one = leaves.one
    if one is None:
        one = float(np.array_equal(leaves.observed, np.round(leaves.observed)))
    if leaves.expected is not None:
        expected, own = leaves.expected, np.zeros(len(leaves.observed))
    elif leaves.past_observed is not None and leaves.past_volume is not None and not leaves.alone:
        expected, own = from_past(leaves.volume, leaves.past_observed, leaves.past_volume, one or 1.0)
    else:
        expected, own = at_rate(leaves, np.ones(len(leaves.observed), dtype=bool)), np.zeros(len(leaves.observed))
    # Where all leaves turned alike they stray from that, not from the usual; the less of the two is their own spread.
    turned = expected * (leaves.observed.sum() / max(expected.sum(), 1e-12))
    spread = min(spread_of(leaves.observed, mean, own, one) for mean in (expected, turned))
    return Usual(expected, own + spread, one)


def from_past(volume: Floats, bad: Floats, past: Floats, one: float) -> tuple[Floats, Floats]:
    """Expected count per leaf and the variance of that knowledge, from n × windows of counts and volumes.

    A gamma-Poisson posterior: the leaf's own rate drawn towards the overall one, the less the more it has seen.
    """
    calm = calm_windows(bad, past)
    seen, of = bad[:, calm].sum(axis=1) / one, past[:, calm].sum(axis=1)
    # Half an event more, so that a past without any is a small rate, not none.
    rate = max(seen.sum(), 0.5) / of.sum()
    known = seen + PRIOR_EVENTS
    return one * volume * known / (of + PRIOR_EVENTS / rate), 1.0 / known


def calm_windows(bad: Floats, past: Floats) -> Bools:
    """Which windows of the past, some of which saw something, are usual as a whole; n × windows in, windows out."""
    volumes = past.sum(axis=0)
    rates = bad.sum(axis=0) / np.maximum(volumes, 1e-12)
    told = volumes > 0
    calm: Bools = told & (rates <= TROUBLED * np.median(rates[told]))
    return calm


def at_rate(leaves: Leaves, among: Bools) -> Floats:
    """Expected count of every leaf at the rate of those among."""
    volume = leaves.volume[among].sum()
    return leaves.volume * (leaves.observed[among].sum() / volume if volume > 0 else 0.0)


def spread_of(observed: Floats, expected: Floats, own: Floats, one: float) -> float:
    """The square of the share by which leaves stray from what is expected, beyond counting: robust, half may be ill.

    The value at which the median of (observed − expected)² / variance is that of a normal number; found by halving.
    """
    told = np.flatnonzero((expected > 0) & (observed > 0) if one == 0 else expected > 0)
    if len(told) == 0:
        return LEAST_SPREAD
    # Every so-many-th by size: the same leaves in whatever order they came.
    told = told[np.lexsort((observed[told], expected[told]))][:: -(-len(told) // SAMPLE)]
    mean, off, known = expected[told], (observed[told] - expected[told]) ** 2, own[told]
    low, high = np.log(LEAST_SPREAD), np.log(1e2)
    for _ in range(STEPS):
        middle = (low + high) / 2
        strays = np.median(off / (one * mean + (known + np.exp(middle)) * mean**2)) > MEDIAN_SQUARE
        low, high = (middle, high) if strays else (low, middle)
    return float(np.exp(low))
