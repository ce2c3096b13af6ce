"""Burn rates: how fast an objective's budget is being used up, over a long window and a short one at once.

See watch.paces for the windows and rates.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.answers import Answer, ask, read
from aftercare.watch.engine.questions import Question, question_for
from aftercare.watch.engine.rules import NO_LINE, NOTHING, Line, Reading, Rule, Verdict
from aftercare.watch.models import Kind, Severity
from aftercare.watch.paces import HOUR_S, PACES, Pace

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=15)


Judged = tuple[Verdict, Reading, Line]
Shape = tuple[tuple[str, ...], bool]


class Burner:
    """Asks for the windows of one process's burn-rate rules every EVERY and keeps what they said till then."""

    def __init__(self, pool: Callable[[], ClientPool]) -> None:
        self._pool = pool
        self._asked_at: datetime | None = None
        self._asked: frozenset[Rule] = frozenset()

    def judge(self, rules: Sequence[Rule], now: datetime) -> dict[Rule, Judged]:
        """The verdicts of these rules; nothing before the next look is due. Raises whatever the engine raises."""
        asked = frozenset(rules)
        is_due = self._asked_at is None or not timedelta() <= now - self._asked_at < EVERY
        if not rules or (asked == self._asked and not is_due):
            return {}
        found = ask_paces(self._pool(), rules, now)
        self._asked_at, self._asked = now, asked
        return found


def ask_paces(pool: ClientPool, rules: Sequence[Rule], now: datetime) -> dict[Rule, Judged]:
    """Every rule's verdict: one question per set of dimensions and window."""
    groups: dict[Shape, list[Rule]] = defaultdict(list)
    for rule in rules:
        question = question_for(rule.of_catalog, dict(rule.filters), HOUR_S, is_of_all_apps=not rule.app_id)
        groups[question.dimensions, question.is_of_all_apps].append(rule)
    found = {}
    for (dimensions, is_of_all_apps), together in groups.items():
        answers: dict[int, tuple[Question, Answer]] = {}
        for window_s in sorted(windows_of(together)):
            table = "r1m" if window_s <= 6 * HOUR_S else "r1h"
            question = Question(table, dimensions, window_s, False, is_of_all_apps)
            answers[window_s] = question, ask(pool, question, together, now)
        for rule in together:
            found[rule] = judge(rule, {s: read(rule, *answers[s]) for s in windows_of([rule])})
    return found


def windows_of(rules: Iterable[Rule]) -> set[int]:
    """All windows (s) that these rules look at."""
    return {s for rule in rules for pace in PACES[Severity(rule.severity)] for s in (pace.long_s, pace.short_s)}


def judge(rule: Rule, readings: Mapping[int, Reading]) -> Judged:
    """Too fast in both windows of any pace; the reading is the long window's, the line where it was crossed."""
    judged = [judge_pace(rule, pace, readings) for pace in PACES[Severity(rule.severity)]]
    for wanted in (Verdict.OVER, Verdict.WITHIN, Verdict.LOW_VOLUME):
        for one in judged:
            if one[0] is wanted:
                return one
    return Verdict.NO_DATA, NOTHING, NO_LINE


def judge_pace(rule: Rule, pace: Pace, readings: Mapping[int, Reading]) -> Judged:
    """One pace. Both windows need the metric's own volume: a few failures in a quiet night are no burn."""
    long, short = readings[pace.long_s], readings[pace.short_s]
    if long.value is None or short.value is None:
        return Verdict.NO_DATA, long, NO_LINE
    if min(long.volume, short.volume) < rule.floor:
        return Verdict.LOW_VOLUME, long, NO_LINE
    burns = [burn_of(rule, long.value), burn_of(rule, short.value)]
    if min(burns) <= pace.burn:
        return Verdict.WITHIN, long, NO_LINE
    part = pace.burn * budget_of(rule)
    expected = {"kind": Kind.BURN_RATE.value, "objective": rule.threshold, "burn": round(burns[0], 2)}
    windows = {"pace": pace.burn, "long_s": pace.long_s, "short_s": pace.short_s, "burn_short": round(burns[1], 2)}
    return Verdict.OVER, long, Line(part if rule.is_above else 100 - part, {**expected, **windows})


def budget_of(rule: Rule) -> float:
    """What may go wrong, in percentage points: of 99% from below one, of at most 2% two."""
    return rule.threshold if rule.is_above else 100 - rule.threshold


def burn_of(rule: Rule, value: float) -> float:
    """How many times as fast as allowed: the share that goes wrong by the budget."""
    return (value if rule.is_above else 100 - value) / budget_of(rule)
