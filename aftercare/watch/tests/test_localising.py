"""Which combination explains that a metric turned, on made leaves; the pure part."""

import itertools

import numpy as np
import pytest

from aftercare.watch.localising import Leaves, localise
from aftercare.watch.localising.usual_rates import expected_of

CARDS = {"country": 4, "carrier": 3, "device": 5, "edge": 6}


def made(ill=(), *, seed=3, cards=CARDS, volume=400, rate=0.02, order=None):
    """Stalled viewers by leaf; `ill` are combinations with how many times as many stall there."""
    rng = np.random.default_rng(seed)
    names = tuple(tuple(f"{name}{n}" for n in range(card)) for name, card in cards.items())
    codes = np.array(list(itertools.product(*(range(card) for card in cards.values()))), dtype=np.int64)
    usual = rng.lognormal(0, 0.7, len(codes)) * volume * rate
    times = np.ones(len(codes))
    for combination, factor in ill:
        inside = np.ones(len(codes), dtype=bool)
        for name, value in combination.items():
            inside &= codes[:, list(cards).index(name)] == value
        times[inside] *= factor
    observed = rng.poisson(usual * times).astype(float)
    rows = np.arange(len(codes)) if order is None else np.random.default_rng(order).permutation(len(codes))
    return Leaves(tuple(cards), names, codes[rows], observed[rows], usual[rows])


def answer(leaves):
    return {str(cause) for cause in localise(leaves).causes}


def test_it_works():
    located = localise(made([({"edge": 2}, 6)]))
    assert [str(cause) for cause in located.causes] == ["edge=edge2"]
    (cause,) = located.causes
    assert cause.inside == pytest.approx(6, rel=0.1) and cause.outside == pytest.approx(1, rel=0.1)
    assert cause.explains > 0.9 and abs(located.remains) < 0.1


def test_a_pair_is_named_as_a_pair():
    assert answer(made([({"country": 1, "carrier": 2}, 8)])) == {"carrier=carrier2&country=country1"}


def test_the_wider_cause_is_named_where_all_of_it_is_ill():
    """One device's viewers at the edge are ill most, all others there are ill too: it is the edge."""
    assert answer(made([({"edge": 2}, 5), ({"edge": 2, "device": 1}, 2)])) == {"edge=edge2"}


def test_two_causes_at_once():
    assert answer(made([({"edge": 2}, 6), ({"carrier": 1, "device": 3}, 9)])) == {
        "edge=edge2",
        "carrier=carrier1&device=device3",
    }


def test_a_rise_everywhere_has_no_cause_in_one_place():
    located = localise(made([({}, 3)]))
    assert located.causes == ()


def test_nothing_happened_says_nothing():
    for seed in range(5):
        assert answer(made(seed=seed)) == set()


def test_a_rare_place_is_found():
    """A twentieth of one percent of all."""
    leaves = made([({"country": 3, "carrier": 0, "edge": 5}, 60)], volume=2000)
    assert "carrier=carrier0&country=country3&edge=edge5" in answer(leaves)


def test_one_room_whose_publisher_fails_is_named():
    cards = {"room": 200, "edge": 3}
    assert answer(made([({"room": 17}, 30)], cards=cards, volume=100)) == {"room=room17"}


def test_the_order_of_the_leaves_says_nothing():
    ill = [({"edge": 2}, 6), ({"carrier": 1, "device": 3}, 9)]
    assert len({frozenset(answer(made(ill, order=order))) for order in (None, 1, 2)}) == 1


def test_another_value_of_good_data_changes_no_answer():
    """A country with viewers of its own, all well, beside the others."""
    leaves = made([({"edge": 2}, 6)])
    wider = Leaves(
        leaves.dimensions,
        (("country0", "country1", "country2", "country3", "new"), *leaves.names[1:]),
        np.concatenate((leaves.codes, leaves.codes[leaves.codes[:, 0] == 0] * [0, 1, 1, 1] + [4, 0, 0, 0])),
        np.concatenate((leaves.observed, leaves.expected[leaves.codes[:, 0] == 0].round())),
        np.concatenate((leaves.expected, leaves.expected[leaves.codes[:, 0] == 0])),
    )
    assert answer(wider) == answer(leaves) == {"edge=edge2"}


def test_another_dimension_that_tells_nothing_changes_no_answer():
    leaves = made([({"edge": 2}, 6)])
    flat = np.zeros((len(leaves.codes), 1), dtype=np.int64)
    same = Leaves(
        (*leaves.dimensions, "sdk"),
        (*leaves.names, ("4.2",)),
        np.concatenate((leaves.codes, flat), axis=1),
        leaves.observed,
        leaves.expected,
    )
    assert answer(same) == answer(leaves)


def test_amounts_that_fall_are_located_too():
    """Viewers that are gone from one edge, against what was forecast, within noise of a few percent."""
    rng = np.random.default_rng(5)
    leaves = made(volume=4000)
    observed = leaves.expected * rng.normal(1, 0.03, len(leaves.codes))
    observed[leaves.codes[:, 3] == 4] *= 0.2
    gone = Leaves(leaves.dimensions, leaves.names, leaves.codes, observed, leaves.expected, is_counted=False)
    assert answer(gone) == {"edge=edge4"}


def test_a_small_part_that_deviates_is_found_in_the_noise_of_all():
    rng = np.random.default_rng(5)
    leaves = made(volume=4000)
    observed = leaves.expected * rng.normal(1, 0.03, len(leaves.codes))
    inside = (leaves.codes[:, 0] == 1) & (leaves.codes[:, 2] == 2) & (leaves.codes[:, 3] == 0)
    observed[inside] *= 0.5
    told = Leaves(leaves.dimensions, leaves.names, leaves.codes, observed, leaves.expected, is_counted=False)
    assert answer(told) == {"country=country1&device=device2&edge=edge0"}


def test_usual_rates_are_those_of_the_good_minutes_before():
    bad = np.array([[2.0, 2.0, 90.0], [0.0, 1.0, 40.0]])
    volume = np.array([[100.0, 100.0, 100.0], [5.0, 5.0, 5.0]])
    usual = expected_of(bad, volume, np.array([1000.0, 1000.0]))
    assert usual[0] == pytest.approx(1000 * (4 + 50 * 5.5 / 210) / 250)
    assert usual[1] == pytest.approx(1000 * (1 + 50 * 5.5 / 210) / 60)


def test_nothing_to_search_in():
    empty = Leaves(("edge",), (("a",),), np.zeros((0, 1), dtype=np.int64), np.zeros(0), np.zeros(0))
    assert localise(empty).causes == ()
