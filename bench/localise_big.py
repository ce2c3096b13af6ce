"""Localisation over 100,000 made leaves of a ratio metric."""

import time

import numpy as np

from aftercare.watch.localising.localise import localise
from aftercare.watch.localising.types import Leaves
from bench.figures import Figure, spread

SEED = 20261201
LEAVES = 100_000
WINDOWS = 10
SIZES = {"province": 34, "carrier": 6, "device": 30, "version": 8, "edge": 15, "network": 4}
RUNS = 5


def measure() -> Figure:
    """Seconds, the middle of several runs, and whether the planted cause was named."""
    made = leaves()
    seconds = []
    for _run in range(RUNS):
        begun = time.perf_counter()
        located = localise(made)
        seconds.append(time.perf_counter() - begun)
    named = [dict(cause.where) for cause in located.causes]
    detail = f"{LEAVES:,} leaves of {len(SIZES)} dimensions, seed {SEED}; {spread(seconds, 3)}; named {named}"
    return Figure("localise_time_100k", sorted(seconds)[RUNS // 2], "s", 2, 0.3, "lower", detail)


def leaves() -> Leaves:
    """Random leaves with a past; carrier 3 in version 2 stalls eight times as often as usual."""
    chance = np.random.default_rng(SEED)
    drawn = np.stack([chance.integers(0, size, LEAVES * 2) for size in SIZES.values()], axis=1)
    codes = chance.permutation(np.unique(drawn, axis=0))[:LEAVES]
    volume = chance.lognormal(3, 1.2, len(codes)).round() + 1
    rate = 0.02 * chance.gamma(8, 1 / 8, len(codes))
    past_volume = np.repeat(volume[:, None], WINDOWS, axis=1)
    times = np.where((codes[:, 1] == 3) & (codes[:, 3] == 2), 8.0, 1.0)
    return Leaves(
        tuple(SIZES),
        tuple(tuple(map(str, range(size))) for size in SIZES.values()),
        codes,
        chance.poisson(volume * rate * times).astype(float),
        volume,
        past_observed=chance.poisson(past_volume * rate[:, None]).astype(float),
        past_volume=past_volume,
    )
