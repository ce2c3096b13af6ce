"""The pure part of locating: whether one node, or what it is part of, explains that a rule is over its line.

A node is the cause when three things hold: it is over the line itself, with at least the metric's minimum volume; what
is left without it is within the limit (rates are sums divided by sums, so its sums are taken from the app's); and it
stands on the resource map. Of several the lowest is named: an edge rather than its region. What nodes are part of is
the cause only where two of them at least are over the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aftercare.telemetry.queries.nodes import CUT_KINDS
from aftercare.telemetry.queries.reading import Totals, add_totals
from aftercare.telemetry.queries.resource_map import ResourceMap
from aftercare.telemetry.schema.measured import Measurement
from aftercare.watch.engine.explaining import Told
from aftercare.watch.engine.rules import Reading, Rule, Verdict, judge

# Sums by name of the node, by cut ("edge"); "" is what named none, or none on the map.
Split = Mapping[str, Mapping[str, Totals]]
CUTS = tuple(CUT_KINDS)
FEWEST_PARTS = 2


@dataclass(frozen=True)
class Finding:
    """What looking for the cause gave.

    `cause` is a resource's key. `alone` is one that carries everything, so that nothing is left to compare with.
    `is_spread`: it was looked at, and no single node explains it. Without any of the three nothing is known.
    """

    cause: int | None = None
    inside: Reading | None = None
    outside: Reading | None = None
    alone: int | None = None
    is_spread: bool = False
    together: tuple[int, int] = (0, 0)
    told: tuple[Told, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The figures that prove it, as the alert keeps them; `together` is how many customers and apps turned, and
        `causes` which combinations of dimension values explain it.
        """
        causes = {"causes": [one.as_dict() for one in self.told]} if self.told else {}
        return self._node() | causes

    def _node(self) -> dict[str, Any]:
        if self.cause is None:
            return {"spread": True} if self.is_spread else {}
        told: dict[str, Any] = {"together": list(self.together)}
        for name, reading in (("inside", self.inside), ("outside", self.outside)):
            if reading is not None and reading.value is not None:
                told[name] = {"value": reading.value, "volume": reading.volume}
        return told


UNKNOWN = Finding()


def can_be_split(rule: Rule) -> bool:
    """Whether the metric's parts can be taken from each other: no distinct count, nothing that is present at once."""
    metric = rule.metric
    return not isinstance(metric, Measurement) and not metric.distinct and not metric.per_bucket


def attribute(rule: Rule, split: Split, span_s: int, resources: ResourceMap) -> Finding:
    """The cause of one rule's being over its line, from its sums by node over `span_s` seconds."""
    alone: Finding | None = None
    is_spread = False
    for cut in CUTS:
        nodes = split.get(cut, {})
        whole = add_totals(list(nodes.values()))
        for pk, parts in candidates(cut, nodes, resources):
            inside = add_totals(parts)
            reading = read(rule, inside, span_s)
            if judge(rule, reading) is not Verdict.OVER or reading.volume < rule.of_catalog.minimum_volume:
                continue
            if len(parts) > 1 and count_over(rule, parts, span_s) < FEWEST_PARTS:
                continue
            rest = read(rule, subtracted(whole, inside), span_s)
            verdict = judge(rule, rest)
            if verdict is Verdict.WITHIN:
                return Finding(pk, reading, rest)
            if verdict is Verdict.OVER:
                is_spread = True
            elif alone is None:
                alone = Finding(inside=reading, alone=pk)
    return alone or Finding(is_spread=is_spread)


def candidates(cut: str, nodes: Mapping[str, Totals], resources: ResourceMap) -> list[tuple[int, list[Totals]]]:
    """The resources that these nodes are or are part of, each with its nodes' sums: the lowest first, then the largest
    by what was reported.
    """
    parts: dict[int, list[Totals]] = {}
    for name, totals in nodes.items():
        for pk in resources.named(CUT_KINDS[cut], name):
            for above in resources.line(pk):
                parts.setdefault(above, []).append(totals)

    def rank(found: tuple[int, list[Totals]]) -> tuple[int, float, int]:
        pk, totals = found
        return -len(resources.line(pk)), -sum(part.get("reports", 0) for part in totals), pk

    return sorted(parts.items(), key=rank)


def count_over(rule: Rule, parts: Sequence[Totals], span_s: int) -> int:
    """How many of these nodes are over the line by themselves."""
    return sum(judge(rule, read(rule, part, span_s)) is Verdict.OVER for part in parts)


def subtracted(whole: Totals, part: Totals) -> Totals:
    """What is left of the sums, and of the histograms' cells, without a part of them."""
    rest: Totals = {}
    for name, value in whole.items():
        taken = part.get(name, {} if isinstance(value, Mapping) else 0)
        if isinstance(value, Mapping):
            rest[name] = {cell: count - taken.get(cell, 0) for cell, count in value.items()}
        else:
            rest[name] = value - taken
    return rest


def read(rule: Rule, totals: Totals, span_s: int) -> Reading:
    """The rule's metric over sums; nothing seen without volume."""
    metric = rule.of_catalog
    volume = metric.volume(totals)
    is_count = not metric.denominator and not metric.cells
    if volume <= 0 and not (is_count and totals.get("reports", 0) > 0):
        return Reading(None, 0, span_s)
    return Reading(metric.value(totals, span_s=span_s), volume, span_s)
