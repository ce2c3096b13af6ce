"""Janus event handlers: a server's `sampleevh` posts its events to `/v1/janus/<key>`."""

from aftercare.ingest.batches import Batch
from aftercare.ingest.janus.entries import entries_of
from aftercare.ingest.janus.events import read_event
from aftercare.ingest.reading import Refusal
from aftercare.ingest.sources.source import Asked, JsonAnswers
from aftercare.kernel.errors import Refused


class Janus(JsonAnswers):
    """The server's view of calls, under the session ids that clients attached with (`opaque_id`)."""

    name = "janus"
    path = "/v1/janus"
    may_be_empty = True

    def read(self, asked: Asked, batch: Batch) -> None:
        """The events of the body, each with what makes it the same one when it is sent again. Raises Refused."""
        for number, entry in enumerate(entries_of(asked.body), 1):
            wrong: list[str] = []
            try:
                row = read_event(entry, now_ms=asked.now_ms, refused=wrong)
            except Refused as refused:
                row, wrong = None, [refused.sentence]
            batch.refusals += [Refusal(number, sentence) for sentence in wrong]
            if row is not None:
                batch.samples.append(row[0])
                batch.hashes.append(row[1])
        batch.take_key()
