"""OTLP metrics out of Protocol Buffers.

What a sender sent before, but for its numbers, is read by its layout (otlp_layout.py). Everything else is read step by
step: a number's data point whose attributes are known by their bytes costs a look-up, the rest is the library's.
"""

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from aftercare.ingest.points.otlp import OtlpPoints, Told, labels_of
from aftercare.ingest.points.otlp_layout import (
    DOUBLE_TAG,
    FULL_HEAD,
    INT_TAG,
    SHORT_HEAD,
    START_TAG,
    TIME_TAG,
    Layout,
    Point,
)
from aftercare.ingest.points.wire import BYTES, UNREADABLE, Unreadable, fields, varint
from aftercare.ingest.reading import NEWEST_MS, OLDEST_MS, time_refusal
from aftercare.kernel.errors import Refused

DATA = GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY = 5, 7, 9, 10, 11
MESSAGES: dict[int, type[Any]] = {
    HISTOGRAM: HistogramDataPoint,
    EXPONENTIAL: ExponentialHistogramDataPoint,
    SUMMARY: SummaryDataPoint,
}
POINT_TAG = 0x0A
# A metric's aggregation temporality and whether it only grows, as the tags of their fields.
TEMPORALITY, MONOTONIC = 0x10, 0x18
Span = tuple[int, int]


@dataclass
class Metric:
    """A metric, and what its points are told of; name and unit are read only where somebody asks."""

    body: bytes
    header: Span
    labels: dict[str, str]
    what: int
    temporality: int
    is_monotonic: bool
    context: dict[bytes, int]
    """Series by the bytes of a point's attributes."""

    @cached_property
    def told(self) -> Told:
        """Name, unit, and how the numbers are to be read."""
        texts = {1: "", 3: ""}
        for number, kind, begin, end in fields(self.body, *self.header):
            if number in texts and kind == BYTES:
                texts[number] = self.body[begin:end].decode()
        return Told(self.labels, texts[1], texts[3], self.temporality, self.is_monotonic)


