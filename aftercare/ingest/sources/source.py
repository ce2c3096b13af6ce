"""What a way in is: where it listens, what it reads out of a request, how it answers when that is kept."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.http import JSON_TYPE, said
from aftercare.ingest.keys import Key
from aftercare.ingest.places import Places
from aftercare.ingest.reading import LARGEST_BODY, unpacked
from aftercare.ingest.samples import Facts

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Asked:
    """One request of a key that may send, its body read and unpacked."""

    key: Key
    method: str
    rest: str
    """What stands in the address after the source's own path and the key, without slashes around it."""
    query: bytes
    headers: dict[bytes, bytes]
    client: str
    body: bytes
    now_ms: int
    places: Places

    def header(self, name: bytes) -> str:
        """A header's text, empty where it was not sent. Names are lower case."""
        return self.headers.get(name, b"").decode("latin-1")

    def place(self) -> Facts:
        """Country, province and carrier of the caller's address, as far as the operator's files tell."""
        return self.places.of_request(self.client, self.header(b"x-forwarded-for"))


@dataclass(frozen=True)
class Reply:
    """An answer: status, body, headers."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=())


class Source(Protocol):
    """One way in. Its methods run on the event loop, where none may wait or take long, unless it `takes_long`."""

    name: str
    """Kept with every row that came this way."""
    path: str
    """The address: exactly this with `Authorization: Bearer <key>`, or this, `/` and the key."""
    methods: tuple[str, ...]
    largest: int
    """The largest body taken, in bytes, packed or not."""
    takes_rest: bool
    """Whether more may stand in the address after the key."""
    may_be_empty: bool
    """Whether a request with nothing to keep is answered by `answer`, as its protocol says, bad entries or not."""
    takes_long: bool
    """Whether a body may take longer than the event loop can wait: such are read in a thread, one at a time."""
    patience_s: float
    """How long its sender waits for the store before it is answered all the same, 0 for as long as it takes.

    What was so answered stays queued until it is kept: docs/decisions/0008.
    """

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body without its content encoding. Raises Refused."""

    def read(self, asked: Asked, batch: Batch) -> None:
        """Put what the request holds into the batch, bad entries into its refusals.

        Raises Refused for a request of which nothing can be read, Answer where the sender's protocol wants an answer
        of its own.
        """

    def answer(self, batch: Batch, result: Result) -> Reply:
        """What the sender is told once the batch is kept."""

    def lost(self, batch: Batch) -> None:
        """A batch that was read has not been kept, or may not have been: undo what reading it noted down."""

    def refuse(self, status: int, sentence: str, asked_headers: dict[bytes, bytes]) -> Reply:
        """What the sender is told when nothing is kept, in the words of its protocol."""


class JsonAnswers:
    """The part of a source that most share: gzip or nothing, and our own JSON answers."""

    methods: tuple[str, ...] = ("POST",)
    largest = LARGEST_BODY
    takes_rest = False
    may_be_empty = False
    takes_long = False
    patience_s = 0.0

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body out of gzip, or as it came. Raises Refused."""
        return unpacked(body, encoding, self.largest)

    def answer(self, batch: Batch, result: Result) -> Reply:
        """How much was kept, and the first thing that was not."""
        return self.told({}, batch, result)

    def told(self, more: dict[str, int], batch: Batch, result: Result) -> Reply:
        """The same, with more counts beside."""
        body: dict[str, Any] = {"accepted": result.accepted, "duplicates": result.duplicates, **more}
        body["rejected"] = len(batch.refusals)
        if batch.refusals:
            body["first_rejected"] = {"line": batch.refusals[0].line, "reason": batch.refusals[0].reason}
        if result.warning:
            body["warning"] = result.warning
        return Reply(200, said(body), (JSON_TYPE,))

    def lost(self, batch: Batch) -> None:
        """Nothing was noted."""

    def refuse(self, status: int, sentence: str, asked_headers: dict[bytes, bytes]) -> Reply:
        """The sentence as JSON."""
        return Reply(status, said({"error": sentence}), (JSON_TYPE,))
