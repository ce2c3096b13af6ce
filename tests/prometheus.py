"""Remote-write bodies as a sender makes them: built by protobuf itself, from the fields that Prometheus documents."""

from collections.abc import Iterable, Mapping
from typing import Any

import cramjam
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DOUBLE, INT64, UINT64, SINT32, SINT64, UINT32, STRING = 1, 3, 4, 17, 18, 13, 9
ENUM_AS_INT32, MESSAGE = 5, 11
ONE, MANY = 1, 3

# name: {field: (number, type, label)}; a type that is a name is a message.
HISTOGRAM = {
    "count_int": (1, UINT64, ONE),
    "count_float": (2, DOUBLE, ONE),
    "sum": (3, DOUBLE, ONE),
    "schema": (4, SINT32, ONE),
    "zero_threshold": (5, DOUBLE, ONE),
    "zero_count_int": (6, UINT64, ONE),
    "negative_spans": (8, "BucketSpan", MANY),
    "negative_deltas": (9, SINT64, MANY),
    "positive_spans": (11, "BucketSpan", MANY),
    "positive_deltas": (12, SINT64, MANY),
    "timestamp": (15, INT64, ONE),
}
MESSAGES: dict[str, dict[str, tuple[int, Any, int]]] = {
    "Label": {"name": (1, STRING, ONE), "value": (2, STRING, ONE)},
    "Sample": {"value": (1, DOUBLE, ONE), "timestamp": (2, INT64, ONE)},
    "BucketSpan": {"offset": (1, SINT32, ONE), "length": (2, UINT32, ONE)},
    "Histogram": HISTOGRAM,
    "TimeSeries": {
        "labels": (1, "Label", MANY),
        "samples": (2, "Sample", MANY),
        "histograms": (4, "Histogram", MANY),
    },
    "Metadata1": {"type": (1, ENUM_AS_INT32, ONE), "metric_family_name": (2, STRING, ONE)},
    "WriteRequest": {"timeseries": (1, "TimeSeries", MANY), "metadata": (3, "Metadata1", MANY)},
    "Metadata": {"type": (1, ENUM_AS_INT32, ONE), "help_ref": (3, UINT32, ONE), "unit_ref": (4, UINT32, ONE)},
    "TimeSeries2": {
        "labels_refs": (1, UINT32, MANY),
        "samples": (2, "Sample", MANY),
        "histograms": (3, "Histogram", MANY),
        "metadata": (5, "Metadata", ONE),
    },
    "Request": {"symbols": (4, STRING, MANY), "timeseries": (5, "TimeSeries2", MANY)},
}


def built() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="tests/prometheus.proto", package="tests", syntax="proto3")
    for name, told in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, label) in told.items():
            is_message = isinstance(kind, str)
            added = message.field.add(name=field, number=number, label=label, type=MESSAGE if is_message else kind)
            if is_message:
                added.type_name = f".tests.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tests.{name}")) for name in MESSAGES}


P = built()
Series = tuple[Mapping[str, str], Iterable[tuple[float, int]]]


def packed(message: Any) -> bytes:
    """A message as it goes over the wire."""
    return bytes(cramjam.snappy.compress_raw(message.SerializeToString()))


def write_request(series: Iterable[Series], histograms: Iterable[tuple[Mapping[str, str], Any]] = ()) -> Any:
    """A body of 1.0: for each series its labels, and (value, milliseconds) for each sample."""
    request = P["WriteRequest"]()
    for labels, samples in series:
        one = request.timeseries.add()
        for name, value in sorted(labels.items()):
            one.labels.add(name=name, value=value)
        for value, at in samples:
            one.samples.add(value=value, timestamp=at)
    for labels, histogram in histograms:
        one = request.timeseries.add()
        for name, value in sorted(labels.items()):
            one.labels.add(name=name, value=value)
        one.histograms.append(histogram)
    return request


def write_request_2(series: Iterable[Series], kinds: Mapping[str, int] | None = None) -> Any:
    """A body of 2.0; `kinds` tells the metadata type of a name."""
    request, places = P["Request"](), {"": 0}
    request.symbols.append("")

    def place(word: str) -> int:
        if word not in places:
            places[word] = len(places)
            request.symbols.append(word)
        return places[word]

    for labels, samples in series:
        one = request.timeseries.add()
        for name, value in sorted(labels.items()):
            one.labels_refs.extend((place(name), place(value)))
        for value, at in samples:
            one.samples.add(value=value, timestamp=at)
        if kinds:
            one.metadata.type = kinds.get(labels["__name__"], 0)
    return request


def histogram(counts: Mapping[int, int], *, at: int, schema: int = 0, total: float = 0.0, zero: int = 0) -> Any:
    """A native histogram with these counts by bucket index, above zero."""
    made = P["Histogram"](schema=schema, sum=total, timestamp=at, zero_count_int=zero, zero_threshold=1e-9)
    made.count_int = sum(counts.values()) + zero
    last_index, last_count = None, 0
    for index in sorted(counts):
        if last_index is not None and index == last_index + 1:
            made.positive_spans[-1].length += 1
        else:
            offset = index if last_index is None else index - last_index - 1
            made.positive_spans.add(offset=offset, length=1)
        made.positive_deltas.append(counts[index] - last_count)
        last_index, last_count = index, counts[index]
    return made
