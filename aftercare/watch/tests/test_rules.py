"""What one window says, and when that changes a status."""

import pytest

from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.engine.rules import (
    SETTLE_WINDOWS,
    Memory,
    Reading,
    Rule,
    Verdict,
    advance,
    is_share_of_events,
    judge,
)
from aftercare.watch.models import Status

OVER, WITHIN, LOW, NONE = Verdict.OVER, Verdict.WITHIN, Verdict.LOW_VOLUME, Verdict.NO_DATA


def rule(**changes):
    facts = {
        "monitor_id": 1,
        "customer_id": 1,
        "app_id": 1,
        "metric": METRICS["join_success"],
        "filters": (),
        "is_above": False,
        "threshold": 95.0,
        "window_s": 60,
        "floor": 25,
        "fewest": 0,
        "fire_after": 2,
        "resolve_after": 3,
        "no_data": "keep",
        "severity": "red",
    }
    return Rule(**facts | changes)


@pytest.mark.parametrize(
    ("value", "volume", "is_above", "said"),
    [
        (94.9, 25, False, OVER),
        (95.0, 25, False, WITHIN),  # the line itself is still within
        (95.1, 25, False, WITHIN),
        (95.1, 25, True, OVER),
        (95.0, 25, True, WITHIN),
        (0.0, 24, False, LOW),
        (0.0, 25, False, OVER),
        (None, 0, False, NONE),
        (None, 99, True, NONE),
    ],
)
def test_a_window_says(value, volume, is_above, said):
    assert judge(rule(is_above=is_above), Reading(value, volume)) is said


@pytest.mark.parametrize(
    ("value", "volume", "is_above", "said"),
    [
        (92.0, 25, False, LOW),  # two failed joins of twenty-five: chance
        (80.0, 25, False, OVER),
        (94.0, 1000, False, OVER),
        (99.0, 25, False, WITHIN),
        (98.0, 25, True, OVER),
        (96.0, 4, True, LOW),
    ],
)
def test_a_few_events_on_the_wrong_side_are_no_verdict(value, volume, is_above, said):
    assert judge(rule(is_above=is_above, fewest=5), Reading(value, volume)) is said


@pytest.mark.parametrize(
    ("key", "is_share"),
    [
        ("join_success", True),
        ("loss", True),
        ("users_stalled", True),
        ("rebuffering_ratio", False),
        ("video_freeze_600", False),
        ("rtt", False),
        ("stalls_per_100s", False),
        ("sessions", False),
    ],
)
def test_shares_of_events_are_told_from_shares_of_time(key, is_share):
    assert is_share_of_events(METRICS[key]) is is_share


def run(verdicts, start=Status.OK, **changes):
    """The statuses gone through, as if each change were stored at once."""
    memory = Memory(rule(**changes), start)
    seen = []
    for verdict in verdicts:
        to = advance(memory, verdict)
        if to:
            seen.append(to)
            memory.stand(to)
    return seen


@pytest.mark.parametrize(
    ("verdicts", "changes"),
    [
        ([OVER], []),
        ([OVER, OVER], ["firing"]),
        ([OVER, WITHIN, OVER], []),
        ([OVER, LOW, OVER], []),
        ([OVER, NONE, OVER], []),
        ([OVER, OVER, WITHIN, WITHIN], ["firing"]),
        ([OVER, OVER, WITHIN, WITHIN, OVER, WITHIN, WITHIN], ["firing"]),
        ([OVER, OVER, WITHIN, WITHIN, WITHIN], ["firing", "ok"]),
        ([OVER, OVER] + [LOW] * 50, ["firing", "firing_blind"]),
        ([OVER, OVER] + [NONE] * 50 + [OVER], ["firing", "firing_blind", "firing"]),
        ([OVER, OVER] + [NONE] * 50 + [WITHIN] * 3, ["firing", "firing_blind", "ok"]),
        ([LOW] * 100, ["low_volume"]),
        ([LOW] * (SETTLE_WINDOWS - 1) + [WITHIN], []),
        ([NONE] * SETTLE_WINDOWS, ["no_data"]),
        ([NONE] * SETTLE_WINDOWS + [OVER, OVER], ["no_data", "firing"]),
    ],
)
def test_statuses_follow_windows_in_a_row(verdicts, changes):
    assert run(verdicts) == changes


@pytest.mark.parametrize(
    ("policy", "verdicts", "changes"),
    [
        ("fire", [NONE, NONE], ["firing"]),
        ("fire", [OVER, NONE], ["firing"]),
        ("fire", [LOW] * 9, ["low_volume"]),  # little is not nothing: it never fires
        ("resolve", [OVER, OVER, NONE, NONE], ["firing"]),
        ("resolve", [OVER, OVER, NONE, NONE, NONE], ["firing", "no_data"]),
        ("resolve", [OVER, OVER, LOW, LOW, LOW], ["firing", "low_volume"]),
    ],
)
def test_no_data_means_what_the_rule_says(policy, verdicts, changes):
    assert run(verdicts, no_data=policy) == changes


def test_the_first_look_is_written_at_once():
    for verdict, status in ((WITHIN, "ok"), (LOW, "low_volume"), (NONE, "no_data")):
        assert run([verdict], start=Status.NEW) == [status]


def test_a_change_that_could_not_be_stored_is_tried_again():
    memory = Memory(rule(), Status.OK)
    advance(memory, OVER)
    assert [advance(memory, OVER) for _ in range(3)] == [Status.FIRING] * 3
