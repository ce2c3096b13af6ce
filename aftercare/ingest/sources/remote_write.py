"""Prometheus remote-write, 1.0 and 2.0, at `/api/v1/write`: answers and headers as its specifications say."""

import struct

import cramjam

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.http import Answer
from aftercare.ingest.points.completing import complete
from aftercare.ingest.points.remote_write import Reader, Written
from aftercare.ingest.points.remote_write_1 import Reader1
from aftercare.ingest.points.remote_write_2 import Reader2
from aftercare.ingest.points.series import Registry
from aftercare.ingest.points.wire import UNREADABLE, Unreadable
from aftercare.ingest.reading import LARGEST_BODY
from aftercare.ingest.sources.source import Asked, Headers, JsonAnswers, Reply
from aftercare.kernel.errors import Refused

TEXT = ((b"content-type", b"text/plain; charset=utf-8"),)
MESSAGES: dict[str, type[Reader]] = {
    "": Reader1,
    "prometheus.WriteRequest": Reader1,
    "io.prometheus.write.v2.Request": Reader2,
}


class RemoteWrite(JsonAnswers):
    """What Prometheus, its agents and whatever speaks as they do send by configuration alone."""

    name = "remote-write"
    path = "/api/v1/write"
    largest = LARGEST_BODY
    may_be_empty = True

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body out of snappy's block format, the only one the specification knows. Raises Answer 415, Refused."""
        if encoding not in ("", "snappy"):
            raise Answer(415, f"Content-Encoding {encoding[:40]!r} is not known here; remote-write is sent as snappy")
        try:
            size = cramjam.snappy.decompress_raw_len(body)
            if size > self.largest:
                raise Refused(f"the body is over {self.largest >> 20} MiB unpacked; send smaller batches")
            return bytes(cramjam.snappy.decompress_raw(body))
        except cramjam.DecompressionError as error:
            raise Refused(f"the body is not in snappy's block format ({error})") from None

    def read(self, asked: Asked, batch: Batch) -> None:
        """The samples and histograms of the body. Raises Answer 415, Refused."""
        reader = reader_for(asked.header(b"content-type"))
        try:
            written = reader(asked.key, self._registry, asked.now_ms).read(asked.body)
        except (Unreadable, struct.error):
            self._registry.lost(self._registry.take_fresh())
            raise Refused(UNREADABLE) from None
        complete(written.points, self._registry, asked.key)
        batch.points, batch.refusals, batch.notes = written.points, written.refusals, written

    def answer(self, batch: Batch, result: Result) -> Reply:
        """204, or 400 with the first reason where some were not taken: neither is sent again by its sender."""
        written: Written = batch.notes
        headers = counted(written)
        if not batch.refusals:
            return Reply(204, headers=headers)
        first = batch.refusals[0]
        refused = written.refused_samples + written.refused_histograms
        kept = written.samples + written.histograms
        sentence = f"{kept} kept, {refused} not; series {first.line}: {first.reason}\n"
        return Reply(400, sentence.encode(), (*TEXT, *headers))

    def lost(self, batch: Batch) -> None:
        """The series that this request was the first to name are to be written down with a later one."""
        if batch.points is not None:
            self._registry.lost(batch.points.defined)

    def refuse(self, status: int, sentence: str, asked_headers: dict[bytes, bytes]) -> Reply:
        """The sentence as text; nothing was written."""
        return Reply(status, sentence.encode() + b"\n", (*TEXT, *counted(Written())))


def reader_for(content_type: str) -> type[Reader]:
    """Who reads this content type. Raises Answer 415."""
    kind, _, parameters = content_type.partition(";")
    told = dict(pair.strip().partition("=")[::2] for pair in parameters.split(";"))
    message = told.get("proto", "").strip('"')
    if kind.strip().lower() not in ("", "application/x-protobuf") or message not in MESSAGES:
        raise Answer(415, f"Content-Type {content_type[:100]!r} is not known here; send remote-write 1.0 or 2.0")
    return MESSAGES[message]


def counted(written: Written) -> Headers:
    """The headers by which a sender of 2.0 knows what was written."""
    return (
        (b"x-prometheus-remote-write-samples-written", str(written.samples).encode()),
        (b"x-prometheus-remote-write-histograms-written", str(written.histograms).encode()),
        (b"x-prometheus-remote-write-exemplars-written", b"0"),
    )
