"""What a rule would have done in the last two weeks: judged on the kept past before anybody saves it.

The past is looked at in steps of a minute at least, not every five seconds; so a rule whose window is shorter, or that
waits for several windows in a row, may in truth have fired a little more or less often.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils.translation import gettext as _

from aftercare.accounts.models import App
from aftercare.kernel.errors import Refused
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.checks import check
from aftercare.watch.engine import burning
from aftercare.watch.engine.judges import judge_usual
from aftercare.watch.engine.plan import COLUMNS, rule_of
from aftercare.watch.engine.rules import Reading, Rule, Verdict, judge
from aftercare.watch.models import Kind, Severity
from aftercare.watch.paces import PACES
from aftercare.watch.types import AllApps, MonitorFacts
from aftercare.watch.usual.bands import TIMES, band_of
from aftercare.watch.usual.history import question_of_past, read_slots, series_of
from aftercare.watch.usual.looking_back import PastOf, past_reader, usual_over
from aftercare.watch.usual.scales import Floats, Ints, scale_of

LOOKS_BACK = timedelta(days=14)
LEAST_STEP_S = 60
BURN_STEP_S = 300
POINTS = 336


@dataclass(frozen=True)
class Firing:
    """One time that the rule would have been over its line."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Preview:
    """When it would have fired, and the metric with its line or band for a chart (nan: nothing seen).

    `judged` is the share of the time in which there was a verdict at all.
    """

    firings: list[Firing]
    times: list[int]
    values: Floats
    low: Floats
    high: Floats
    judged: float


Judged = tuple[list[Verdict], Floats, Floats]


def preview(pool: ClientPool, place: App | AllApps, facts: MonitorFacts, now: datetime) -> Preview:
    """Judge the rule over LOOKS_BACK. Raises Refused for a rule that makes no sense or has no kept past."""
    check(facts)
    rule = rule_for(place, facts)
    question = question_of_past(rule) if rule is not None else None
    if rule is None or question is None:
        raise Refused(_("No past is kept for this rule, so nothing can be said of what it would have done."))
    step = BURN_STEP_S if rule.kind == Kind.BURN_RATE else max(LEAST_STEP_S, rule.window_s // 60 * 60)
    end = int(now.timestamp()) // step
    first = end - int(LOOKS_BACK.total_seconds()) // step
    values, volumes = read_slots(pool, question, [rule], first, end, step)[series_of(rule)]
    times = np.arange(first, end) * step
    judged: Callable[[], Judged] = {
        Kind.ANOMALY: lambda: judge_anomaly(rule, past_reader(pool, question, rule), times, step, values, volumes),
        Kind.BURN_RATE: lambda: judge_burn(rule, values, volumes),
        Kind.ABSENCE: lambda: judge_absence(values),
    }.get(Kind(rule.kind), lambda: judge_limit(rule, values, volumes))
    verdicts, low, high = judged()
    known = sum(verdict in (Verdict.OVER, Verdict.WITHIN) for verdict in verdicts)
    every = max(1, len(times) // POINTS)
    return Preview(
        firings_of(rule, verdicts, times, step),
        [int(at) for at in times[::every]],
        in_bins(values, volumes, every),
        in_bins(low, volumes, every),
        in_bins(high, volumes, every),
        known / max(len(verdicts), 1),
    )


def in_bins(values: Floats, volumes: Floats, every: int) -> Floats:
    """Means of `every` values each, weighed by their volume; nan where none is known."""
    room = -len(values) % every
    known = np.isfinite(values)
    weights = np.where(known, np.maximum(np.nan_to_num(volumes), 1e-9), 0.0)
    sums = [
        np.pad(one, (0, room)).reshape(-1, every).sum(axis=1)
        for one in (np.where(known, values, 0.0) * weights, weights)
    ]
    return np.asarray(np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1e-12), np.nan))


def rule_for(place: App | AllApps, facts: MonitorFacts) -> Rule | None:
    """The settings as the evaluation would hold them."""
    whose = {"pk": 0, "customer_id": place.customer_id, "app_id": place.pk, "state__status": "", "state__revision": 1}
    settings = facts.as_dict() | whose
    return rule_of(tuple(settings[column] for column in COLUMNS))


