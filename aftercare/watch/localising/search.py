"""Finding the causes: first what covers the change, then what else deviates beyond noise."""

import numpy as np

from aftercare.watch.localising.covering import Found, background, cover
from aftercare.watch.localising.cuboids import cuboids_of
from aftercare.watch.localising.deviating import deviate, spread
from aftercare.watch.localising.types import Cause, Elements, Floats, Leaves, Located

# A change of an amount is one of the whole where it is more than this share of what was expected, and this many
# standard deviations of its leaves' noise; else only its parts can have deviated.
LEAST_CHANGE, LEAST_DEVIATIONS = 0.005, 10.0
# How wide a cause is meant is a judgement: what would be said with others comes first among the alternatives.
WIDER, NARROWER = 0.1, 0.25
MOST_ALTERNATIVES = 10
# Two combinations that hold the same are one, told in fewer words or in more.
SAME = 0.005
# As many times as ill as all others, or as well.
STANDS_OUT = 1.25


def localise(leaves: Leaves) -> Located:
    """The smallest combinations of values that explain why the metric turned; no cause where nothing did.

    Of a count only what is too much is a cause; an amount may be too high or too low.
    """
    if not len(leaves.codes) or leaves.expected.sum() <= 0:
        return Located((), 1.0, ())
    cuboids = cuboids_of(leaves)
    change = leaves.observed - leaves.expected
    sign = 1.0 if leaves.is_counted or change.sum() >= 0 else -1.0
    calm = background(leaves, cuboids) if leaves.is_counted else 1.0
    excess = sign * (leaves.observed - calm * leaves.expected)
    chance = chance_of(leaves)
    causes: list[Found] = []
    ranked: list[Found] = []
    live = np.ones(len(excess), dtype=bool)
    if is_of_the_whole(leaves, excess, chance):
        causes, ranked, live = cover(leaves, cuboids, excess, chance)
        firsts = [cover(leaves, cuboids, excess, chance, narrow)[0][:1] for narrow in (WIDER, NARROWER)]
        ranked = [*ranked[:2], *firsts[0], *firsts[1], *ranked[2:]]
    if not leaves.is_counted:
        more, live = deviate(leaves, cuboids, live)
        causes = [*causes, *more]
    answer = [cause for one in causes if stands_out(cause := cause_of(leaves, one.elements, excess))]
    whole = float(excess.sum())
    covered = ~live
    return Located(
        tuple(answer),
        1.0 - float(excess[covered].sum()) / whole if whole > 0 else 1.0,
        tuple(alternatives(leaves, answer, ranked, excess)),
    )


def alternatives(leaves: Leaves, answer: list[Cause], ranked: list[Found], excess: Floats) -> list[Cause]:
    """What else could be said, in order; of those that hold the same, the first that is shorter or longer than what
    was said of it.
    """
    told = list(answer)
    found: list[Cause] = []
    for one in ranked:
        cause = cause_of(leaves, one.elements, excess)
        alike = [other for other in told if is_same(cause, other)]
        if len(alike) < 2 and not any(len(other.values) == len(cause.values) for other in alike):
            told.append(cause)
            found.append(cause)
    return found[:MOST_ALTERNATIVES]


def stands_out(cause: Cause) -> bool:
    """Whether inside it is worse than outside; else the trouble is everywhere, and in no place more than in others."""
    if cause.inside is None or not cause.outside:
        return True
    return max(cause.inside / cause.outside, cause.outside / max(cause.inside, 1e-9)) >= STANDS_OUT


def is_same(one: Cause, other: Cause) -> bool:
    """Whether both hold the same trouble, observed and usual."""
    pairs = ((one.observed, other.observed), (one.expected, other.expected))
    return all(abs(mine - theirs) <= SAME * max(mine, theirs) for mine, theirs in pairs)


def chance_of(leaves: Leaves) -> Floats:
    """The variance of each leaf: of a count itself, of an amount what the leaves' own deviations tell."""
    if leaves.is_counted:
        return np.maximum(leaves.observed, leaves.expected)
    usual = leaves.expected > 0
    relative = (leaves.observed[usual] - leaves.expected[usual]) / leaves.expected[usual]
    noise = min(spread(relative), 1.0) if relative.size else 1.0
    return np.asarray((noise * leaves.expected) ** 2)


def is_of_the_whole(leaves: Leaves, excess: Floats, chance: Floats) -> bool:
    """Whether the metric moved as a whole, so that its change can be covered."""
    whole = float(excess.sum())
    if leaves.is_counted:
        return whole > 0
    is_large = whole > LEAST_CHANGE * float(leaves.expected.sum())
    return is_large and whole > LEAST_DEVIATIONS * float(np.sqrt(chance.sum()))


def cause_of(leaves: Leaves, elements: Elements, excess: Floats) -> Cause:
    """A combination with its evidence."""
    inside = leaves.where(elements)
    sides = []
    for rows in (inside, ~inside):
        expected = float(leaves.expected[rows].sum())
        sides.append(float(leaves.observed[rows].sum()) / expected if expected > 0 else None)
    whole = float(excess.sum())
    return Cause(
        tuple((leaves.dimensions[dimension], leaves.names[dimension][value]) for dimension, value in elements),
        float(leaves.observed[inside].sum()),
        float(leaves.expected[inside].sum()),
        float(excess[inside].sum()) / whole if whole > 0 else 0.0,
        *sides,
    )
