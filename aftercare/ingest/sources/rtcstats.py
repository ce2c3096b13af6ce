"""rtcstats dumps: recordings of a browser's WebRTC calls and statistics, uploaded to `/v1/rtcstats`."""

from urllib.parse import parse_qs

from aftercare.ingest.batches import Batch
from aftercare.ingest.facts import given_facts
from aftercare.ingest.reading import unpacked
from aftercare.ingest.rtcstats.dump import file_of, read_dump
from aftercare.ingest.sources.source import Asked, JsonAnswers

GZIP = b"\x1f\x8b"
# An hour's call of two connections is some 20 MB.
LARGEST_DUMP = 64 * 1024 * 1024


class RtcstatsDump(JsonAnswers):
    """A whole recording at once; the same one live comes over a WebSocket at the same address."""

    name = "rtcstats"
    path = "/v1/rtcstats"
    takes_long = True
    takes_rest = True

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body out of gzip, whether the header says so or the file itself does. Raises Refused."""
        plain = unpacked(body, encoding, LARGEST_DUMP)
        return unpacked(plain, "gzip", LARGEST_DUMP) if plain.startswith(GZIP) else plain

    def read(self, asked: Asked, batch: Batch) -> None:
        """The samples of the recording. Raises Refused."""
        query = parse_qs(asked.query.decode("latin-1"))
        name = query.get("dump", [""])[0][:64]
        given = given_facts(asked.query, b"")
        dump = file_of(asked.body, asked.header(b"content-type"))
        batch.samples, batch.hashes, batch.refusals = read_dump(dump, given=given, name=name, now_ms=asked.now_ms)
        batch.take_key()