def readings_of(values: Floats, volumes: Floats) -> list[Reading]:
    """Each step as a reading."""
    return [
        Reading(None, 0) if np.isnan(value) else Reading(float(value), float(volume))
        for value, volume in zip(values, volumes, strict=True)
    ]


def judge_limit(rule: Rule, values: Floats, volumes: Floats) -> Judged:
    """Against the limit."""
    verdicts = [judge(rule, reading) for reading in readings_of(values, volumes)]
    line, none = np.full(len(values), rule.threshold), np.full(len(values), np.nan)
    return verdicts, none if rule.is_above else line, line if rule.is_above else none


def judge_absence(values: Floats) -> Judged:
    """Silence between reports; before the first one nothing is known."""
    seen = np.isfinite(values)
    begun = np.cumsum(seen) > 0
    none = np.full(len(values), np.nan)
    verdicts = [
        Verdict.WITHIN if is_seen else Verdict.OVER if has_begun else Verdict.NO_DATA
        for is_seen, has_begun in zip(seen, begun, strict=True)
    ]
    return verdicts, none, none


def judge_burn(rule: Rule, values: Floats, volumes: Floats) -> Judged:
    """Both windows of every pace, from running sums."""
    known = np.isfinite(values)
    amounts = [np.cumsum(np.where(known, one, 0.0)) for one in (values * volumes, volumes)]

    def mean_over(window_s: int) -> list[Reading]:
        width = window_s // BURN_STEP_S
        sums = [amount - np.concatenate((np.zeros(width), amount[:-width]))[: len(amount)] for amount in amounts]
        means = np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1e-9), np.nan)
        return readings_of(means, sums[1])

    windows = {s: mean_over(s) for pace in PACES[Severity(rule.severity)] for s in (pace.long_s, pace.short_s)}
    verdicts = [burning.judge(rule, {s: windows[s][place] for s in windows})[0] for place in range(len(values))]
    line, none = np.full(len(values), rule.threshold), np.full(len(values), np.nan)
    return verdicts, none if rule.is_above else line, line if rule.is_above else none


def judge_anomaly(rule: Rule, read: PastOf, times: Ints, step: int, values: Floats, volumes: Floats) -> Judged:
    """Against what was usual then, as the past till then would have said."""
    verdicts = []
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for place, (reading, usual) in enumerate(
        zip(readings_of(values, volumes), usual_over(rule, read, times, step), strict=True)
    ):
        verdicts.append(judge_usual(rule, reading, None, usual)[0])
        if usual is not None and reading.value is not None:
            band = band_of(usual, scale_of(rule.of_catalog), reading.volume, TIMES[rule.sensitivity])
            low[place], high[place] = band.low, band.high
    return verdicts, low, high


def firings_of(rule: Rule, verdicts: list[Verdict], times: Ints, step: int) -> list[Firing]:
    """Runs of steps over the line, as long as the rule waits; two that lie within its closing time are one."""
    needs = -(-rule.fire_after * 5 // step)
    rests = max(1, rule.resolve_after * 5 // step)
    firings: list[Firing] = []
    run, calm, start = 0, 0, 0
    for at, verdict in zip(times, verdicts, strict=True):
        if verdict is Verdict.OVER:
            run, calm, start = run + 1, 0, start or int(at)
            if run >= needs:
                firings[-1:] = extended(firings, start, int(at) + step, rests * step)
        else:
            calm, run, start = calm + 1, 0, 0
    return firings


def extended(firings: list[Firing], start: int, end: int, gap_s: int) -> list[Firing]:
    """The last firing made longer, or it and a new one."""
    ends = datetime.fromtimestamp(end, UTC)
    begins = datetime.fromtimestamp(start, UTC)
    if firings and begins <= firings[-1].end + timedelta(seconds=gap_s):
        return [Firing(firings[-1].start, ends)]
    return [*firings[-1:], Firing(begins, ends)]
