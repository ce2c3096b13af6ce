"""How new a value is for its series; the pure part."""

import json
import math
import random

import pytest

from aftercare.watch.detecting.novelty import Detector


def scores(values):
    detector = Detector()
    return [detector.observe(value) for value in values]


def noise(count=600, seed=5, level=50.0):
    dice = random.Random(seed)
    return [level + dice.gauss(0, 2) for _ in range(count)]


def test_it_works():
    values = [*noise(), 90.0, *noise(100, seed=6)]
    found = scores(values)
    assert max(found) == found[600] > 1
    assert max(found[:600]) < 0.5 < found[600]


def test_one_trouble_is_one_alarm():
    found = scores([*noise(), *[90.0 + n % 3 / 10 for n in range(60)]])
    assert sum(score > 0.3 for score in found[600:]) == 1


def test_a_gap_between_two_levels_is_as_new_as_beyond_all():
    levels = [10.0 if n // 50 % 2 else 90.0 for n in range(600)]
    found = scores([value + dice for value, dice in zip(levels, noise(600, level=0.0), strict=True)] + [50.0])
    assert found[-1] > 0.2 and found[-1] == max(found[300:])


def test_a_season_is_not_new():
    found = scores([50 + 40 * math.sin(n / 144 * 2 * math.pi) for n in range(144 * 14)])
    assert max(found[144 * 2 :]) < 0.05


def test_a_new_level_is_new_once_and_then_known():
    found = scores([*noise(), *noise(400, seed=8, level=80.0)])
    assert sum(score > 0.1 for score in found[600:]) <= 2
    assert max(found[750:]) < 0.1


def test_a_small_step_that_stays_shows_in_the_mean():
    steady = [10.0 + n % 2 for n in range(400)]
    assert scores([*steady, 12.6, 12.6, 12.6])[-1] > 0 or max(scores([*steady, 12.6, 12.6, 12.6])[-3:]) > 0.3


def test_constants_and_what_is_no_number():
    assert max(scores([7.0] * 300)) == 0
    assert scores([7.0] * 300 + [7.1])[-1] > 1
    found = scores([*noise(200), math.nan, math.inf, *noise(50, seed=9)])
    assert found[200] == found[201] == 0
    assert found[:200] + found[202:] == scores([*noise(200), *noise(50, seed=9)])


@pytest.mark.parametrize(("times", "plus"), [(1000.0, 0.0), (0.001, 0.0), (1.0, 1e6)])
def test_neither_unit_nor_offset_says_anything(times, plus):
    values = [*noise(), 90.0]
    assert scores([value * times + plus for value in values]) == pytest.approx(scores(values), rel=1e-3, abs=1e-6)


def test_a_restart_changes_nothing():
    values = [*noise(300), 90.0, *noise(200, seed=3)]
    detector = Detector()
    first = [detector.observe(value) for value in values[:301]]
    detector = Detector.restored(json.loads(json.dumps(detector.state())))
    assert first + [detector.observe(value) for value in values[301:]] == scores(values)
