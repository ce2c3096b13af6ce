"""OTLP metrics out of Protocol Buffers.

An SDK sends the same series again and again. A number's data point begins with its times and its value, all of a fixed
length, and its attributes follow: these bytes, within their resource and metric, are what a series is known by. So a
point seen before costs one look-up, and its number is picked out of the body with those of all others at once. Points
that are laid out otherwise, or new, are read by the protocol's own library.
"""

from dataclasses import dataclass, field
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
from aftercare.ingest.points.wire import BYTES, UNREADABLE, Unreadable, fields, varint
from aftercare.ingest.reading import NEWEST_MS, OLDEST_MS, time_refusal
from aftercare.kernel.errors import Refused

GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY = 5, 7, 9, 10, 11
MESSAGES: dict[int, type[Any]] = {
    HISTOGRAM: HistogramDataPoint,
    EXPONENTIAL: ExponentialHistogramDataPoint,
    SUMMARY: SummaryDataPoint,
}
# A start time, a time and a value, each a tag and eight bytes; the start time may be missing.
START_TAG, TIME_TAG, DOUBLE_TAG, INT_TAG = 0x11, 0x19, 0x21, 0x31
FULL_HEAD, SHORT_HEAD = 27, 18
POINT_TAG = 0x0A
LONG = 1 << 8  # no byte: a field to be read step by step


@dataclass
class Known:
    """Points known by their attributes' bytes: where their heads end, and whose they are."""

    ids: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    spans: list[tuple[int, int, Told, int, dict[bytes, int]]] = field(default_factory=list)


