"""POST /v1/metrics: what OpenTelemetry's own SDK counts is stored; the protocol's answers; bad points."""

import gzip
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource

from tests.documented import block
from tests.service import Service, now_ms

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
DAY_MS = 86_400_000
# What must be stored in the end, by name: rows of (labels, value), or of (labels, count, sum, bounds, counts).
NUMBERS: dict[str, list[tuple[Mapping[str, str], float]]] = {}
HISTOGRAMS: dict[str, list[tuple[Any, ...]]] = {}
KINDS: dict[str, str] = {}


def ns(at_ms: int) -> int:
    return at_ms * 1_000_000


def export(service: Service, body: bytes, kind: dict[str, str] = PROTOBUF) -> tuple[int, Any, dict[str, str]]:
    return service.request("POST", "/v1/metrics", body, {**service.bearer(), **kind})


def request_of(points: Iterable[tuple[str, Mapping[str, str], float, int]]) -> Any:
    """A body of gauges: (name, attributes, value, milliseconds)."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "gateway"
    scope = resource.scope_metrics.add()
    for name, attributes, value, at in points:
        point = scope.metrics.add(name=name, unit="1").gauge.data_points.add(time_unix_nano=ns(at), as_double=value)
        for label, text in attributes.items():
            point.attributes.add(key=label).value.string_value = text
    return request


@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_what_the_sdk_counts_is_stored(service: Service, temporality: str) -> None:
    preferred = AggregationTemporality[temporality.upper()]
    exporter = OTLPMetricExporter(
        endpoint=f"http://127.0.0.1:{service.port}/v1/metrics",
        headers=service.bearer(),
        preferred_temporality={Counter: preferred, Histogram: preferred},
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=math.inf)
    resource = Resource.create({"service.name": f"sdk-{temporality}"})
    exponential = View(instrument_name="exponential.*", aggregation=ExponentialBucketHistogramAggregation())
    provider = MeterProvider([reader], resource, shutdown_on_exit=False, views=[exponential])
    meter = provider.get_meter("tests")
    counter = meter.create_counter(f"rooms.opened.{temporality}")
    explicit = meter.create_histogram(f"explicit.{temporality}", explicit_bucket_boundaries_advisory=[1, 10])
    exponential_one = meter.create_histogram(f"exponential.{temporality}")
    for round_ in range(2):  # the second export comes the quick way
        for n in range(5):
            counter.add(2, {"kind": "voice" if n % 2 else "video"})
            explicit.record(n * 3)
            exponential_one.record(2.0**n)
        assert provider.force_flush(), round_
    provider.shutdown()
    sums = {"cumulative": ([6, 12], [4, 8]), "delta": ([6, 6], [4, 4])}[temporality]
    NUMBERS[f"rooms.opened.{temporality}"] = [({"kind": "video"}, v) for v in sums[0]] + [
        ({"kind": "voice"}, v) for v in sums[1]
    ]
    times = (1, 2) if temporality == "cumulative" else (1, 1)
    HISTOGRAMS[f"explicit.{temporality}"] = [(5 * n, 30 * n, [1, 10], [1 * n, 3 * n, 1 * n]) for n in times]
    HISTOGRAMS[f"exponential.{temporality}"] = [(5 * n, 31 * n) for n in times]
    KINDS[f"rooms.opened.{temporality}"] = "counter" if temporality == "cumulative" else "delta"
    KINDS[f"explicit.{temporality}"] = "distribution" if temporality == "cumulative" else "distribution_delta"


BY_ENVIRONMENT = """
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
meter = provider.get_meter("documented")
meter.create_counter("rooms.documented").add(7, {"kind": "voice"})
took = meter.create_histogram("http.server.request.duration", "s", explicit_bucket_boundaries_advisory=[0.01, 1])
for status in (200, 200, 503):
    took.record(0.1, {"http.response.status_code": status})
