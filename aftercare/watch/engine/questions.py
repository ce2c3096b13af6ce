"""What to ask the telemetry: rules that can be answered by one query are asked together.

One question per table, window, set of filtered dimensions and scope (an app, all apps of a customer), for all customers
at once. The window of `window_s`
before `now` takes every bucket that lies wholly or partly in it: the bucket that is still filling shows a fault one
step after its first report, at the price of a window up to one bucket longer than it says.
Two kinds of metric need more care:
- amounts per second (concurrent sessions, bandwidth) would fall at the edge of the present, where reports are still on
  their way: their window ends at the last bucket that has had `SETTLED_S` to fill;
- distinct users are kept from one minute up: their buckets are minutes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from aftercare.telemetry.queries.reading import BUCKETS_S
from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.cuts import cut_columns, cut_for
from aftercare.telemetry.schema.measured import Measurement
from aftercare.watch.engine.measured import MeasuredQuestion, question_of
from aftercare.watch.engine.rules import Memory, Rule

SETTLED_S = 10
# With enough volume in its newest end, a window need not fill up before it is over the line: at 60 s a fault that takes
# 15% of the time would cross a 5% line only after 20 s.
NEWEST_S = 10
RAW = "samples"


@dataclass(frozen=True, slots=True)
class Question:
    """What rules must have in common to be answered by one query. `dimensions` in the order of the cut's columns."""

    table: str
    dimensions: tuple[str, ...]
    window_s: int
    is_settled: bool
    is_of_all_apps: bool = False

    @property
    def cut(self) -> str:
        """The rollup's cut that holds these dimensions."""
        return "+".join(self.dimensions)

    @property
    def bucket_s(self) -> int:
        """The length of the buckets that are counted wholly."""
        return bucket_of(self.table)

    @property
    def newest(self) -> "Question | None":
        """The same about the window's newest end; None where that is no shorter or not yet all there."""
        if self.table in ("r1m", "r1h") or self.is_settled or self.window_s <= NEWEST_S:
            return None
        return replace(self, window_s=NEWEST_S)

    def span(self, now: datetime) -> tuple[int, int]:
        """From and to in whole seconds since the epoch; a bucket counts when it begins in there."""
        until = now.timestamp()
        if self.is_settled:
            until = (until - SETTLED_S) // self.bucket_s * self.bucket_s
        since = (until - self.window_s) // self.bucket_s * self.bucket_s
        return int(since), int(-(-until // 1))


AnyQuestion = Question | MeasuredQuestion


def bucket_of(table: str) -> int:
    """The bucket's length in seconds; raw rows are taken by the same tens of seconds as the finest rollup."""
    return BUCKETS_S.get(table, 10)


def question_for(metric: Metric, dimensions: Iterable[str], window_s: int, *, is_of_all_apps: bool = False) -> Question:
    """The question that answers a metric filtered by these dimensions."""
    wanted = set(dimensions)
    cut = cut_for(wanted)
    if cut is None:
        return Question(RAW, tuple(sorted(wanted)), window_s, metric.per_bucket, is_of_all_apps)
    table = "r1m" if metric.distinct else "r10s"
    return Question(table, cut_columns(cut), window_s, metric.per_bucket, is_of_all_apps)


def key_of(rule: Rule, question: Question) -> tuple[object, ...]:
    """Where the rule finds its row in the answer: customer, app (0: all), then the values of the dimensions."""
    values = dict(rule.filters)
    return (rule.customer_id, rule.app_id, *(values[dimension] for dimension in question.dimensions))


def by_question(memories: Iterable[Memory]) -> dict[AnyQuestion, list[Memory]]:
    """The rules under the question that answers them."""
    groups: dict[AnyQuestion, list[Memory]] = defaultdict(list)
    for memory in memories:
        groups[question_about(memory.rule)].append(memory)
    return dict(groups)


def question_about(rule: Rule) -> AnyQuestion:
    """The question that answers a rule."""
    if isinstance(rule.metric, Measurement):
        return question_of(rule, rule.metric)
    dimensions = (dimension for dimension, _ in rule.filters)
    return question_for(rule.metric, dimensions, rule.window_s, is_of_all_apps=not rule.app_id)
