"""Every combination of dimensions, with each leaf's group in it as a number, so that sums are one bincount."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from aftercare.watch.localising.types import Codes, Floats

# So many combinations of dimensions at most: 5 dimensions have 31, seven 127, ten 175 of up to three.
MOST_CUBOIDS = 200
# Groups beyond this many per leaf are mostly empty: numbering those that exist is cheaper than summing them all.
ROOM = 2


@dataclass(frozen=True, eq=False)
class Cuboid:
    """`dimensions` (places, ascending), each leaf's group (n), and how many numbers there are; some may be empty."""

    dimensions: tuple[int, ...]
    group: Codes
    groups: int

    def sums(self, weights: Floats) -> Floats:
        """What each group's leaves add up to."""
        added: Floats = np.bincount(self.group, weights, minlength=self.groups).astype(np.float64, copy=False)
        return added


def depth_for(dimensions: int) -> int:
    """How many dimensions a cause may combine so that the combinations stay below MOST_CUBOIDS; at least one."""
    total = 0
    for depth in range(1, dimensions + 1):
        total += comb(dimensions, depth)
        if total > MOST_CUBOIDS:
            return max(depth - 1, 1)
    return dimensions


def cuboids_of(codes: Codes, depth: int) -> list[Cuboid]:
    """All combinations of up to `depth` of the dimensions that tell leaves apart, the short ones first."""
    varied = [at for at in range(codes.shape[1]) if len(codes) and codes[:, at].min() != codes[:, at].max()]
    return list(_grown(codes, varied, min(depth, len(varied))))


def _grown(codes: Codes, varied: list[int], depth: int) -> Iterator[Cuboid]:
    """Each from the one with a dimension less, so that a number is one multiplication and one addition away."""
    single = {at: _numbered((at,), codes[:, at], int(codes[:, at].max()) + 1) for at in varied}
    made: dict[tuple[int, ...], Cuboid] = {(at,): one for at, one in single.items()}
    yield from single.values()
    for size in range(2, depth + 1):
        longer = {}
        for places in combinations(varied, size):
            shorter, last = made[places[:-1]], single[places[-1]]
            longer[places] = _numbered(places, shorter.group * last.groups + last.group, shorter.groups * last.groups)
            yield longer[places]
        made = longer


def _numbered(places: tuple[int, ...], group: Codes, groups: int) -> Cuboid:
    if groups <= max(ROOM * len(group), 64):
        return Cuboid(places, group, groups)
    found, numbers = np.unique(group, return_inverse=True)
    return Cuboid(places, numbers, len(found))
