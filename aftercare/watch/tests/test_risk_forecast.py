"""When a figure reaches its limit: by a slope that outliers and weekends do not move."""

import math
import random

import pytest

from aftercare.watch.risks.forecast import forecast


def test_a_steady_drift_reaches_its_limit_when_arithmetic_says():
    seen = forecast([50 + n for n in range(20)], 90)
    assert seen is not None
    assert seen.slope == pytest.approx(1) and seen.reached_in == pytest.approx(21)
    assert seen.earliest == pytest.approx(21) and seen.latest == pytest.approx(21)


def test_what_falls_is_held_against_its_floor():
    seen = forecast([1000.0 - 10 * n for n in range(10)], 500, falls=True)
    assert seen is not None
    assert seen.slope == pytest.approx(-10) and seen.reached_in == pytest.approx(41)


def test_a_day_that_stands_out_moves_nothing():
    days: list[float | None] = [50.0 + n for n in range(20)]
    days[7], days[12] = 88.0, 3.0
    seen = forecast(days, 90)
    assert seen is not None and seen.slope == pytest.approx(1, abs=0.05)


def test_saturdays_peak_is_no_rise_but_is_expected_again():
    days = [100.0 + (60 if n % 7 == 5 else 0) + n for n in range(26)]
    seen = forecast(days, 195)
    assert seen is not None and seen.slope == pytest.approx(1)
    # Day 40 is a Saturday of 200: the first to be above, while the trend alone would take until day 95.
    assert seen.reached_in == pytest.approx(40 - 25)


def test_a_figure_that_does_not_move_is_never_there():
    seen = forecast([80.0] * 14, 90)
    assert seen is not None and seen.reached_in is None and seen.latest is None


def test_what_is_reached_is_reached_however_little_is_known():
    seen = forecast([95.0], 90)
    assert seen is not None and seen.reached_in == 0


@pytest.mark.parametrize("days", [[], [None] * 9, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None]])
def test_too_little_is_no_verdict(days):
    assert forecast(days, 90) is None


def test_the_bounds_hold_the_truth_as_often_as_they_say():
    chance = random.Random(7)
    held = 0
    for _ in range(200):
        days: list[float | None] = [50 + 0.5 * n + chance.gauss(0, 2) for n in range(20)]
        seen = forecast(days, 500)
        assert seen is not None
        held += seen.slope_low <= 0.5 <= seen.slope_high
    assert 0.85 <= held / 200 <= 0.97, held


def test_gaps_are_no_figures():
    days: list[float | None] = [50.0 + n for n in range(20)]
    days[3] = days[9] = None
    days[4] = math.nan
    seen = forecast(days, 90)
    assert seen is not None and seen.slope == pytest.approx(1) and seen.days == 17
