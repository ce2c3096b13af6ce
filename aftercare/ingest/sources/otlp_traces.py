"""OTLP over HTTP, traces at `/v1/traces`: server spans become requests; of other spans nothing is kept."""

from collections.abc import Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.http import JSON_TYPE
from aftercare.ingest.points.otlp import labels_of
from aftercare.ingest.points.otlp_json import json_object, lists, parsed
from aftercare.ingest.points.series import Registry
from aftercare.ingest.points.spans import Spans, server_of, services_counted
from aftercare.ingest.points.wire import UNREADABLE
from aftercare.ingest.reading import Refusal
from aftercare.ingest.sources.otlp import PROTOBUF_TYPE, OtlpAnswers
from aftercare.ingest.sources.source import Asked, Reply
from aftercare.kernel.errors import Refused

# Identifiers are hex in OTLP's JSON, where Protocol Buffers' own mapping has base64.
HEX = ("traceId", "spanId")
LEFT_OUT = ("parentSpanId", "links", "events", "traceState", *HEX)


class OtlpTraces(OtlpAnswers):
    """What OpenTelemetry's SDKs and its Collector send of spans."""

    name = "otlp-traces"
    path = "/v1/traces"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def read(self, asked: Asked, batch: Batch) -> None:
        """The server spans of the body. Raises Answer 415, Refused."""
        batch.notes = is_json = self.is_json(asked.header(b"content-type"))
        batch.opens_sessions = False
        recognised = self._registry.recognised[asked.key.customer, asked.key.app]
        spans = Spans(services_counted(recognised.values()), asked.now_ms)
        if is_json:
            read_json(asked.body, spans)
        else:
            read_protobuf(asked.body, spans)
        batch.samples, batch.hashes = spans.samples, spans.hashes
        batch.refusals = [Refusal(*told) for told in spans.refused]
        batch.given = asked.key.facts
        if asked.key.resource:
            for sample in batch.samples:
                sample.session = f"{asked.key.resource}/{sample.session}"

    def answer(self, batch: Batch, result: Result) -> Reply:
        """200; where some spans were refused, how many and the first reason: they are not to be sent again."""
        rejected = len(batch.refusals)
        first = batch.refusals[0] if rejected else None
        reason = f"span {first.line} ({first.excerpt}): {first.reason}" if first else ""
        if batch.notes:
            told = {"rejectedSpans": str(rejected), "errorMessage": reason} if rejected else None
            return Reply(200, msgspec.json.encode({"partialSuccess": told} if told else {}), (JSON_TYPE,))
        response = ExportTraceServiceResponse()
        if rejected:
            response.partial_success.rejected_spans = rejected
            response.partial_success.error_message = reason
        return Reply(200, response.SerializeToString(), (PROTOBUF_TYPE,))


def read_protobuf(body: bytes, spans: Spans) -> None:
    """An ExportTraceServiceRequest. Raises Refused."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        raise Refused(UNREADABLE) from None
    for resource in request.resource_spans:
        server = server_of(labels_of(resource.resource.attributes))
        for scope in resource.scope_spans:
            spans.add(scope.spans, server)


def read_json(body: bytes, spans: Spans) -> None:
    """The same as JSON, each span by itself. Raises Refused where it is no JSON object."""
    for told in lists(json_object(body), "resourceSpans"):
        server = server_of(resource_labels(told.get("resource"), spans))
        for scope in lists(told, "scopeSpans"):
            for span in json_spans(lists(scope, "spans"), spans):
                spans.add([span], server)


def resource_labels(told: Any, spans: Spans) -> dict[str, str]:
    """The resource's attributes; one that cannot be read is named, and its spans go without."""
    try:
        return labels_of(parsed(told if isinstance(told, dict) else {}, Resource()).attributes)
    except Refused as refused:
        spans.refuse(refused.sentence, "resource")
        return {}


def json_spans(told: list[dict[str, Any]], spans: Spans) -> Iterator[Span]:
    """Spans out of their JSON form; one that cannot be read is named."""
    for one in told:
        try:
            span = parsed({name: value for name, value in one.items() if name not in LEFT_OUT}, Span())
            span.trace_id, span.span_id = (bytes.fromhex(str(one.get(name, ""))) for name in HEX)
        except (Refused, ValueError) as error:
            spans.seen += 1
            sentence = error.sentence if isinstance(error, Refused) else "traceId or spanId is not written in hex"
            spans.refuse(sentence, one.get("name", ""))
            continue
        yield span
