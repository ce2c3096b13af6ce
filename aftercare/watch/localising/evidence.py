"""A group's name in words of its dimensions, and the figures that prove it."""

from dataclasses import dataclass

import numpy as np

from aftercare.watch.localising.scanning import Found
from aftercare.watch.localising.types import Bools, Cause, Floats, Leaves, Side


@dataclass(frozen=True)
class Named:
    """A group with its names (see types.Cause) and leaves."""

    where: dict[str, str]
    least: dict[str, str]
    inside: Bools
    gain: float


def named(leaves: Leaves, found: Found, told: Bools) -> Named:
    """All that the group's leaves share, of the dimensions that tell anything (`told`, d), and the fewest of these.

    Values that always come together cannot be told apart by any figure, so all of them are said.
    """
    inside = found.mask()
    codes = leaves.codes[inside]
    first = codes[0]
    shared = (codes == first).all(axis=0) & told
    least = {leaves.dimensions[at]: leaves.values[at][first[at]] for at in found.cuboid.dimensions}
    where = {leaves.dimensions[at]: leaves.values[at][first[at]] for at in np.flatnonzero(shared)}
    return Named(where, least, inside, found.gain)


def proven(leaves: Leaves, expected: Floats, answer: list[Named], target: float) -> tuple[Cause, ...]:
    """Each with its figures; `target` is the whole excess, positive."""
    causes = []
    gone = np.zeros(len(leaves.observed), dtype=bool)
    for one in answer:
        new = one.inside & ~gone
        gone = gone | one.inside
        share = abs(float((leaves.observed[new] - expected[new]).sum())) / target if target > 0 else 0.0
        inside, outside, remains = (side_of(leaves, expected, which) for which in (one.inside, ~one.inside, ~gone))
        causes.append(Cause(one.where, one.least, inside, outside, remains, share, one.gain))
    return tuple(causes)


def side_of(leaves: Leaves, expected: Floats, which: Bools) -> Side:
    """What these leaves add up to."""
    return Side(float(leaves.observed[which].sum()), float(expected[which].sum()), float(leaves.volume[which].sum()))
