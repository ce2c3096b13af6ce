"""The cause that was planted is the cause that is named, with the figures that prove it, and nothing else is."""

from dataclasses import replace

import numpy as np
import pytest

from aftercare.watch.localising.localise import localise
from aftercare.watch.localising.types import Leaves, Way
from aftercare.watch.tests.localised import joined, made, taken, with_dimension, within

SEEDS = range(8)
EDGE = {"province": "province2", "carrier": "carrier1"}
DEVICE = {"device": "device3"}


def causes(leaves, **how):
    return [dict(sorted(one.where.items())) for one in localise(leaves, **how).causes]


def sorted_where(*wheres):
    return [dict(sorted(where.items())) for where in wheres]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("where", [{"cdn": "cdn1"}, EDGE, {"cdn": "cdn0", **EDGE}], ids=["one", "two", "three"])
def test_one_planted_cause_is_named_alone(seed, where):
    assert causes(made(seed, ((where, 8.0),))) == sorted_where(where)


def test_a_cause_comes_with_the_figures_that_prove_it():
    leaves = made(1, ((EDGE, 8.0),))
    located = localise(leaves)
    (cause,) = located.causes
    hit = within(leaves, EDGE)
    assert cause.inside.observed == leaves.observed[hit].sum()
    assert cause.inside.volume == leaves.volume[hit].sum()
    assert cause.outside.rate == pytest.approx(leaves.observed[~hit].sum() / leaves.volume[~hit].sum())
    assert cause.inside.lift == pytest.approx(8, rel=0.3)
    assert cause.remains.lift == pytest.approx(1, rel=0.1)
    whole = located.whole.observed - located.whole.expected
    assert cause.share == pytest.approx((cause.inside.observed - cause.inside.expected) / whole)
    assert cause.as_dict()["where"] == EDGE


@pytest.mark.parametrize("seed", SEEDS)
def test_two_causes_at_once_are_both_named_and_what_remains_is_usual(seed):
    found = localise(made(seed, ((DEVICE, 5.0), ({"cdn": "cdn2", "province": "province4"}, 20.0)))).causes
    assert {"device"} in [set(one.where) for one in found]
    assert {"cdn", "province"} in [set(one.where) for one in found]
    assert found[-1].remains.lift == pytest.approx(1, rel=0.15)
    assert sum(one.share for one in found) == pytest.approx(1, abs=0.1)


def test_two_values_of_one_dimension_are_two_causes():
    found = causes(made(3, (({"province": "province0"}, 6.0), ({"province": "province5"}, 6.0))))
    assert sorted(found, key=str) == [{"province": "province0"}, {"province": "province5"}]


def test_a_cause_in_a_value_that_few_have_is_named():
    leaves = made(4)
    rare = Leaves(
        leaves.dimensions,
        tuple((*values, f"{name}-rare") if name == "device" else values for name, values in named(leaves)),
        np.array([[0, 1, 1, 4], [1, 3, 2, 4]]),
        np.array([14.0, 11.0]),
        np.array([30.0, 25.0]),
        past_observed=np.ones((2, 10)) * 0.5,
        past_volume=np.ones((2, 10)) * 27,
    )
    both = joined(replace(leaves, values=rare.values), rare)
    assert causes(both) == [{"device": "device-rare"}]


def named(leaves):
    return zip(leaves.dimensions, leaves.values, strict=True)


