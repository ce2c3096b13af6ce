"""POST /v1/traces: server spans are requests, each once, and none that metrics have told of already."""

import json
import time
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from tests.ingest.test_recognised import durations
from tests.service import Service, now_ms

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def export(service: Service, body: bytes, kind: dict[str, str] = PROTOBUF) -> tuple[int, Any, dict[str, str]]:
    return service.request("POST", "/v1/traces", body, {**service.bearer(), **kind})


def spans(service_name: str, *told: tuple[int, int, str], kind: int = 2, first: int = 1) -> Any:
    """A body of spans: (ended at, milliseconds, HTTP status)."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service_name
    scope = resource.scope_spans.add()
    for number, (at, took_ms, status) in enumerate(told, first):
        span = scope.spans.add(name=f"GET /{number}", kind=kind, trace_id=bytes(15) + bytes([number]))
        span.span_id = bytes(7) + bytes([number])
        span.end_time_unix_nano, span.start_time_unix_nano = at * 1_000_000, (at - took_ms) * 1_000_000
        span.attributes.add(key="http.response.status_code").value.int_value = int(status)
    return request


def test_spans_become_requests_once(service: Service) -> None:
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{service.port}/v1/traces", headers=service.bearer())
    provider = TracerProvider(resource=Resource.create({"service.name": "sdk"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    base = time.time_ns()
    for number, took_ms in enumerate((20, 40, 800)):
        span = tracer.start_span("GET /", kind=SpanKind.SERVER, start_time=base)
        span.set_attribute("http.response.status_code", 200)
        if number == 2:
            span.set_status(Status(StatusCode.ERROR))
        with tracer.start_as_current_span("query", kind=SpanKind.CLIENT):
            pass
        span.end(base + took_ms * 1_000_000)
    provider.shutdown()
    at = now_ms()
    body = spans("again", (at, 30, "200"), (at, 60, "503")).SerializeToString()
    assert [export(service, body)[:2] for _ in range(3)] == [(200, b"")] * 3
    # The same identifiers in another customer's app are other spans.
    assert service.request("POST", "/v1/traces", body, {**service.bearer("social_secret"), **PROTOBUF})[0] == 200


def test_a_service_told_of_by_metrics_is_not_counted_twice(service: Service) -> None:
    at = now_ms()
    metrics = durations(at, {"200": [0, 4, 0, 0, 0]}, start=at - 60_000, service="both")
    assert service.request("POST", "/v1/metrics", metrics, {**service.bearer(), **PROTOBUF})[0] == 200
    assert export(service, spans("both", (at, 30, "200"), first=50).SerializeToString())[:2] == (200, b"")


def test_takes_json(service: Service) -> None:
    at = now_ms() * 1_000_000
    good = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "parentSpanId": "eee19b7ec3c1b173",
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": str(at - 25_000_000),
        "endTimeUnixNano": str(at),
        "attributes": [{"key": "http.response.status_code", "value": {"intValue": "500"}}],
        "later": {"unknown": True},
    }
    bad = [
        ({**good, "traceId": "xyz"}, "not written in hex"),
        ({**good, "spanId": "00"}, "span_id of 8 bytes"),
        ({**good, "endTimeUnixNano": str(at - 10**18)}, "more than 7 days ago"),
        ({**good, "startTimeUnixNano": str(at + 10**9)}, "ends before it begins"),
        ({**good, "startTimeUnixNano": "now"}, "this cannot be read"),
    ]
    attributes = [{"key": "service.name", "value": {"stringValue": "by-json"}}]
    for one, sentence in bad:
        body = {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": [one, good]}]}]}
        status, said, _ = export(service, json.dumps(body).encode(), JSON)
        assert (status, said["partialSuccess"]["rejectedSpans"]) == (200, "1")
        assert sentence in said["partialSuccess"]["errorMessage"]


def test_tells_of_bad_spans_and_refuses_what_is_none(service: Service) -> None:
    at = now_ms()
    request = spans("partly", (at, 30, "200"), (at - 9 * 86_400_000, 30, "200"), first=70)
    status, said, _ = export(service, request.SerializeToString())
    partial = ExportTraceServiceResponse.FromString(said).partial_success
    assert (status, partial.rejected_spans) == (200, 1)
    assert partial.error_message.startswith("span 2 (GET /71): ")
    assert export(service, b"\xff\xff")[0] == 400
    assert export(service, b"{", JSON)[0] == 400
    assert export(service, b"", {"Content-Type": "text/plain"})[0] == 415
    assert service.request("POST", "/v1/traces", b"", PROTOBUF)[0] == 401
    assert export(service, b"")[:2] == (200, b"")


def test_everything_is_stored(service: Service) -> None:
    service.stop()
    rows = service.telemetry(
        "SELECT domain, count(), sum(requests), sum(requests_failed), groupArray(elapsed_ms), sum(opened) FROM "
        "(SELECT * FROM samples WHERE event = 'request' ORDER BY elapsed_ms) GROUP BY customer, domain "
        "ORDER BY domain, customer"
    )
    own = [row for row in rows if row[0] != "both"]
    assert own == [
        ["again", 2, 2, 1, [30, 60], 0],
        ["again", 2, 2, 1, [30, 60], 0],
        ["by-json", 1, 1, 1, [25], 0],
        ["partly", 1, 1, 0, [30], 0],
        ["sdk", 3, 3, 1, [20, 40, 800], 0],
    ]
    (both,) = [row for row in rows if row[0] == "both"]
    assert both[2] == 4
