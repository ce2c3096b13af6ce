"""OTLP over HTTP, metrics at `/v1/metrics`: asked and answered as opentelemetry-proto's specification.md says."""

import msgspec
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.http import JSON_TYPE, Answer
from aftercare.ingest.points.completing import complete
from aftercare.ingest.points.otlp_json import JsonReader
from aftercare.ingest.points.otlp_wire import WireReader
from aftercare.ingest.points.series import Registry
from aftercare.ingest.points.wire import Unreadable, varint_of
from aftercare.ingest.reading import TooLarge
from aftercare.ingest.sources.source import Asked, JsonAnswers, Reply
from aftercare.kernel.errors import Refused

PROTOBUF = "application/x-protobuf"
PROTOBUF_TYPE = (b"content-type", PROTOBUF.encode())
JSON = "application/json"
LARGEST = 20 << 20  # what the specification advises
# google.rpc.Code of an HTTP status; what is not here is UNKNOWN.
CODES = {400: 3, 401: 16, 404: 5, 408: 4, 410: 7, 413: 3, 415: 3, 429: 8, 500: 13, 503: 14}


class OtlpAnswers(JsonAnswers):
    """What metrics and traces share: content types, sizes, and errors as google.rpc.Status."""

    largest = LARGEST
    may_be_empty = True

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body out of gzip, or as it came. Raises Answer 413 where it is too large unpacked, Refused."""
        try:
            return super().unpack(body, encoding)
        except TooLarge as error:
            raise Answer(413, error.sentence) from None

    def is_json(self, content_type: str) -> bool:
        """Whether a request of this content type is JSON. Raises Answer 415 for what is neither of the two."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in (PROTOBUF, JSON):
            raise Answer(415, f"Content-Type {content_type[:80]!r} is not known here; send {PROTOBUF} or {JSON}")
        return kind == JSON

    def refuse(self, status: int, sentence: str, asked_headers: dict[bytes, bytes]) -> Reply:
        """A Status in the form in which was asked."""
        code = CODES.get(status, 2)
        if asked_headers.get(b"content-type", b"").startswith(JSON.encode()):
            return Reply(status, msgspec.json.encode({"code": code, "message": sentence}), (JSON_TYPE,))
        text = sentence.encode()
        return Reply(status, b"\x08" + varint_of(code) + b"\x12" + varint_of(len(text)) + text, (PROTOBUF_TYPE,))


class OtlpMetrics(OtlpAnswers):
    """What OpenTelemetry's SDKs and its Collector send."""

    name = "otlp"
    path = "/v1/metrics"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def read(self, asked: Asked, batch: Batch) -> None:
        """The data points of the body. Raises Answer 415, Refused."""
        batch.notes = is_json = self.is_json(asked.header(b"content-type"))
        reader = (JsonReader if is_json else WireReader)(asked.key, self._registry, asked.now_ms)
        try:
            reader.read(asked.body)
        except Unreadable as error:
            self._registry.lost(self._registry.take_fresh())
            raise Refused(str(error)) from None
        batch.points, batch.refusals = reader.points, reader.refusals
        complete(reader.points, self._registry, asked.key)

    def answer(self, batch: Batch, result: Result) -> Reply:
        """200; where some points were refused, how many and the first reason: they are not to be sent again."""
        rejected = len(batch.refusals)
        if batch.notes:
            told = {"rejectedDataPoints": str(rejected), "errorMessage": reason(batch)} if rejected else None
            return Reply(200, msgspec.json.encode({"partialSuccess": told} if told else {}), (JSON_TYPE,))
        response = ExportMetricsServiceResponse()
        if rejected:
            response.partial_success.rejected_data_points = rejected
            response.partial_success.error_message = reason(batch)
        return Reply(200, response.SerializeToString(), (PROTOBUF_TYPE,))

    def lost(self, batch: Batch) -> None:
        """The series that this request was the first to name are to be written down with a later one."""
        if batch.points is not None:
            self._registry.lost(batch.points.defined)


def reason(batch: Batch) -> str:
    """The first refusal in a sentence."""
    first = batch.refusals[0]
    return f"data point {first.line} ({first.excerpt}): {first.reason}"
