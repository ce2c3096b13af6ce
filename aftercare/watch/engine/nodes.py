"""Asking the telemetry for metrics by node, for many rules at once: the question that locating asks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aftercare.telemetry.queries.nodes import CUT_KINDS
from aftercare.telemetry.queries.reading import Totals, add_totals
from aftercare.telemetry.queries.resource_map import ResourceMap
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.answers import BY_NAME, REPORTS, Query, at, raw_number
from aftercare.watch.engine.attribution import CUTS
from aftercare.watch.engine.questions import RAW, Question
from aftercare.watch.engine.rules import Rule

# A map with more names is asked for these alone: the others count as no node.
MOST_NAMES = 5000
# The engine's own limits for one question: no search may hold the evaluation up for longer.
LIMITS = {"max_execution_time": 1}

Filters = tuple[tuple[str, str], ...]
Splits = Mapping[tuple[int, int, Filters], Mapping[str, Mapping[str, Totals]]]


@dataclass(frozen=True)
class SplitQuestion:
    """What rules must have in common to be located by one query: the filtered dimensions and the span in seconds."""

    dimensions: tuple[str, ...]
    span_s: int

    @property
    def like(self) -> Question:
        """The evaluation's question of the same span and table; only raw rows know a node beside a filter."""
        return Question(RAW if self.dimensions else "r10s", self.dimensions, self.span_s, False)


def build_nodes_query(question: SplitQuestion, rules: Sequence[Rule], resources: ResourceMap, now: datetime) -> Query:
    """The one statement: customer, app, the filters' values, the cut and the node's name, then the measures."""
    since, until = question.like.span(now)
    measures = tuple(sorted({REPORTS, *(name for rule in rules for name in rule.of_catalog.measures)}))
    kinds = {kind for cut in CUTS for kind in CUT_KINDS[cut]}
    names = sorted({one.name for one in resources.by_pk.values() if one.kind in kinds})[:MOST_NAMES]
    parameters: dict[str, Any] = {
        "customers": sorted({rule.customer_id for rule in rules}),
        "since": since,
        "until": until,
        "names": names,
        "cuts": list(CUTS),
    }
    where = "customer IN {customers:Array(UInt32)}"
    if all(rule.app_id for rule in rules):
        where += " AND app IN {apps:Array(UInt32)}"
        parameters["apps"] = sorted({rule.app_id for rule in rules})
    if question.dimensions:
        where += f" AND ts >= {at('since')} AND ts < {at('until')}"
        for place, dimension in enumerate(question.dimensions):
            parameters[f"values{place}"] = sorted({dict(rule.filters)[dimension] for rule in rules})
            where += f" AND {dimension} IN {{values{place}:Array(String)}}"
        if "role" not in question.dimensions:
            where += " AND role != 'probe'"
        pairs = ", ".join(f"('{cut}', toString({cut}))" for cut in CUTS)
        rows = f"(SELECT *, arrayJoin([{pairs}]) AS told FROM {RAW} WHERE {where})"
        cut, name, where = "told.1", "told.2", "1"
        numbers = [raw_number(BY_NAME[name]) for name in measures]
    else:
        where += f" AND cut IN {{cuts:Array(String)}} AND bucket >= {at('since')} AND bucket < {at('until')}"
        rows, cut, name = "r10s", "cut", "value"
        numbers = [BY_NAME[name].merge for name in measures]
    filtered = [f"toString({dimension})" for dimension in question.dimensions]
    keys = ", ".join(["customer", "app", *filtered, f"{cut} AS of_cut", f"{node(name)} AS node"])
    grouped = ", ".join(["customer", "app", *filtered, "of_cut", "node"])
    columns = ", ".join(f"{sql} AS m_{name}" for name, sql in zip(measures, numbers, strict=True))
    return Query(f"SELECT {keys}, {columns} FROM {rows} WHERE {where} GROUP BY {grouped}", parameters, measures)


def node(name: str) -> str:
    """SQL: the name where the map knows it, else ""."""
    return f"if({name} IN {{names:Array(String)}}, toString({name}), '')"


def ask_nodes(
    pool: ClientPool, question: SplitQuestion, rules: Sequence[Rule], resources: ResourceMap, now: datetime
) -> Splits:
    """The sums of these rules' measures by customer, app (0: all), filters, cut and node. Raises what it raises."""
    query = build_nodes_query(question, rules, resources, now)
    comment = {"log_comment": f"watch nodes {question.span_s}"}
    rows = pool.rows(query.sql, query.parameters, {**LIMITS, **comment})
    fixed = 4 + len(question.dimensions)
    parts: dict[tuple[int, int, Filters], dict[str, dict[str, list[Totals]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    of_all_apps = {rule.customer_id for rule in rules if not rule.app_id}
    for row in rows:
        customer, app = row[:2]
        filters = tuple(zip(question.dimensions, row[2 : fixed - 2], strict=True))
        totals = dict(zip(query.measures, row[fixed:], strict=True))
        for place in (app, 0) if customer in of_all_apps else (app,):
            parts[customer, place, filters][row[fixed - 2]][row[fixed - 1]].append(totals)
    return {
        key: {cut: {name: add_totals(found) for name, found in nodes.items()} for cut, nodes in cuts.items()}
        for key, cuts in parts.items()
    }