provider.shutdown()
"""


def test_the_variables_of_the_documentation_are_all_that_an_sdk_needs(service: Service) -> None:
    lines = block("otlp.md", "sh", service=service).splitlines()
    told = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    done = subprocess.run([sys.executable, "-c", BY_ENVIRONMENT], env={**os.environ, **told}, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    NUMBERS["rooms.documented"] = [({"kind": "voice"}, 7)]
    KINDS["rooms.documented"] = "counter"


def test_takes_gzip_and_json(service: Service) -> None:
    at = now_ms()
    packed = gzip.compress(request_of([("packed", {"n": "1"}, 4.5, at)]).SerializeToString())
    status, said, headers = export(service, packed, {**PROTOBUF, "Content-Encoding": "gzip"})
    assert (status, said, headers["content-type"]) == (200, b"", "application/x-protobuf")
    point = {"timeUnixNano": str(ns(at)), "asInt": "42", "attributes": [{"key": "n", "value": {"intValue": "7"}}]}
    sum_ = {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True, "laterField": {"x": 1}}
    body = {
        "resourceMetrics": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "gateway"}}]},
                "scopeMetrics": [{"metrics": [{"name": "by.json", "unit": "1", "sum": sum_}]}],
            }
        ]
    }
    assert export(service, json.dumps(body).encode(), JSON)[:2] == (200, {})
    NUMBERS["packed"], NUMBERS["by.json"] = [({"n": "1"}, 4.5)], [({"n": "7"}, 42)]
    KINDS["by.json"] = "counter"


def test_tells_of_bad_points_and_keeps_the_good_ones(service: Service) -> None:
    at = now_ms()
    bad = [
        ({"k": "v" * 2000}, at, "label k has 2000 characters"),
        ({"old": "1"}, at - 9 * DAY_MS, "more than 7 days ago"),
        ({"new": "1"}, at + DAY_MS, "more than 10 minutes ahead"),
    ]
    for number, (attributes, when, sentence) in enumerate(bad):
        good = [("beside.bad", {"case": str(number), "side": side}, 1.0, at) for side in "ab"]
        body = request_of([good[0], ("bad", attributes, 1.0, when), good[1]]).SerializeToString()
        status, said, _ = export(service, body)
        partial = ExportMetricsServiceResponse.FromString(said).partial_success
        assert (status, partial.rejected_data_points) == (200, 1)
        assert partial.error_message.startswith("data point 2 (bad): ")
        assert sentence in partial.error_message
    NUMBERS["beside.bad"] = [({"case": str(n), "side": side}, 1.0) for n in range(len(bad)) for side in "ab"]
    # One whose time went wrong only after it was known by its bytes.
    assert export(service, request_of([("turned", {}, 1.0, at)]).SerializeToString())[1] == b""
    status, said, _ = export(service, request_of([("turned", {}, 1.0, at - 9 * DAY_MS)]).SerializeToString())
    assert ExportMetricsServiceResponse.FromString(said).partial_success.rejected_data_points == 1
    NUMBERS["turned"] = [({}, 1.0)]


def test_names_a_bad_point_of_json(service: Service) -> None:
    at = now_ms()
    points = [
        {"timeUnixNano": str(ns(at)), "asDouble": 1.5},
        {"timeUnixNano": "yesterday", "asDouble": 1.5},
        {"timeUnixNano": str(ns(at)), "asDouble": {"not": "a number"}},
        {"timeUnixNano": str(ns(at + 1)), "asDouble": 2.5, "exemplars": [{"traceId": "xyz", "asDouble": 1}]},
    ]
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "odd", "gauge": {"dataPoints": points}}]}]}]}
    status, said, _ = export(service, json.dumps(body).encode(), JSON)
    assert (status, said["partialSuccess"]["rejectedDataPoints"]) == (200, "2")
    assert "data point 2 (odd): this cannot be read" in said["partialSuccess"]["errorMessage"]
    NUMBERS["odd"] = [({}, 1.5), ({}, 2.5)]


def test_requires_a_temporality_and_fitting_buckets(service: Service) -> None:
    at = ns(now_ms())
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    scope.metrics.add(name="unsaid").sum.data_points.add(time_unix_nano=at, as_int=1)
    crooked = scope.metrics.add(name="crooked").histogram
    crooked.aggregation_temporality = 2
    crooked.data_points.add(time_unix_nano=at, count=3, bucket_counts=[1, 2], explicit_bounds=[1, 2, 3])
    crooked.data_points.add(time_unix_nano=at, count=3, bucket_counts=[1, 2], explicit_bounds=[1])
    silent = scope.metrics.add(name="silent").gauge
    silent.data_points.add(time_unix_nano=at, flags=1)
    status, said, _ = export(service, request.SerializeToString())
    partial = ExportMetricsServiceResponse.FromString(said).partial_success
    assert (status, partial.rejected_data_points) == (200, 2)
    assert "neither delta nor cumulative" in partial.error_message
    HISTOGRAMS["crooked"] = [(3, math.nan, [1], [1, 2])]
    NUMBERS["silent"] = []


def test_refuses_in_the_senders_words(service: Service) -> None:
    good = request_of([("fine", {}, 1.0, now_ms())]).SerializeToString()
    for body, kind, expected in (
        (good[:-5], PROTOBUF, 400),
        (b"\xff" * 30, PROTOBUF, 400),
        (b"\x1f\x8bnot gzip", {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
        (good, {"Content-Type": "text/plain"}, 415),
        (b"{not json", JSON, 400),
        (b"[1]", JSON, 400),
    ):
        status, said, headers = export(service, body, kind)
        assert status == expected, (body[:20], said)
        if kind is JSON:
            assert (said["code"], bool(said["message"])) == (3, True)
        else:
            assert headers["content-type"] == "application/x-protobuf"
            assert said.startswith(b"\x08\x03\x12")  # google.rpc.Status: INVALID_ARGUMENT and a message
    assert service.request("POST", "/v1/metrics", good, PROTOBUF)[0] == 401
    assert export(service, b"")[:2] == (200, b"")
    bomb = gzip.compress(bytes(21 << 20))
    assert export(service, bomb, {**PROTOBUF, "Content-Encoding": "gzip"})[0] == 413


def test_everything_is_kept_as_it_was_sent(service: Service) -> None:
    service.stop()
    for name, rows in NUMBERS.items():
        found = service.telemetry(
            "SELECT mapFilter((k, v) -> NOT startsWith(k, 'service.') AND NOT startsWith(k, 'telemetry.'), s.labels), "
            "any(p.value) FROM points AS p JOIN (SELECT DISTINCT id, labels FROM series "
            f"WHERE name = '{name}') AS s ON s.id = p.series GROUP BY p.series, s.labels, p.ts "
            "ORDER BY toString(s.labels), p.ts"
        )
        assert [(labels, value) for labels, value in found] == rows, name
    for name, expected in HISTOGRAMS.items():
        rows = service.telemetry(
            "SELECT count, sum, bounds, counts FROM distributions WHERE series IN "
            f"(SELECT id FROM series WHERE name = '{name}') ORDER BY ts"
        )
        assert len(rows) == len(expected)
        for row, wanted in zip(rows, expected, strict=True):
            assert [v if v == v else None for v in row[: len(wanted)]] == [v if v == v else None for v in wanted], name
            assert sum(row[3]) == row[0]
    kinds = service.telemetry("SELECT DISTINCT name, kind FROM series")
    assert {name: kind for name, kind in kinds if name in KINDS} == KINDS
    requests = "SELECT sum(requests), sum(requests_failed), any(session) FROM samples WHERE domain = 'room-api'"
    assert service.telemetry(requests) == [[3, 1, "server/room-api/room-api-1"]]
