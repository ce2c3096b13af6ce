"""Our own format: `POST /v1/samples`, by servers and relays with a header, by pages with the key in the address."""

from urllib.parse import parse_qs

from aftercare.ingest.batches import Batch
from aftercare.ingest.reading import read_samples, require_few_lines
from aftercare.ingest.seen import hash64
from aftercare.ingest.sources.source import Asked, JsonAnswers


class Native(JsonAnswers):
    """Lines of NDJSON or one JSON array; their JSON Schema is at `/v1/samples.schema.json`."""

    name = "native"
    path = "/v1/samples"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The samples of the body. Raises Refused."""
        require_few_lines(asked.body.count(b"\n"))
        reading = read_samples(asked.body, now_ms=asked.now_ms)
        batch.refusals, batch.samples = reading.refusals, reading.samples
        key = asked.key
        # A body of one session comes from the client itself; one of many from a relay, whose address says nothing.
        batch.take_key()
        if not key.resource and not asked.places.is_empty and len(batch.session_names()) == 1:
            batch.given = asked.place()
        name = asked.header(b"idempotency-key") or batch_name(asked.query)
        batch.idempotency = hash64(f"{key.app}\n{key.resource}\n{name}") if name else 0


def batch_name(query: bytes) -> str:
    """The batch's name in the address: a page that is being closed cannot ask for leave to send a header."""
    return parse_qs(query.decode("latin-1")).get("batch", [""])[0] if query else ""
