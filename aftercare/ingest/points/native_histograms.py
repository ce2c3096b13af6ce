"""Prometheus' native histograms (prompb.Histogram, the same message in remote-write 1.0 and 2.0) as distributions.

Source: prometheus/prometheus prompb/types.proto and io/prometheus/write/v2/types.proto; bucket i of schema n holds what
is above 2^(2^-n)^(i-1) and at most 2^(2^-n)^i.
"""

import math
import struct
from dataclasses import dataclass, field

from aftercare.ingest.points.block import Distribution
from aftercare.ingest.points.wire import BYTES, FIXED64, doubles, fields, varint, varints, zigzag
from aftercare.kernel.errors import Refused

CUSTOM_BOUNDS = -53
MOST_BUCKETS = 1000
# Field numbers of the message.
COUNT, COUNT_FLOAT, SUM, SCHEMA, ZERO_AT, ZERO, ZERO_FLOAT = 1, 2, 3, 4, 5, 6, 7
NEGATIVE, POSITIVE = 8, 11  # the spans; deltas and absolute counts follow them
TIMESTAMP, CUSTOM = 15, 16


@dataclass
class Side:
    """The buckets on one side of zero."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    deltas: list[int] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    def buckets(self) -> list[tuple[int, float]]:
        """Each bucket's index and count. Raises Refused where spans and counts do not match."""
        counts = self.counts
        if self.deltas:
            total, counts = 0, []
            for delta in self.deltas:
                total += delta
                counts.append(float(total))
        if sum(length for _, length in self.spans) != len(counts) or len(counts) > MOST_BUCKETS:
            raise Refused(f"a native histogram has spans that do not fit its {len(counts)} buckets")
        found, index, at = [], 0, 0
        for offset, length in self.spans:
            index += offset
            for _ in range(length):
                found.append((index, counts[at]))
                index, at = index + 1, at + 1
        return found


def read_histogram(body: bytes, start: int, stop: int, series: int) -> Distribution:
    """One Histogram message. Raises Refused for one that contradicts itself, Unreadable for no message."""
    numbers: dict[int, float] = {}
    sides = {NEGATIVE: Side(), POSITIVE: Side()}
    custom: list[float] = []
    for number, kind, begin, end in fields(body, start, stop):
        base = POSITIVE if POSITIVE <= number < POSITIVE + 3 else NEGATIVE
        if number in (NEGATIVE, POSITIVE):
            sides[number].spans.append(read_span(body, begin, end))
        elif number == base + 1:
            sides[base].deltas += [zigzag(value) for value in varints(body, kind, begin, end)]
        elif number == base + 2:
            sides[base].counts += doubles(body, begin, end)
        elif number == CUSTOM:
            custom += doubles(body, begin, end)
        elif kind == FIXED64:
            numbers[number] = struct.unpack_from("<d", body, begin)[0]
        elif kind != BYTES:
            value, _ = varint(body, begin)
            numbers[number] = zigzag(value) if number == SCHEMA else value
    return distribution(series, numbers, sides[NEGATIVE], sides[POSITIVE], custom)


def distribution(
    series: int, numbers: dict[int, float], negative: Side, positive: Side, custom: list[float]
) -> Distribution:
    """The histogram with every bucket's bounds written out."""
    schema = int(numbers.get(SCHEMA, 0))
    if schema != CUSTOM_BOUNDS and not -4 <= schema <= 8:
        raise Refused(f"a native histogram of schema {schema} is not known here; -4 to 8 and -53 are")
    slots: list[tuple[float, float, float]] = []  # (above, at most, count)
    for index, count in positive.buckets():
        slots.append((bound(schema, index - 1, custom), bound(schema, index, custom), count))
    for index, count in negative.buckets():
        slots.append((-bound(schema, index, custom), -bound(schema, index - 1, custom), count))
    zero = numbers.get(ZERO_FLOAT, numbers.get(ZERO, 0.0))
    if zero:
        width = numbers.get(ZERO_AT, 0.0)
        slots.append((-width, width, zero))
    bounds, counts = laid_out(slots)
    count = numbers.get(COUNT_FLOAT, float(numbers.get(COUNT, 0)))
    return Distribution(
        series, int(numbers.get(TIMESTAMP, 0)), float(count), numbers.get(SUM, math.nan), bounds, counts
    )


def laid_out(slots: list[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
    """Buckets with gaps between them as one row of bounds, the gaps being empty buckets."""
    bounds: list[float] = []
    counts: list[float] = []
    for above, most, count in sorted(slots):
        if not bounds or above > bounds[-1]:
            bounds.append(above)
            counts.append(0.0)
        if math.isinf(most):
            return bounds, [*counts, count]
        bounds.append(most)
        counts.append(count)
    return bounds, [*counts, 0.0]


def bound(schema: int, index: int, custom: list[float]) -> float:
    """The upper bound of a bucket."""
    if schema == CUSTOM_BOUNDS:
        if index < 0:
            return -math.inf if not custom else min(0.0, custom[0])
        return custom[index] if index < len(custom) else math.inf
    try:
        return float(2.0 ** (index * 2.0**-schema))
    except OverflowError:
        return math.inf


def read_span(body: bytes, start: int, stop: int) -> tuple[int, int]:
    """A BucketSpan: how far from the span before, and how many buckets."""
    told = {number: varint(body, begin)[0] for number, _, begin, _ in fields(body, start, stop)}
    return zigzag(told.get(1, 0)), min(told.get(2, 0), MOST_BUCKETS + 1)
