"""A ping as the front door reads it."""

import asyncio
import re
from dataclasses import dataclass, field

from aftercare.kernel.signing import fingerprint
from aftercare.watch.models import PingKind

PREFIX = "/ping/"
PATH = re.compile(r"/ping/([0-9a-z]{1,64})(?:/([a-z]{1,8}|\d{1,8})?)?")
WORDS = {"": PingKind.OK, "start": PingKind.START, "fail": PingKind.FAIL, "log": PingKind.LOG}
LARGEST_CODE = 255
RUN_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
KEPT_BYTES = 10_000


@dataclass(slots=True)
class Ping:
    """One ping, or several of one kind that came together: `at` (epoch seconds) is the last one's, `repeats` counts.

    `body` is the beginning of what was sent, `body_bytes` how much there was.
    """

    heartbeat: int
    fingerprint: str
    at: float
    kind: str
    exit_code: int | None = None
    rid: str = ""
    body: str = ""
    body_bytes: int = 0
    repeats: int = 1
    answers: "list[asyncio.Future[bool | None]]" = field(default_factory=list, repr=False)

    def takes(self, other: "Ping") -> bool:
        """Whether another ping right after this one says the same, within the same second."""
        return (self.kind, self.exit_code, self.rid, self.body, self.fingerprint, int(self.at)) == (
            *(other.kind, other.exit_code, other.rid, other.body, other.fingerprint),
            int(other.at),
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What an address says: whose key, and what happened."""

    fingerprint: str
    kind: str
    exit_code: int | None


def read_path(path: str) -> Said | None:
    """What the address of a ping says; None for an address that is none."""
    match = PATH.fullmatch(path)
    if match is None:
        return None
    key, word = match[1], match[2] or ""
    if word.isdigit():
        code = int(word)
        if code > LARGEST_CODE:
            return None
        return Said(fingerprint(key), PingKind.FAIL if code else PingKind.OK, code)
    kind = WORDS.get(word)
    return Said(fingerprint(key), kind, None) if kind else None


def text_of(body: bytes) -> str:
    """The part of a body that is kept, as text: what is none is replaced, and NUL, which no text of ours holds."""
    return body[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")
