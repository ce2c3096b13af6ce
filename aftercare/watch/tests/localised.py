"""Made windows of a ratio metric: viewers and how many of them stall, with faults planted in them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aftercare.watch.localising.types import Floats, Leaves

SIZES = {"cdn": 3, "province": 6, "carrier": 3, "device": 4}
WINDOWS = 10


def made(seed: int, faults: tuple[tuple[Mapping[str, str], float], ...] = (), *, everywhere: float = 1.0) -> Leaves:
    """Every combination of SIZES is a leaf; about 2% stall, more where a fault is. Values are `cdn0` and so on."""
    chance = np.random.default_rng(seed)
    names = tuple(SIZES)
    codes = np.stack(np.meshgrid(*(np.arange(size) for size in SIZES.values()), indexing="ij"), -1)
    codes = codes.reshape(-1, len(names)).astype(np.int64)
    values = tuple(tuple(f"{name}{at}" for at in range(size)) for name, size in SIZES.items())
    volume = chance.lognormal(4, 1, len(codes)).round() + 5
    rate = 0.02 * chance.gamma(10, 0.1, len(codes))
    past_volume = np.repeat(volume[:, None], WINDOWS, axis=1)
    past = chance.poisson(past_volume * rate[:, None]).astype(float)
    leaves = Leaves(names, values, codes, volume, volume, past_observed=past, past_volume=past_volume)
    times = np.full(len(codes), everywhere)
    for where, lift in faults:
        times[within(leaves, where)] = lift
    return replace(leaves, observed=chance.poisson(volume * rate * times).astype(float))


def within(leaves: Leaves, where: Mapping[str, str]) -> np.ndarray:
    """Which leaves have these values."""
    inside = np.ones(len(leaves.codes), dtype=bool)
    for name, value in where.items():
        at = leaves.dimensions.index(name)
        inside &= leaves.codes[:, at] == leaves.values[at].index(value)
    return inside


def taken(leaves: Leaves, rows: np.ndarray) -> Leaves:
    """These leaves, in this order."""
    return replace(leaves, **{name: column[rows] for name, column in columns(leaves).items()})


def joined(first: Leaves, second: Leaves) -> Leaves:
    """The leaves of both, which have the same dimensions and values."""
    more = columns(second)
    return replace(first, **{name: np.concatenate([one, more[name]]) for name, one in columns(first).items()})


def with_dimension(leaves: Leaves, name: str, values: tuple[str, ...], column: np.ndarray) -> Leaves:
    """The leaves with one dimension more."""
    codes = np.column_stack([leaves.codes, column])
    return replace(leaves, dimensions=(*leaves.dimensions, name), values=(*leaves.values, values), codes=codes)


def columns(leaves: Leaves) -> dict[str, Floats]:
    """All that has a row per leaf."""
    names = ("codes", "observed", "volume", "expected", "past_observed", "past_volume")
    return {name: getattr(leaves, name) for name in names if getattr(leaves, name) is not None}