class WireReader(OtlpPoints):
    """Reads an ExportMetricsServiceRequest."""

    def read(self, body: bytes) -> None:
        """The whole body. Raises Unreadable."""
        self.body = body
        self.contexts = self.registry.known(self.key, self.now_ms).contexts
        self.found = Known()
        try:
            for number, kind, begin, end in fields(body, 0, len(body)):
                if number == 1 and kind == BYTES:
                    self.read_resource(begin, end)
        except (DecodeError, UnicodeDecodeError, IndexError):
            raise Unreadable(UNREADABLE) from None
        self.take_known()
        self.finish()

    def read_resource(self, start: int, stop: int) -> None:
        """A ResourceMetrics: its resource, and the metrics of its scopes."""
        resource, scopes = b"", []
        for number, kind, begin, end in fields(self.body, start, stop):
            if number == 1 and kind == BYTES:
                resource = self.body[begin:end]
            elif number == 2 and kind == BYTES:
                scopes.append((begin, end))
        labels = labels_of(Resource.FromString(resource).attributes)
        for begin, end in scopes:
            for number, kind, first, last in fields(self.body, begin, end):
                if number == 2 and kind == BYTES:
                    self.read_metric(first, last, resource, labels)

    def read_metric(self, start: int, stop: int, resource: bytes, labels: dict[str, str]) -> None:
        """One metric with its data points."""
        name = unit = ""
        data = (0, 0, 0)
        for number, kind, begin, end in fields(self.body, start, stop):
            if kind != BYTES:
                continue
            if number == 1:
                name = self.body[begin:end].decode()
            elif number == 3:
                unit = self.body[begin:end].decode()
            elif number in (GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY):
                data = number, begin, end
        what, begin, end = data
        spans, flags = self.data_points(begin, end)
        told = Told(labels, name, unit, flags.get(2, 0), bool(flags.get(3, 0)))
        if what in (GAUGE, SUM):
            context = self.contexts.setdefault((resource, name, unit, what, told.temporality, told.is_monotonic), {})
            self.look_up(spans, told, what, context)
        elif what:
            for first, last in spans:
                self.read_point(first, last, told, what)

    def data_points(self, start: int, stop: int) -> tuple[list[tuple[int, int]], dict[int, int]]:
        """The places of a metric's data points, and the numbers that stand beside them."""
        body, at = self.body, start
        spans: list[tuple[int, int]] = []
        flags: dict[int, int] = {}
        while at < stop:
            length = body[at + 1] if body[at] == POINT_TAG else LONG
            if length < 0x80:
                begin = at + 2
                at = begin + length
                spans.append((begin, at))
            elif length != LONG and body[at + 2] < 0x80:
                begin = at + 3
                at = begin + (length & 0x7F | body[at + 2] << 7)
                spans.append((begin, at))
            else:
                number, kind, begin, at = next(fields(body, at, stop))
                if number == 1 and kind == BYTES:
                    spans.append((begin, at))
                elif kind != BYTES:
                    flags[number] = varint(body, begin)[0]
        if at != stop:
            raise Unreadable(UNREADABLE)
        return spans, flags

    def look_up(self, spans: list[tuple[int, int]], told: Told, what: int, context: dict[bytes, int]) -> None:
        """Set aside the points known by their bytes, read the others."""
        body, get, found = self.body, context.get, self.found
        for start, stop in spans:
            head = start + (FULL_HEAD if body[start] == START_TAG else SHORT_HEAD)
            series = get(body[head:stop]) if head <= stop else None
            if series is None:
                self.read_number(start, stop, told, what, context)
            else:
                self.seen += 1
                found.ids.append(series)
                found.heads.append(head)
                found.spans.append((start, stop, told, what, context))

    def read_number(self, start: int, stop: int, told: Told, what: int, context: dict[bytes, int]) -> None:
        """A number's data point by the library; known by its bytes from now on, where they are laid out as expected."""
        self.seen += 1
        try:
            point = NumberDataPoint.FromString(self.body[start:stop])
            series = self.number(told, point, is_sum=what == SUM)
        except (Refused, DecodeError) as error:
            return self.refuse(sentence_of(error), told.name)
        head = start + (FULL_HEAD if self.body[start] == START_TAG else SHORT_HEAD)
        if series is not None and not point.flags and not point.exemplars and self.is_head(head, stop):
            context[self.body[head:stop]] = series
        return None

    def is_head(self, head: int, stop: int) -> bool:
        """Whether a time and a value end at this place."""
        return head <= stop and self.body[head - 18] == TIME_TAG and self.body[head - 9] in (DOUBLE_TAG, INT_TAG)

    def read_point(self, start: int, stop: int, told: Told, what: int) -> None:
        """A histogram's or summary's data point by the library."""
        self.seen += 1
        try:
            point = MESSAGES[what].FromString(self.body[start:stop])
            if what == HISTOGRAM:
                self.histogram(told, point)
            elif what == EXPONENTIAL:
                self.exponential(told, point)
            else:
                self.summary(told, point)
        except (Refused, DecodeError) as error:
            self.refuse(sentence_of(error), told.name)

    def take_known(self) -> None:
        """The times and values of all points known by their bytes, at once."""
        found = self.found
        if not found.ids:
            return
        raw, heads = np.frombuffer(self.body, np.uint8), np.array(found.heads)
        is_int = raw[heads - 9] == INT_TAG
        is_head = (raw[heads - 18] == TIME_TAG) & (is_int | (raw[heads - 9] == DOUBLE_TAG))
        for place in np.flatnonzero(~is_head):
            self.seen -= 1
            self.read_number(*found.spans[place])
        heads, is_int = heads[is_head], is_int[is_head]
        held = raw[heads[:, None] + np.arange(-8, 0)]
        values = np.where(is_int, held.view("<i8").ravel().astype(np.float64), held.view("<f8").ravel())
        times = (raw[heads[:, None] + np.arange(-17, -9)].view("<u8").ravel() // np.uint64(1_000_000)).astype(np.int64)
        in_time = (times >= self.now_ms - OLDEST_MS) & (times <= self.now_ms + NEWEST_MS)
        places = np.flatnonzero(is_head)
        for place in np.flatnonzero(~in_time):
            self.refuse(time_refusal(int(times[place]), self.now_ms), found.spans[places[place]][2].name)
        self.points.add(np.array(found.ids, np.uint64)[is_head][in_time], times[in_time], values[in_time])


def sentence_of(error: Refused | DecodeError) -> str:
    """Why a data point was not taken."""
    return error.sentence if isinstance(error, Refused) else "this data point is no Protocol Buffers message"