class WireReader(OtlpPoints):
    """Reads an ExportMetricsServiceRequest."""

    def read(self, body: bytes) -> None:
        """The whole body. Raises Unreadable."""
        self.body, self.raw = body, np.frombuffer(body, np.uint8)
        self.known = self.registry.known(self.key, self.now_ms)
        try:
            for number, kind, begin, end in fields(body, 0, len(body)):
                if number == 1 and kind == BYTES:
                    self.read_resource(begin, end)
        except (DecodeError, UnicodeDecodeError, IndexError):
            raise Unreadable(UNREADABLE) from None
        self.finish()

    def read_resource(self, start: int, stop: int) -> None:
        """A ResourceMetrics: its resource, and the metrics of its scopes."""
        number, kind, begin, end = next(fields(self.body, start, stop), (0, 0, start, start))
        resource = self.body[begin:end] if number == 1 and kind == BYTES else b""
        layout = self.known.layouts.get((resource, stop - start))
        if layout is not None and layout.fits(self.raw[start:stop]):
            self.take(layout, self.raw[start:stop])
            return
        self.regular: list[Point] = []
        before = self.seen
        labels = labels_of(Resource.FromString(resource).attributes)
        for number, kind, begin, end in fields(self.body, start, stop):
            if number == 2 and kind == BYTES:
                self.read_scope(begin, end, resource, labels)
        if self.regular and len(self.regular) == self.seen - before:
            self.known.layouts[resource, stop - start] = Layout(self.body[start:stop], start, self.regular)

    def take(self, layout: Layout, piece: Any) -> None:
        """The numbers of a piece that has a known layout."""
        times, values = layout.numbers(piece)
        in_time = (times >= self.now_ms - OLDEST_MS) & (times <= self.now_ms + NEWEST_MS)
        ids = layout.ids
        if not in_time.all():
            for place in np.flatnonzero(~in_time):
                why = time_refusal(int(times[place]), self.now_ms)
                self.refuse(why, layout.names[place], self.seen + int(place) + 1)
            ids, times, values = ids[in_time], times[in_time], values[in_time]
        self.points.add(ids, times, values)
        self.seen += len(in_time)

    def read_scope(self, start: int, stop: int, resource: bytes, labels: dict[str, str]) -> None:
        """A ScopeMetrics."""
        for number, kind, first, last in fields(self.body, start, stop):
            if number == 2 and kind == BYTES:
                self.read_metric(first, last, resource, labels)

    def read_metric(self, start: int, stop: int, resource: bytes, labels: dict[str, str]) -> None:
        """One metric with its data points."""
        body, at, place = self.body, start, start
        what = begin = end = 0
        while at < stop:
            place, tag, length = at, body[at], body[at + 1]
            if length < 0x80:
                begin = at + 2
            else:
                length, begin = varint(body, at + 1)
            if tag & 7 != BYTES or tag >= 0x80:
                _, _, _, at = next(fields(body, at, stop))
                continue
            at = end = begin + length
            if tag >> 3 in DATA:
                what = tag >> 3
                break
        if not what:
            return
        if end > stop:
            raise Unreadable(UNREADABLE)
        spans, temporality, is_monotonic = self.data_points(begin, end)
        key = resource, body[start:place], what, temporality, is_monotonic
        context = self.known.contexts.setdefault(key, {})
        metric = Metric(body, (start, place), labels, what, temporality, is_monotonic, context)
        read = self.read_number if what in (GAUGE, SUM) else self.read_point
        for span in spans:
            self.seen += 1
            try:
                read(span, metric)
            except Refused as refused:
                self.refuse(refused.sentence, metric.told.name, self.seen)
            except DecodeError:
                sentence = "this data point is no Protocol Buffers message"
                self.refuse(sentence, metric.told.name, self.seen)

    def data_points(self, start: int, stop: int) -> tuple[list[tuple[int, int]], int, bool]:
        """The places of a metric's data points, and how its sums are to be read."""
        body, at = self.body, start
        spans: list[tuple[int, int]] = []
        flags = {TEMPORALITY: 0, MONOTONIC: 0}
        while at < stop:
            tag, length = body[at], body[at + 1]
            if tag == POINT_TAG and length < 0x80:
                begin = at + 2
                at = begin + length
                spans.append((begin, at))
            elif tag == POINT_TAG and body[at + 2] < 0x80:
                begin = at + 3
                at = begin + (length & 0x7F | body[at + 2] << 7)
                spans.append((begin, at))
            elif tag in flags and length < 0x80:
                flags[tag] = length
                at += 2
            else:
                _, _, _, at = next(fields(body, at, stop))
        if at != stop:
            raise Unreadable(UNREADABLE)
        return spans, flags[TEMPORALITY], bool(flags[MONOTONIC])

    def read_number(self, span: Span, metric: Metric) -> None:
        """A number's data point. Raises Refused, DecodeError."""
        start, stop = span
        has_start = self.body[start] == START_TAG
        head = start + (FULL_HEAD if has_start else SHORT_HEAD)
        is_regular = self.is_head(head, stop)
        attributes = self.body[head:stop]
        series = metric.context.get(attributes) if is_regular else None
        if series is None:
            point = NumberDataPoint.FromString(self.body[start:stop])
            series = self.number(metric.told, point, is_sum=metric.what == SUM)
            if series is None or not is_regular or point.flags or point.exemplars:
                return
            metric.context[attributes] = series
        else:
            (at,) = struct.unpack_from("<Q", self.body, head - 17)
            (value,) = struct.unpack_from("<q" if self.body[head - 9] == INT_TAG else "<d", self.body, head - 8)
            self.add_number(series, self.time_of(at), float(value))
        is_int = self.body[head - 9] == INT_TAG
        self.regular.append(Point(head, series, is_int, has_start, metric.told.name))

    def is_head(self, head: int, stop: int) -> bool:
        """Whether a time and a value end at this place."""
        return head <= stop and self.body[head - 18] == TIME_TAG and self.body[head - 9] in (DOUBLE_TAG, INT_TAG)

    def read_point(self, span: Span, metric: Metric) -> None:
        """A histogram's or summary's data point. Raises Refused, DecodeError."""
        point = MESSAGES[metric.what].FromString(self.body[span[0] : span[1]])
        if metric.what == HISTOGRAM:
            self.histogram(metric.told, point)
        elif metric.what == EXPONENTIAL:
            self.exponential(metric.told, point)
        else:
            self.summary(metric.told, point)
