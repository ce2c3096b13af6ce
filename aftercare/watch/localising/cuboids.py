"""Sums over every combination of dimension values: one flat array for each set of dimensions (a cuboid)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aftercare.watch.localising.types import Elements, Floats, Ints, Leaves

# Sets of more dimensions are not looked at: of amounts five, since any of their leaves may deviate; of counts three,
# since nobody acts on a cause of more conditions.
MOST_OF_AMOUNTS, MOST_OF_COUNTS = 5, 3
# And of more dimensions than these only those whose values differ most: eight make 92 sets of three.
MOST_TELLING = 8
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
    telling = telling_of(leaves)
    most = MOST_OF_COUNTS if leaves.is_counted else MOST_OF_AMOUNTS
    for length in range(1, min(len(telling), most) + 1):
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


def telling_of(leaves: Leaves) -> list[int]:
    """The dimensions that are looked at: those of which some value lies furthest off what is usual."""
    telling = [number for number, names in enumerate(leaves.names) if len(names) > 1]
    if len(telling) <= MOST_TELLING:
        return telling

    def furthest(number: int) -> float:
        size = len(leaves.names[number])
        observed, usual = (
            np.bincount(leaves.codes[:, number], side, size) for side in (leaves.observed, leaves.expected)
        )
        return -float(np.max(np.abs(observed - usual) / np.sqrt(np.maximum(usual, 1.0))))

    return sorted(sorted(telling, key=furthest)[:MOST_TELLING])
