"""Where a fault sits: asked once more for the rules that are about to alert, split by node, before they are stored.

It may cost a page at most BUDGET_S, and never the page itself: whatever fails or takes longer means that no cause is
known. The questions are asked beside the evaluation, so that one that hangs holds nobody; until it is back no further
cause is looked for.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aftercare.telemetry.queries.resource_map import ResourceMap, read_map
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.causes import by_labels
from aftercare.watch.engine.attribution import CUTS, UNKNOWN, Finding, Split, attribute, can_be_split
from aftercare.watch.engine.changes import Change
from aftercare.watch.engine.explaining import can_be_explained, explain
from aftercare.watch.engine.nodes import SplitQuestion, ask_nodes
from aftercare.watch.engine.rules import Rule
from aftercare.watch.models import Alert, Severity

log = logging.getLogger(__name__)

BUDGET_S = 1.5
MOST_QUESTIONS = 6
MOST_EXPLAINED = 8
# A node that carries all of an app is its cause only where others' figures say so, now or within this time.
KNOWN_FOR = timedelta(hours=2)

Findings = dict[int, Finding]


@dataclass(frozen=True)
class Search:
    """What one search works on: the rules to locate by question, the map, the causes that are known already, and the
    rules whose viewers are looked for, with their windows (s).
    """

    questions: Mapping[SplitQuestion, list[Rule]]
    resources: ResourceMap
    known: frozenset[int]
    now: datetime
    to_explain: Sequence[tuple[Rule, int]] = ()


class Locator:
    """Looks for the causes of one process's openings, one search at a time."""

    def __init__(self, pool: Callable[[], ClientPool]) -> None:
        self._pool = pool
        self._searching: threading.Thread | None = None

    def locate(self, changes: Sequence[Change], now: datetime) -> list[Change]:
        """The changes, those that open an alert with what was found of its cause. Never raises."""
        opening = [change for change in changes if change.opens]
        if not opening:
            return list(changes)
        try:
            found = self._find(opening, now)
        except Exception:
            log.exception("no cause could be looked for; %d alerts open without one", len(opening))
            return list(changes)
        return [replace(change, found=found.get(change.memory.rule.monitor_id, change.found)) for change in changes]

    def _find(self, opening: Sequence[Change], now: datetime) -> Findings:
        resources = read_map()
        rules = [change.memory.rule for change in opening]
        found = {rule.monitor_id: Finding(cause) for rule, cause in by_filters(rules, resources)}
        questions = questions_of([change for change in opening if change.memory.rule.monitor_id not in found])
        since = now - KNOWN_FOR
        known = Alert.objects.filter(closed_at__isnull=True, opened_at__gt=since).exclude(cause=None)
        causes = frozenset(known.values_list("cause_id", flat=True).distinct())
        if not resources.by_pk:
            questions = {}
        found |= self._search(Search(questions, resources, causes, now, to_explain(opening)), found)
        return counted(corroborated(found, resources, causes), rules)

    def _search(self, search: Search, before: Findings) -> Findings:
        """Ask beside us, for as long as the budget lasts; what was found by then counts."""
        if not search.questions and not search.to_explain:
            return {}
        if self._searching is not None and self._searching.is_alive():
            log.warning("the last search for causes still goes on; alerts open without one")
            return {}
        found: Findings = dict(before)
        thread = threading.Thread(target=self._ask, args=[search, found], daemon=True, name="locating")
        self._searching = thread
        thread.start()
        thread.join(BUDGET_S)
        if thread.is_alive():
            log.warning("the search for causes takes longer than %s s; what it found by then counts", BUDGET_S)
        return dict(found)

    def _ask(self, search: Search, found: Findings) -> None:
        for question, rules in list(search.questions.items())[:MOST_QUESTIONS]:
            try:
                splits = ask_nodes(self._pool(), question, rules, search.resources, search.now)
                for rule in rules:
                    split: Split = splits.get((rule.customer_id, rule.app_id, rule.filters), {})
                    found[rule.monitor_id] = attribute(rule, split, question.span_s, search.resources)
            except Exception:
                log.exception("could not locate %d alerts; they open without a cause", len(rules))
        for rule, span_s in search.to_explain:
            try:
                told = tuple(explain(self._pool(), rule, span_s, search.now))
                found[rule.monitor_id] = replace(found.get(rule.monitor_id, UNKNOWN), told=told)
            except Exception:
                log.exception("could not explain the alert of monitor %d; it opens without", rule.monitor_id)


def by_filters(rules: Sequence[Rule], resources: ResourceMap) -> list[tuple[Rule, int]]:
    """Rules that look at one node by their own filters or labels, with that node."""
    named = by_labels([(rule.customer_id, dict(rule.filters)) for rule in rules], resources)
    return [(rule, cause) for rule, cause in zip(rules, named, strict=True) if cause is not None]


def questions_of(opening: Sequence[Change]) -> dict[SplitQuestion, list[Rule]]:
    """The rules that a split may explain, by the question for it: the cheapest first, then those of most rules."""
    groups: dict[SplitQuestion, list[Rule]] = defaultdict(list)
    for change in opening:
        rule = change.memory.rule
        if change.reading.value is None or not can_be_split(rule):
            continue
        dimensions = tuple(dimension for dimension, _value in rule.filters)
        if not set(dimensions) & set(CUTS):
            groups[SplitQuestion(dimensions, change.reading.span_s or rule.window_s)].append(rule)
    in_order = sorted(groups.items(), key=lambda pair: (bool(pair[0].dimensions), -len(pair[1])))
    return dict(in_order)


def to_explain(opening: Sequence[Change]) -> list[tuple[Rule, int]]:
    """The rules whose viewers are looked for: one of each app and metric, red ones first, a few at a time."""
    wanted: dict[Any, tuple[Rule, int]] = {}
    for change in sorted(opening, key=lambda one: one.memory.rule.severity != Severity.RED):
        rule, reading = change.memory.rule, change.reading
        if reading.value is not None and can_be_explained(rule):
            wanted.setdefault((rule.customer_id, rule.app_id, rule.metric.key), (rule, reading.span_s or rule.window_s))
    return list(wanted.values())[:MOST_EXPLAINED]


def corroborated(found: Findings, resources: ResourceMap, known: frozenset[int]) -> Findings:
    """Those that lie alone on a node, with it as their cause where others' figures name it or what it is part of."""
    causes = known | {finding.cause for finding in found.values() if finding.cause is not None}
    return {
        monitor_id: replace(finding, cause=finding.alone)
        if finding.alone is not None and causes & set(resources.line(finding.alone))
        else finding
        for monitor_id, finding in found.items()
    }


def counted(found: Findings, rules: Sequence[Rule]) -> Findings:
    """The findings, each with how many customers and apps turned with the same cause in this evaluation."""
    places: dict[Any, set[tuple[int, int]]] = defaultdict(set)
    for rule in rules:
        finding = found.get(rule.monitor_id)
        if finding is not None and finding.cause is not None:
            places[finding.cause].add((rule.customer_id, rule.app_id))
    sizes = {cause: (len({one for one, _app in apps}), len(apps)) for cause, apps in places.items()}
    return {pk: replace(finding, together=sizes.get(finding.cause, (0, 0))) for pk, finding in found.items()}
