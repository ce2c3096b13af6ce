"""The other answers, after the one held for true."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, islice

import numpy as np

from aftercare.watch.localising.cuboids import Cuboid
from aftercare.watch.localising.evidence import Named, named
from aftercare.watch.localising.scanning import Found, Weighed, gain_in
from aftercare.watch.localising.types import Bools, Leaves, Way

# The next best that stand before the wider ones.
BEFORE_WIDER = 2


def alternatives(cuboids: list[Cuboid], weights: Weighed, way: Way, best: list[Found], first: Found) -> Iterator[Found]:
    """The two next best groups; then the first one with one value less, for whether it is wider is the likeliest error.

    Then all others of `best`, which is sorted by gain. Groups of the same leaves come more than once.
    """
    wider = sorted(wider_than(first, cuboids, weights, way), key=lambda one: -one.gain)
    # Of the two before there may be many of the same leaves: they are told apart by those leaves' sums.
    before: list[Found] = []
    sums = {first.gain}
    for one in best:
        if len(before) == BEFORE_WIDER:
            break
        if one.gain not in sums:
            sums.add(one.gain)
            before.append(one)
    return chain(before, wider, best)


def wider_than(first: Found, cuboids: list[Cuboid], weights: Weighed, way: Way) -> list[Found]:
    """The groups around the first one, each with one of its values left out; none where it has but one."""
    places = first.cuboid.dimensions
    by_places = {one.dimensions: one for one in cuboids}
    some = int(np.argmax(first.mask()))
    found = []
    for fewer in combinations(places, len(places) - 1):
        cuboid = by_places.get(fewer)
        if cuboid is not None:
            group = int(cuboid.group[some])
            found.append(Found(cuboid, group, gain_in(cuboid.group == group, weights, way)))
    return found


def distinct(leaves: Leaves, told: Bools, answers: Iterable[Sequence[Found]], most: int) -> list[list[Named]]:
    """The first `most` answers with their names, each once."""
    seen = set()

    def fresh() -> Iterator[list[Named]]:
        for answer in answers:
            names = [named(leaves, one, told) for one in answer]
            key = frozenset(frozenset(one.where.items()) for one in names)
            if key not in seen:
                seen.add(key)
                yield names

    return list(islice(fresh(), most))
