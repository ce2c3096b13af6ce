"""Sums over every combination of dimension values: one flat array for each set of dimensions (a cuboid)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aftercare.watch.localising.types import Elements, Floats, Ints, Leaves

# Sets of more dimensions than this are not looked at: nobody acts on a cause of six conditions.
MOST_DIMENSIONS = 5
# A cuboid with more places than this many times the leaves is nearly empty: its places are numbered anew.
SPARSE = 4


@dataclass(frozen=True)
class Cuboid:
    """One set of dimensions: `key` is each leaf's place, `size` the number of places, `known` their codes where places
    were numbered anew.
    """

    dimensions: tuple[int, ...]
    cards: tuple[int, ...]
    key: Ints
    size: int
    known: Ints | None

    def sums(self, amounts: Floats) -> Floats:
        """The amount in each place."""
        return np.asarray(np.bincount(self.key, amounts, self.size), dtype=np.float64)

    def elements(self, place: int) -> Elements:
        """The combination that a place stands for."""
        code = int(self.known[place]) if self.known is not None else place
        values = []
        for dimension, card in zip(reversed(self.dimensions), reversed(self.cards), strict=True):
            values.append((dimension, code % card))
            code //= card
        return tuple(reversed(values))


def cuboids_of(leaves: Leaves) -> list[Cuboid]:
    """All cuboids, those of fewest dimensions first; a dimension with one value tells nothing and is left out."""
    return list(_cuboids(leaves))


def _cuboids(leaves: Leaves) -> Iterator[Cuboid]:
    telling = [number for number, names in enumerate(leaves.names) if len(names) > 1]
    for length in range(1, min(len(telling), MOST_DIMENSIONS) + 1):
        for dimensions in itertools.combinations(telling, length):
            cards = tuple(len(leaves.names[number]) for number in dimensions)
            key = np.zeros(len(leaves.codes), dtype=np.int64)
            for number, card in zip(dimensions, cards, strict=True):
                key = key * card + leaves.codes[:, number]
            size = int(np.prod(cards))
            if size <= SPARSE * len(key) + 1000:
                yield Cuboid(dimensions, cards, key, size, None)
            else:
                known, key = np.unique(key, return_inverse=True)
                yield Cuboid(dimensions, cards, key, len(known), known)
