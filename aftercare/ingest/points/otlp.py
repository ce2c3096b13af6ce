"""OTLP metrics as points, whether they came as Protocol Buffers or as JSON: one data point at a time.

Source: opentelemetry-proto, metrics/v1/metrics.proto (1.10), and docs/specification.md for what is answered.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)

from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Distribution, Points
from aftercare.ingest.points.labels import sorted_labels
from aftercare.ingest.points.native_histograms import laid_out
from aftercare.ingest.points.series import Registry
from aftercare.ingest.reading import Refusal, time_refusal
from aftercare.kernel.errors import Refused

DELTA, CUMULATIVE = 1, 2
NOT_RECORDED = 1
MOST_BUCKETS = 1000
Labels = dict[str, str]


@dataclass(frozen=True)
class Told:
    """What a data point is told of by what it stands in: resource, metric, and how its numbers are to be read."""

    resource: Labels
    name: str
    unit: str
    temporality: int
    is_monotonic: bool = True

    def number_kind(self, is_sum: bool) -> str:
        """The kind of its series where its points are numbers. Raises Refused for a sum that does not say which."""
        if not is_sum:
            return "gauge"
        self.require_temporality()
        if self.temporality == DELTA:
            return "delta"
        return "counter" if self.is_monotonic else "gauge"

    def distribution_kind(self) -> str:
        """The kind of its series where its points are histograms. Raises Refused."""
        self.require_temporality()
        return "distribution_delta" if self.temporality == DELTA else "distribution"

    def require_temporality(self) -> None:
        """Raise Refused where the sender does not say what its sums are sums of."""
        if self.temporality not in (DELTA, CUMULATIVE):
            raise Refused(f"{self.name[:100]}: its aggregation temporality is neither delta nor cumulative")


class OtlpPoints:
    """The points of one request, good ones taken, bad ones named."""

    def __init__(self, key: Key, registry: Registry, now_ms: int) -> None:
        self.key, self.registry, self.now_ms = key, registry, now_ms
        self.points = Points()
        self.refusals: list[Refusal] = []
        self.seen = 0
        self._ids: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def refuse(self, sentence: str, name: str, number: int) -> None:
        """Note a data point that is not taken, by its number in the request."""
        self.refusals.append(Refusal(number, sentence, name[:200]))

    def series(self, told: Told, attributes: Iterable[KeyValue], kind: str, **more: str) -> int:
        """The series of a data point: its own attributes win over its resource's. Raises Refused."""
        labels = {**told.resource, **labels_of(attributes), **more}
        return self.registry.admit(self.key, told.name, sorted_labels(labels.items()), kind, told.unit).id

    def time_of(self, nanoseconds: int) -> int:
        """A data point's time in milliseconds. Raises Refused."""
        at = nanoseconds // 1_000_000
        why = time_refusal(at, self.now_ms)
        if why:
            raise Refused(why)
        return at

    def add_number(self, series: int, at: int, value: float) -> None:
        """A number of a series."""
        self._ids.append(series)
        self._times.append(at)
        self._values.append(value)

    def number(self, told: Told, point: NumberDataPoint, *, is_sum: bool) -> int | None:
        """One number; returns its series, None where nothing was kept. Raises Refused."""
        series = self.series(told, point.attributes, told.number_kind(is_sum))
        at = self.time_of(point.time_unix_nano)
        if point.flags & NOT_RECORDED or not point.WhichOneof("value"):
            self.points.unknown += 1
            return None
        value = point.as_double if point.HasField("as_double") else float(point.as_int)
        self.add_number(series, at, value)
        return series

    def histogram(self, told: Told, point: HistogramDataPoint) -> None:
        """One histogram of explicit bounds. Raises Refused."""
        if point.flags & NOT_RECORDED:
            self.points.unknown += 1
            return
        bounds, counts = list(point.explicit_bounds), [float(count) for count in point.bucket_counts]
        if counts and len(counts) != len(bounds) + 1:
            raise Refused(
                f"{told.name[:100]} has {len(counts)} buckets for {len(bounds)} bounds; one more was expected"
            )
        if len(counts) > MOST_BUCKETS:
            raise Refused(f"{told.name[:100]} has {len(counts)} buckets, more than {MOST_BUCKETS}")
        if any(later <= earlier for earlier, later in pairwise(bounds)):
            raise Refused(f"{told.name[:100]} has bounds that do not grow")
        self.add_distribution(told, point, bounds, counts or [float(point.count)])

    def exponential(self, told: Told, point: ExponentialHistogramDataPoint) -> None:
        """One exponential histogram: bucket i lies between 2^(2^-scale)^i and ^(i + 1). Raises Refused."""
        if point.flags & NOT_RECORDED:
            self.points.unknown += 1
            return
        if not -10 <= point.scale <= 20:
            raise Refused(f"{told.name[:100]} has the scale {point.scale}; -10 to 20 are known")
        if len(point.positive.bucket_counts) + len(point.negative.bucket_counts) > MOST_BUCKETS:
            raise Refused(f"{told.name[:100]} has more than {MOST_BUCKETS} buckets")
        slots = [
            (power(point.scale, index), power(point.scale, index + 1), float(count))
            for index, count in enumerate(point.positive.bucket_counts, point.positive.offset)
        ]
        slots += [
            (-power(point.scale, index + 1), -power(point.scale, index), float(count))
            for index, count in enumerate(point.negative.bucket_counts, point.negative.offset)
        ]
        if point.zero_count:
            slots.append((-point.zero_threshold, point.zero_threshold, float(point.zero_count)))
        self.add_distribution(told, point, *laid_out(slots))

    def add_distribution(
        self,
        told: Told,
        point: HistogramDataPoint | ExponentialHistogramDataPoint,
        bounds: list[float],
        counts: list[float],
    ) -> None:
        """A histogram of a series. Raises Refused."""
        made = Distribution(
            self.series(told, point.attributes, told.distribution_kind()),
            self.time_of(point.time_unix_nano),
            float(point.count),
            point.sum if point.HasField("sum") else math.nan,
            bounds,
            counts,
            point.min if point.HasField("min") else math.nan,
            point.max if point.HasField("max") else math.nan,
            point.start_time_unix_nano // 1_000_000,
        )
        self.points.distributions.append(made)

    def summary(self, told: Told, point: SummaryDataPoint) -> None:
        """One summary as Prometheus writes it: a gauge per quantile, counters of count and sum. Raises Refused."""
        at = self.time_of(point.time_unix_nano)
        for quantile in point.quantile_values:
            label = f"{quantile.quantile:g}"
            self.add_number(self.series(told, point.attributes, "gauge", quantile=label), at, quantile.value)
        for ending, value in (("_count", float(point.count)), ("_sum", point.sum)):
            named = Told(told.resource, told.name + ending, told.unit, CUMULATIVE)
            self.add_number(self.series(named, point.attributes, "counter"), at, value)

    def finish(self) -> None:
        """Everything that came one by one joins the columns."""
        if self._ids:
            columns = np.array(self._ids, np.uint64), np.array(self._times, np.int64)
            self.points.add(*columns, np.array(self._values, np.float64))
            self._ids, self._times, self._values = [], [], []


def power(scale: int, index: int) -> float:
    """The lower bound of an exponential bucket."""
    try:
        return float(2.0 ** (index * 2.0**-scale))
    except OverflowError:
        return math.inf


def labels_of(attributes: Iterable[KeyValue]) -> Labels:
    """Attributes as texts; nested ones as JSON."""
    return {attribute.key: text_of(attribute.value) for attribute in attributes}


def text_of(value: AnyValue) -> str:
    """An attribute's value as text."""
    plain = plain_of(value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def plain_of(value: AnyValue) -> object:
    """An attribute's value as JSON knows it."""
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "array_value":
        return [plain_of(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {one.key: plain_of(one.value) for one in value.kvlist_value.values}
    if kind == "bytes_value":
        return value.bytes_value.hex()
    return getattr(value, kind)
