"""What is new for measurements, which have no rollups: one detector a series, fed step by step from their points."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aftercare.telemetry.queries.measurements import Span, measure
from aftercare.telemetry.schema.measured import Measurement
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.detecting.novelty import Detector
from aftercare.watch.engine.measured import MeasuredQuestion, chosen_for, key_of, question_of
from aftercare.watch.engine.rules import NO_LINE, Line, Reading, Rule, Verdict
from aftercare.watch.models import Kind

log = logging.getLogger(__name__)

# How new is too new, by sensitivity. At 0.05 the detector finds most of what people labelled on the Numenta Anomaly
# Benchmark, with false alarms among it; at 0.1 half of those are gone.
NEW = {"low": 0.3, "normal": 0.1, "high": 0.05}
# What it is compared with at first; then everything that comes.
LOOKS_BACK_S = 7 * 86_400
# A step is judged once it is over for this long: points are scraped, pushed and retried.
SETTLED_S = 10
LIMITS = {"max_execution_time": 20}

Judged = tuple[Verdict, Reading, Line]


@dataclass
class Fed:
    """One rule's detector, up to before step `until`, and what its newest step said."""

    until: int
    detector: Detector = field(default_factory=Detector)
    judged: Judged = (Verdict.NO_DATA, Reading(None, 0), NO_LINE)


class Novelties:
    """The detectors of one process."""

    def __init__(self, pool: Callable[[], ClientPool]) -> None:
        self._pool = pool
        self._fed: dict[Rule, Fed] = {}

    def refresh(self, rules: Iterable[Rule], now: datetime) -> None:
        """Feed every rule's detector the steps that are over. One that cannot be asked keeps what it said."""
        wanted = set(rules)
        for rule in self._fed.keys() - wanted:
            del self._fed[rule]
        groups: dict[tuple[MeasuredQuestion, int, int], list[Rule]] = defaultdict(list)
        for rule in wanted:
            end = int(now.timestamp() - SETTLED_S) // rule.window_s
            known = self._fed.get(rule)
            first = known.until if known is not None else end - LOOKS_BACK_S // rule.window_s
            if first < end and isinstance(rule.metric, Measurement):
                groups[question_of(rule, rule.metric), first, end].append(rule)
        for (question, first, end), together in groups.items():
            try:
                self._feed(question, together, first, end)
            except Exception:
                log.exception("could not read the past of %d measurements; tried again", len(together))

    def _feed(self, question: MeasuredQuestion, rules: Sequence[Rule], first: int, end: int) -> None:
        step_s = question.window_s
        span = Span.of(datetime.fromtimestamp(first * step_s, UTC), datetime.fromtimestamp(end * step_s, UTC), step_s)
        found = measure(
            lambda name, sql, asked: self._pool().rows(sql, asked, {**LIMITS, "log_comment": f"watch past {name}"}),
            chosen_for(question, rules),
            question.reading,
            span,
        )
        for rule in rules:
            fed = self._fed.setdefault(rule, Fed(first))
            steps = found.get(key_of(rule), {})
            for step in range(end - first):
                value, points = steps.get(step, (None, 0))
                fed.judged = observe(rule, fed.detector, Reading(value, points, step_s))
            fed.until = end

    def judge(self, rule: Rule) -> Judged | None:
        """What the newest step said; None where it was never asked."""
        fed = self._fed.get(rule)
        return fed.judged if fed is not None else None


def observe(rule: Rule, detector: Detector, reading: Reading) -> Judged:
    """Feed one step and judge it: too new on the rule's side of the middle of what is known."""
    if reading.value is None:
        return Verdict.NO_DATA, reading, NO_LINE
    band = detector.band()
    new = detector.observe(reading.value)
    if reading.volume < rule.floor:
        return Verdict.LOW_VOLUME, reading, NO_LINE
    if band is None:
        return Verdict.LEARNING, reading, NO_LINE
    low, middle, high = band
    is_on_side = reading.value > middle if rule.is_above else reading.value < middle
    if new < NEW[rule.sensitivity] or not is_on_side:
        return Verdict.WITHIN, reading, NO_LINE
    told = {"kind": Kind.ANOMALY.value, "usual": middle, "shown_low": low, "shown_high": high, "days": 0}
    return Verdict.OVER, reading, Line(high if rule.is_above else low, {**told, "novelty": round(new, 3)})
