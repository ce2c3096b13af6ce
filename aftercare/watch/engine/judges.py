"""What one evaluation says of each rule, by its kind."""

from datetime import datetime

from aftercare.telemetry.schema.measured import Measurement
from aftercare.watch.engine.answers import AnyAnswers
from aftercare.watch.engine.rules import NO_LINE, Line, Memory, Reading, Rule, Verdict, wrong_events
from aftercare.watch.models import FIRING_STATUSES, Kind, Status
from aftercare.watch.usual.bands import TIMES, band_of
from aftercare.watch.usual.curve import Usual
from aftercare.watch.usual.keeper import Keeper
from aftercare.watch.usual.novel import Novelties
from aftercare.watch.usual.scales import scale_of

Judged = tuple[Verdict, Reading, Line]

# Silence is news where at least this share of like moments of the past told something.
USUALLY = 0.8


def judge_by_kind(
    memory: Memory, answers: AnyAnswers, keeper: Keeper, novelties: Novelties, now: datetime
) -> Judged | None:
    """The verdict, the reading that it rests on, and the line; None while the rule's past is still being read."""
    rule = memory.rule
    if rule.kind == Kind.ABSENCE:
        return judge_absence(memory, answers.readings(rule)[0], keeper.presence(rule, now))
    if rule.kind == Kind.ANOMALY and isinstance(rule.metric, Measurement):
        return novelties.judge(rule)
    if rule.kind == Kind.ANOMALY:
        try:
            usual = keeper.usual(rule, now.timestamp() - rule.window_s / 2)
        except KeyError:
            return None
        return judge_usual(rule, *answers.readings(rule), usual)
    return (*answers.weigh(rule), NO_LINE)


def judge_usual(rule: Rule, whole: Reading, newest: Reading | None, usual: Usual | None) -> Judged:
    """Outside the band or not. Its newest end speaks where that alone is, as with a limit (rules.weigh)."""
    if usual is None:
        return (Verdict.NO_DATA if whole.value is None else Verdict.LEARNING), whole, NO_LINE
    for reading in (newest, whole):
        if reading is not None and (judged := outside(rule, reading, usual)) is not None:
            return judged
    if whole.value is None:
        return Verdict.NO_DATA, whole, NO_LINE
    return (Verdict.LOW_VOLUME if whole.volume < rule.floor else Verdict.WITHIN), whole, NO_LINE


def outside(rule: Rule, reading: Reading, usual: Usual) -> Judged | None:
    """The verdict of a reading that lies outside the band on the rule's side; None of any other."""
    if reading.value is None or reading.volume < rule.floor:
        return None
    band = band_of(usual, scale_of(rule.of_catalog), reading.volume, TIMES[rule.sensitivity])
    edge = band.high if rule.is_above else band.low
    if not (reading.value > edge if rule.is_above else reading.value < edge):
        return None
    if rule.fewest and wrong_events(rule, reading.value, reading.volume) < rule.fewest:
        return None
    return Verdict.OVER, reading, Line(edge, band.as_dict())


def judge_absence(memory: Memory, reading: Reading, presence: float | None) -> Judged:
    """Whether nothing was reported at a time at which something usually is.

    Where no past tells that, silence is news after something was there.
    """
    if reading.value is not None:
        return Verdict.WITHIN, reading, NO_LINE
    is_news = memory.status in (Status.OK, *FIRING_STATUSES) if presence is None else presence >= USUALLY
    if not is_news:
        return Verdict.NO_DATA, reading, NO_LINE
    return Verdict.OVER, reading, Line(0.0, {"kind": Kind.ABSENCE.value, "presence": presence})
