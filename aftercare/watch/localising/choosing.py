"""Which groups are the causes: the best one, then what is left without it, until nothing of weight is left."""

from dataclasses import dataclass, replace

import numpy as np

from aftercare.watch.localising.alternatives import alternatives, distinct
from aftercare.watch.localising.cuboids import Cuboid, cuboids_of, depth_for
from aftercare.watch.localising.evidence import proven
from aftercare.watch.localising.expecting import Usual, at_rate, usual_of
from aftercare.watch.localising.scanning import TINY, Found, Weighed, gain_in, ranked, weighed
from aftercare.watch.localising.types import Bools, Leaves, Located, Side, Way

# A further cause is named where it explains a quarter of the whole excess at least.
MATERIAL = 0.25
# Nats a group must gain beyond the logarithm of how many groups there are: e^-5, less than 1 false in 100 looks.
CERTAIN = 5.0
# And where it departs at least a quarter as far as the first one: what is hit so much less is another matter.
AS_HARD = 0.25
# Where the rest is hit within this factor of a cause, and there is more of the rest, it is no cause but everywhere.
APART = 1.5
# A rest of less than a twentieth cannot be told apart from nothing.
REST = 0.05
MOST_CAUSES = 12
MOST_ANSWERS = 5
# So many of the best are tried for being sure before it is looked for the surest.
TRIED = 20


@dataclass(frozen=True)
class Ground:
    """What one search stands on. `needed` is the gain in nats that chance does not reach."""

    leaves: Leaves
    usual: Usual
    cuboids: list[Cuboid]
    weights: Weighed
    way: Way
    needed: float
    material: float


def chosen(leaves: Leaves, way: Way | None, material: float | None) -> Located:
    """See localise.localise."""
    told = telling(leaves)
    leaves = present(leaves)
    ground = ground_of(leaves, way, material)
    whole = Side(float(leaves.observed.sum()), float(ground.usual.expected.sum()), float(leaves.volume.sum()))
    first, best = best_of(ground, ground.weights)
    if leaves.alone and first is not None:
        # With neither forecast nor past what is usual is the rate outside of what stands out.
        ground = with_rate(ground, ~first.mask())
        first, best = best_of(ground, ground.weights)
    if first is None:
        everything = np.ones(len(leaves.observed), dtype=bool)
        turned = gain_in(everything, ground.weights.by_sure(), ground.way) >= ground.needed
        return Located(whole, (), everywhere=turned)
    causes, also = causes_from(ground, first)
    if everywhere(ground, causes):
        return Located(whole, (), everywhere=True)
    others = alternatives(ground.cuboids, ground.weights, ground.way, best, first)
    answers = [causes, *([causes[:1]] if len(causes) > 1 else []), *([one] for one in others)]
    # What is sure but small closes the list.
    last = [[*causes, also]] if also is not None else []
    kept = distinct(leaves, told, answers, MOST_ANSWERS - len(last)) + distinct(leaves, told, last, 1)
    target = target_of(ground, first)
    return Located(whole, tuple(proven(leaves, ground.usual.expected, answer, target) for answer in kept))


def causes_from(ground: Ground, first: Found) -> tuple[list[Found], Found | None]:
    """The causes, each the best of what those before it leave; and the next one where it is sure, but small."""
    ground = replace(ground, way=way_of(ground, first))
    causes, gone, target = [first], first.mask(), target_of(ground, first)
    while len(causes) < MOST_CAUSES:
        further, _best = best_of(ground, ground.weights.without(gone))
        if further is None:
            break
        inside = further.mask() & ~gone
        if excess(ground, inside) < ground.material * target:
            return causes, further
        if departure(ground, inside) < AS_HARD * departure(ground, first.mask()):
            break
        causes.append(further)
        gone = gone | inside
    return causes, None