@pytest.mark.parametrize("seed", range(40))
def test_where_nothing_happened_nothing_is_named(seed):
    located = localise(made(seed))
    assert (located.answers, located.everywhere) == ((), False)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_turned_everywhere_is_no_part_s_fault(seed):
    located = localise(made(seed, everywhere=4.0))
    assert (located.causes, located.everywhere) == ((), True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_leaves_does_not_matter(seed):
    leaves = made(seed, ((EDGE, 8.0), (DEVICE, 3.0)))
    mixed = taken(leaves, np.random.default_rng(seed).permutation(len(leaves.observed)))
    one, other = localise(leaves), localise(mixed)
    assert [[cause.where for cause in answer] for answer in one.answers] == [
        [cause.where for cause in answer] for answer in other.answers
    ]
    assert [cause.gain for cause in one.causes] == pytest.approx([cause.gain for cause in other.causes])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dimension_more_changes_no_answer(seed):
    leaves = made(seed, ((EDGE, 8.0),))
    any_value = np.random.default_rng(seed).integers(0, 3, len(leaves.observed))
    assert causes(with_dimension(leaves, "app", ("app0",), np.zeros(len(leaves.observed), int))) == [EDGE]
    assert causes(with_dimension(leaves, "version", ("1", "2", "3"), any_value)) == [EDGE]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_value_more_and_good_leaves_change_no_answer(seed):
    leaves = with_dimension(made(seed, ((EDGE, 8.0),)), "app", ("a", "b"), np.zeros(216, int))
    good = made(seed + 100)
    others = replace(with_dimension(good, "app", ("a", "b"), np.ones(216, int)), observed=good.past_observed[:, 0])
    assert causes(leaves) == [EDGE]
    assert causes(joined(leaves, others)) == sorted_where({"app": "a", **EDGE})
    empty = replace(others, observed=np.zeros(216), volume=np.zeros(216))
    assert causes(joined(leaves, empty)) == sorted_where({"app": "a", **EDGE})


def rooms(seed, viewers, hit, lift):
    """Rooms with an anchor each, watched from 4 provinces over 3 carriers; the hit one stalls `lift` times as often."""
    chance = np.random.default_rng(seed)
    codes = np.array([[room, room, p, c] for room in range(len(viewers)) for p in range(4) for c in range(3)])
    volume = np.array([viewers[code[0]] / 12 for code in codes])
    past_volume = np.repeat(volume[:, None], 10, axis=1)
    usual = np.where(codes[:, 0] == hit, lift, 1.0) * 0.02
    values = tuple(
        tuple(f"{name}{at}" for at in range(most))
        for name, most in (("room", len(viewers)), ("anchor", len(viewers)), ("province", 4), ("carrier", 3))
    )
    return Leaves(
        ("room", "anchor", "province", "carrier"),
        values,
        codes,
        chance.poisson(volume * usual).astype(float),
        volume,
        past_observed=chance.poisson(past_volume * 0.02).astype(float),
        past_volume=past_volume,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_publisher_whose_uplink_stalls_a_whole_room_is_named_as_that(seed):
    (cause,) = localise(rooms(seed, [600.0] * 30, hit=17, lift=15)).causes
    assert cause.where == {"room": "room17", "anchor": "anchor17"}
    assert cause.least == {"room": "room17"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_room_that_holds_most_of_the_viewers_is_blamed_only_when_it_is_hit(seed):
    viewers = [30_000.0] + [600.0] * 20
    (cause,) = localise(rooms(seed, viewers, hit=0, lift=4)).causes
    assert cause.where == {"room": "room0", "anchor": "anchor0"}
    (cause,) = localise(rooms(seed, viewers, hit=5, lift=15)).causes
    assert cause.where == {"room": "room5", "anchor": "anchor5"}


@pytest.mark.parametrize("times", [0.3, 3.0], ids=["fell", "rose"])
@pytest.mark.parametrize("kind", ["counts", "measures"])
def test_what_departs_from_its_forecast_is_named_whichever_way_it_went(times, kind):
    leaves = made(2)
    chance = np.random.default_rng(9)
    mean = leaves.volume * np.where(within(leaves, EDGE), times, 1.0)
    seen = chance.poisson(mean) if kind == "counts" else mean * chance.normal(1, 0.08, len(mean))
    of_forecast = replace(leaves, observed=seen.astype(float), volume=seen.astype(float), expected=leaves.volume)
    assert causes(of_forecast) == [EDGE]
    assert causes(of_forecast, way=Way.UP if times < 1 else Way.DOWN) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_past_the_rate_elsewhere_is_what_is_usual(seed):
    leaves = replace(made(seed, ((EDGE, 10.0),)), past_observed=None, past_volume=None)
    (cause,) = localise(leaves).causes
    assert cause.where == EDGE
    assert cause.remains.lift == pytest.approx(1, rel=0.1)


def test_a_past_in_which_nothing_was_seen_is_no_past():
    leaves = made(3, ((EDGE, 10.0),))
    empty = np.zeros_like(leaves.past_volume)
    assert causes(replace(leaves, past_observed=empty, past_volume=empty)) == [EDGE]


def test_a_value_without_a_past_is_judged_by_the_rate_of_all():
    leaves = made(4)
    new = within(leaves, DEVICE)
    launched = replace(
        leaves,
        observed=np.where(new, np.round(leaves.volume * 0.2), leaves.observed),
        past_observed=np.where(new[:, None], 0.0, leaves.past_observed),
        past_volume=np.where(new[:, None], 0.0, leaves.past_volume),
    )
    assert causes(launched) == [DEVICE]


def test_leaves_without_dimensions_have_no_part_to_blame():
    one = np.ones(1)
    located = localise(Leaves((), (), np.zeros((1, 0), int), one * 90, one * 100, expected=one * 2))
    assert (located.causes, located.everywhere) == ((), True)


def test_the_first_answer_is_followed_by_others_and_none_comes_twice():
    located = localise(made(5, ((EDGE, 6.0),)))
    said = [tuple(tuple(sorted(cause.where.items())) for cause in answer) for answer in located.answers]
    assert len(said) == 5
    assert len(set(said)) == 5


def test_stalled_seconds_are_judged_by_the_length_of_a_stall_not_as_so_many_events():
    leaves = made(6)
    seconds = replace(leaves, observed=leaves.observed * 40, past_observed=leaves.past_observed * 40)
    assert localise(replace(seconds, one=40.0)).causes == ()


def test_no_leaves_at_all_have_no_cause():
    none = np.zeros(0)
    assert localise(Leaves(("cdn",), (("a",),), np.zeros((0, 1), int), none, none)).answers == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"volume": np.ones(3)},
        {"observed": np.array([1.0, np.nan])},
        {"codes": np.array([[0], [2]])},
        {"past_observed": np.ones((2, 3))},
        {"past_observed": np.ones((2, 3)), "past_volume": np.ones((2, 4))},
    ],
)
def test_columns_that_do_not_fit_are_refused(wrong):
    right = {"codes": np.array([[0], [1]]), "observed": np.ones(2), "volume": np.ones(2)}
    Leaves(("cdn",), (("a", "b"),), **right)
    with pytest.raises(ValueError, match="leaves"):
        Leaves(("cdn",), (("a", "b"),), **{**right, **wrong})
