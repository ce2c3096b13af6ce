"""Which queries a set of rules needs, and over which buckets."""

from datetime import UTC, datetime

import pytest

from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.engine.questions import Question, by_question, question_for
from aftercare.watch.engine.rules import Memory
from aftercare.watch.tests.test_rules import rule


def moment(text):
    return datetime.fromisoformat(f"2026-03-01T{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("metric", "window_s", "now", "since", "until"),
    [
        ("join_success", 60, "12:00:00", "11:59:00", "12:00:00"),
        ("join_success", 60, "12:00:05", "11:59:00", "12:00:05"),
        ("join_success", 60, "12:00:05.300", "11:59:00", "12:00:06"),
        ("join_success", 10, "12:00:09", "11:59:50", "12:00:09"),
        ("concurrent", 60, "12:00:05", "11:58:50", "11:59:50"),
        ("users", 60, "12:00:05", "11:59:00", "12:00:05"),
        ("users", 60, "12:01:05", "12:00:00", "12:01:05"),
    ],
)
def test_the_window_holds_whole_buckets(metric, window_s, now, since, until):
    span = question_for(METRICS[metric], (), window_s).span(moment(now))
    assert span == (int(moment(since).timestamp()), int(moment(until).timestamp()))


@pytest.mark.parametrize(
    ("metric", "dimensions", "table", "cut"),
    [
        ("join_success", (), "r10s", ""),
        ("join_success", ("carrier",), "r10s", "carrier"),
        ("join_success", ("carrier", "province"), "r10s", "province+carrier"),
        ("join_success", ("carrier", "device"), "samples", "carrier+device"),
        ("users", (), "r1m", ""),
        ("users_stalled", ("carrier",), "r1m", "carrier"),
    ],
)
def test_the_finest_table_that_has_it_is_asked(metric, dimensions, table, cut):
    question = question_for(METRICS[metric], dimensions, 60)
    assert (question.table, question.cut) == (table, cut)


def test_all_customers_and_metrics_share_a_question():
    rules = [
        rule(monitor_id=n, customer_id=n % 50, app_id=n % 50 + 1, metric=METRICS[metric])
        for n, metric in enumerate(["join_success", "rebuffering_ratio", "video_freeze_600"] * 100)
    ]
    rules.append(rule(monitor_id=999, window_s=300))
    rules.append(rule(monitor_id=1000, filters=(("carrier", "CMCC"),)))
    assert {question: len(memories) for question, memories in by_question(map(Memory, rules)).items()} == {
        Question("r10s", (), 60, False): 300,
        Question("r10s", (), 300, False): 1,
        Question("r10s", ("carrier",), 60, False): 1,
    }
