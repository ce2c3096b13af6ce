"""What is usual, from a series' own past alone: the pure part."""

import numpy as np
import pytest

from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.engine.judges import judge_usual
from aftercare.watch.engine.rules import Reading, Rule, Verdict
from aftercare.watch.usual.bands import TIMES, band_of
from aftercare.watch.usual.calendar import weekdays_before
from aftercare.watch.usual.curve import SLOT_S, SLOTS_A_DAY, Past, usual_at
from aftercare.watch.usual.scales import scale_of

# A Monday, 21:00 in Shanghai.
SLOT = (1_764_594_000 - 1_764_594_000 % SLOT_S) // SLOT_S
ZONE = ("Asia/Shanghai", frozenset(), frozenset())
JOIN, VIEWERS, FRAME = METRICS["join_success"], METRICS["concurrent"], METRICS["first_frame_p95"]


def evening(slots: "np.ndarray") -> "np.ndarray":
    """How busy each slot is: most at 21:00 in Shanghai, least at 9:00."""
    return 1.2 + np.cos(((slots * SLOT_S / 3600 + 8) % 24 - 21) / 24 * 2 * np.pi)


def joins(*, days: int = 28, seed: int = 7, dip: float = 0.004) -> Past:
    """Join success of about 98.5%, a little worse in the evening, on a few thousand attempts each ten minutes."""
    rng, slots = np.random.default_rng(seed), np.arange(SLOT - days * SLOTS_A_DAY, SLOT)
    attempts = np.round(1900 * evening(slots)).astype(int)
    good = rng.binomial(attempts, 0.987 - dip * evening(slots))
    return Past(SLOT, scale_of(JOIN).turn(100 * good / attempts), attempts.astype(float))


def viewers(*, days: int = 28, seed: int = 7, times: float = 1.0) -> Past:
    """Who watches, with the evening's peak; `times` as many in the last three days, as over a holiday."""
    rng, slots = np.random.default_rng(seed), np.arange(SLOT - days * SLOTS_A_DAY, SLOT)
    values = 5000 * evening(slots) * rng.lognormal(0, 0.03, len(slots))
    values[-3 * SLOTS_A_DAY :] *= times
    return Past(SLOT, scale_of(VIEWERS).turn(values), values)


def band(past: Past, metric, volume: float, sensitivity: str = "normal", slot: int = SLOT):
    usual = usual_at(past, slot, scale_of(metric), weekdays_before(slot, *ZONE))
    return None if usual is None else band_of(usual, scale_of(metric), volume, TIMES[sensitivity])


def rule(metric, *, is_above: bool = False, sensitivity: str = "normal") -> Rule:
    settings = {"filters": (), "is_above": is_above, "threshold": 0.0, "window_s": 60, "floor": 25}
    settings |= {"fewest": 5 if metric is JOIN else 0}
    settings |= {"fire_after": 1, "resolve_after": 3, "no_data": "keep", "severity": "red"}
    return Rule(1, 1, 1, metric, **settings, kind="anomaly", sensitivity=sensitivity)


def verdict(past: Past, metric, value: float, volume: float, **how) -> Verdict:
    usual = usual_at(past, SLOT, scale_of(metric), weekdays_before(SLOT, *ZONE))
    return judge_usual(rule(metric, **how), Reading(value, volume, 60), None, usual)[0]


def test_it_works():
    assert verdict(joins(), JOIN, 91.2, 1904) is Verdict.OVER
    assert verdict(joins(), JOIN, 97.9, 1904) is Verdict.WITHIN
    found = band(joins(), JOIN, 1904)
    assert 96.5 < found.shown_low < found.usual < found.shown_high < 99.5
    assert found.low < found.shown_low and found.days == 28 + 1


def test_the_same_value_on_few_attempts_says_nothing():
    assert verdict(joins(), JOIN, 91.2, 60) is Verdict.WITHIN
    assert verdict(joins(), JOIN, 60.0, 20) is Verdict.LOW_VOLUME


