"""Server spans as requests: what a server that only traces tells of its times and errors.

Source: opentelemetry-proto trace/v1/trace.proto; OpenTelemetry's semantic conventions for HTTP spans. A span of kind
server failed when its status is error or its HTTP status is 5xx.
"""

from collections.abc import Container, Iterable
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from aftercare.ingest.points.derived import facts_of, session_of
from aftercare.ingest.points.otlp import labels_of
from aftercare.ingest.points.series import Series
from aftercare.ingest.reading import time_refusal
from aftercare.ingest.samples import Sample
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

LONGEST_MS = 86_400_000
STATUS = ("http.response.status_code", "http.status_code")


def server_of(resource: dict[str, str]) -> Series:
    """The server that a resource names, as a series without a name of its own."""
    return Series(0, "", tuple(sorted(resource.items())), "")


def services_counted(recognised: Iterable[Series]) -> set[str]:
    """The services whose requests come as metrics: their spans are the same requests told a second time."""
    return {
        series.label("service.name", "job")
        for series in recognised
        if series.name.startswith(("http.server", "http_server"))
    }


def is_server(span: Span) -> bool:
    """Whether a span is a server's answer to a request."""
    return bool(span.kind == Span.SPAN_KIND_SERVER)


def request_of(span: Span, server: Series, now_ms: int) -> tuple[Sample, int]:
    """The row of one server span, and the hash that makes it the same when it is sent again. Raises Refused."""
    if len(span.trace_id) != 16 or len(span.span_id) != 8:
        raise Refused("a span has a trace_id of 16 and a span_id of 8 bytes; this one has not")
    ended_ms = span.end_time_unix_nano // 1_000_000
    why = time_refusal(ended_ms, now_ms)
    if why:
        raise Refused(why)
    took_ns = span.end_time_unix_nano - span.start_time_unix_nano
    if not span.start_time_unix_nano or took_ns < 0:
        raise Refused("a span ends before it begins, or does not say when it began")
    told = labels_of(span.attributes)
    status = next((told[name] for name in STATUS if name in told), "")
    is_failed = span.status.code == Status.STATUS_CODE_ERROR or status.startswith("5")
    sample = Sample(
        session=session_of(server),
        ts=ended_ms,
        facts=facts_of(server),
        event="request",
        code=status[:128],
        elapsed_ms=min(max(round(took_ns / 1e6), 1), LONGEST_MS),
        requests=1,
        requests_failed=int(is_failed),
    )
    return sample, hash64(f"span\n{span.trace_id.hex()}\n{span.span_id.hex()}") or 1


class Spans:
    """The spans of one request, good ones taken, bad ones named; `counted` are services told of by metrics."""

    def __init__(self, counted: Container[str], now_ms: int) -> None:
        self.counted, self.now_ms = counted, now_ms
        self.samples: list[Sample] = []
        self.hashes: list[int] = []
        self.refused: list[tuple[int, str, str]] = []
        self.seen = 0

    def add(self, spans: Iterable[Span], server: Series) -> None:
        """The spans of one resource."""
        is_told = server.label("service.name") in self.counted
        for span in spans:
            self.seen += 1
            if is_told or not is_server(span):
                continue
            try:
                sample, line = request_of(span, server, self.now_ms)
            except Refused as refused:
                self.refuse(refused.sentence, span.name)
                continue
            self.samples.append(sample)
            self.hashes.append(line)

    def refuse(self, sentence: str, name: Any) -> None:
        """Note a span that is not taken."""
        self.refused.append((self.seen, sentence, str(name)[:200]))