def everywhere(ground: Ground, causes: list[Found]) -> bool:
    """Whether the causes and the rest are all hit alike, so that the whole explains as much as they do, in one word.

    Each cause beyond the first costs the naming of one more group, `needed` nats.
    """
    parts, gone = [], np.zeros(len(ground.leaves.observed), dtype=bool)
    for one in causes:
        parts.append(one.mask() & ~gone)
        gone |= one.mask()
    apart = sum(one.gain for one in causes) - ground.needed * (len(causes) - 1)
    if gain_in(np.ones_like(gone), ground.weights, ground.way) <= apart:
        return False
    expected = ground.usual.expected
    if expected[~gone].sum() >= REST * expected.sum():
        parts.append(~gone)
    lifts = [float(ground.leaves.observed[part].sum() / max(expected[part].sum(), TINY)) for part in parts]
    return len(parts) > 1 and max(lifts) < APART * min(lifts)


def target_of(ground: Ground, first: Found) -> float:
    """The whole excess, or the first cause's where the rest went the other way."""
    inside = first.mask()
    way = replace(ground, way=way_of(ground, first))
    return max(excess(way, np.ones_like(inside)), excess(way, inside))


def departure(ground: Ground, which: Bools) -> float:
    """By what part of the greater of observed and expected these leaves depart, in effective events; 0 to 1."""
    observed, expected = ground.weights.observed[which].sum(), ground.weights.expected[which].sum()
    return float(abs(observed - expected) / max(observed, expected, TINY))


def best_of(ground: Ground, weights: Weighed) -> tuple[Found | None, list[Found]]:
    """The group with the greatest gain that is sure, where the best are not the surest of all; and the best by gain."""
    sure = weights.by_sure()
    best = ranked(ground.cuboids, weights, ground.way)
    for one in best[:TRIED]:
        if gain_in(one.mask(), sure, ground.way) >= ground.needed:
            return one, best
    surest = ranked(ground.cuboids, sure, ground.way)[:1]
    return (surest[0] if surest and surest[0].gain >= ground.needed else None), best


def ground_of(leaves: Leaves, way: Way | None, material: float | None) -> Ground:
    """What is usual, the groups and their weights."""
    forecast = leaves.expected is not None
    usual = usual_of(leaves)
    cuboids = cuboids_of(leaves.codes, depth_for(leaves.codes.shape[1]))
    groups = sum(min(one.groups, len(one.group)) for one in cuboids)
    return Ground(
        leaves,
        usual,
        cuboids,
        weighed(leaves.observed, usual),
        way or (Way.EITHER if forecast else Way.UP),
        float(np.log(max(groups, 1))) + CERTAIN,
        material if material is not None else (0.0 if forecast else MATERIAL),
    )


def with_rate(ground: Ground, among: Bools) -> Ground:
    """The same ground, the usual being the rate of these leaves."""
    usual = replace(ground.usual, expected=at_rate(ground.leaves, among))
    return replace(ground, usual=usual, weights=weighed(ground.leaves.observed, usual))


def telling(leaves: Leaves) -> Bools:
    """Which dimensions have more than one value, now or in the past: the rest can name nothing."""
    return np.array([len(column) > 0 and column.min() != column.max() for column in leaves.codes.T], dtype=bool)


def present(leaves: Leaves) -> Leaves:
    """Without the leaves that hold nothing now and of which nothing was forecast."""
    held = (leaves.volume > 0) | (leaves.observed > 0)
    if leaves.expected is not None:
        held |= leaves.expected > 0
    if held.all():
        return leaves
    rows = ("codes", "observed", "volume", "expected", "past_observed", "past_volume")
    taken = {name: getattr(leaves, name) for name in rows}
    return replace(leaves, **{name: row[held] for name, row in taken.items() if row is not None})


def way_of(ground: Ground, first: Found) -> Way:
    """Further causes go the way the first one goes: together they turned the metric."""
    inside = first.mask()
    return Way.UP if ground.weights.observed[inside].sum() > ground.weights.expected[inside].sum() else Way.DOWN


def excess(ground: Ground, inside: Bools) -> float:
    """Observed less expected of these leaves, positive the way the metric turned."""
    sign = -1.0 if ground.way is Way.DOWN else 1.0
    return sign * float((ground.leaves.observed[inside] - ground.usual.expected[inside]).sum())