def test_the_evening_is_compared_with_evenings():
    """At 9:00 a fortieth of the evening's viewers is what is usual; at 21:00 it is a crash."""
    morning = SLOT - SLOTS_A_DAY // 2
    past = viewers()
    upto = Past(morning, past.values[: -SLOTS_A_DAY // 2], past.volumes[: -SLOTS_A_DAY // 2])
    at_nine = band(upto, VIEWERS, 1000, slot=morning)
    at_peak = band(past, VIEWERS, 1000)
    assert at_nine.low < 1000 < at_nine.high
    assert at_peak.low > 8000


def test_a_holidays_crowd_is_no_anomaly_and_its_crash_is():
    past = viewers(times=1.6)
    usual = band(past, VIEWERS, 1000).usual
    assert usual == pytest.approx(5000 * 2.2 * 1.6, rel=0.1)
    assert verdict(past, VIEWERS, usual * 0.95, usual) is Verdict.WITHIN
    assert verdict(past, VIEWERS, usual * 0.6, usual) is Verdict.OVER


def test_a_gap_and_a_past_fault_do_not_bend_what_is_usual():
    plain = joins()
    gaps, fault = plain.values.copy(), plain.values.copy()
    gaps[-2 * SLOTS_A_DAY : -SLOTS_A_DAY] = np.nan
    fault[-7 * SLOTS_A_DAY - 3 : -7 * SLOTS_A_DAY + 3] = scale_of(JOIN).turn(np.array([40.0]))
    for values in (gaps, fault):
        bent = band(Past(SLOT, values, plain.volumes), JOIN, 1904)
        assert bent.usual == pytest.approx(band(plain, JOIN, 1904).usual, abs=0.15)
        assert bent.low == pytest.approx(band(plain, JOIN, 1904).low, abs=0.5)


def test_a_new_level_is_usual_after_most_of_a_day_and_not_before():
    past = joins()
    for slots, is_usual in ((SLOTS_A_DAY // 4, False), (SLOTS_A_DAY - 10, True)):
        values = past.values.copy()
        values[-slots:] = scale_of(JOIN).turn(np.array([94.0]))
        assert (verdict(Past(SLOT, values, past.volumes), JOIN, 94.0, 3000) is Verdict.WITHIN) == is_usual


def test_too_short_a_past_says_so():
    assert verdict(Past(SLOT, np.full(5, 1.4), np.full(5, 900.0)), JOIN, 10.0, 900) is Verdict.LEARNING
    hours = joins(days=1)
    young = band(Past(SLOT, hours.values[-30:], hours.volumes[-30:]), JOIN, 1904)
    assert young.days == 0 and young.low < band(joins(), JOIN, 1904).low


def test_a_flat_series_has_a_band_of_some_width():
    flat = Past(SLOT, np.full(4032, scale_of(FRAME).turn(np.array([800.0]))[0]), np.full(4032, 500.0))
    found = band(flat, FRAME, 500)
    assert found.low < 800 * 0.88 and found.high > 800 * 1.12
    assert verdict(flat, FRAME, 2400.0, 500, is_above=True) is Verdict.OVER


def test_a_trifle_is_no_anomaly_however_sure_one_can_be_of_it():
    slots = np.full(4032, scale_of(JOIN).turn(np.array([99.5]))[0])
    sure = Past(SLOT, slots, np.full(4032, 5e7))
    assert verdict(sure, JOIN, 99.3, 5e6) is Verdict.WITHIN
    assert verdict(sure, JOIN, 98.0, 5e6) is Verdict.OVER


def test_a_more_sensitive_rule_speaks_earlier():
    past = viewers()
    bands = {how: band(past, VIEWERS, 1000, how) for how in TIMES}
    assert bands["low"].low < bands["normal"].low < bands["high"].low


def test_make_up_days_and_holidays_are_days_of_their_own_kind():
    from datetime import date

    free = frozenset({date(2025, 10, 1)})
    made_up = frozenset({date(2025, 9, 28)})
    slot = int(1_759_406_400 // SLOT_S)  # 2025-10-02 20:00 in Shanghai
    kinds = weekdays_before(slot, "Asia/Shanghai", free, made_up)
    assert list(kinds[:5]) == [3, 7, 1, 0, 0]


def test_no_false_word_in_four_weeks_of_usual_evenings():
    """Every tenth slot of the last two weeks, judged by the past till then, on values of the same making."""
    past, wrong = joins(days=42), 0
    rng = np.random.default_rng(11)
    for back in range(5, 14 * SLOTS_A_DAY, 10):
        slot = SLOT - back
        upto = Past(slot, past.values[:-back], past.volumes[:-back])
        usual = usual_at(upto, slot, scale_of(JOIN), weekdays_before(slot, *ZONE))
        attempts = int(190 * evening(np.array([slot]))[0])
        value = 100 * rng.binomial(attempts, 0.987 - 0.004 * evening(np.array([slot]))[0]) / attempts
        wrong += judge_usual(rule(JOIN), Reading(value, attempts, 60), None, usual)[0] is Verdict.OVER
    assert wrong == 0
