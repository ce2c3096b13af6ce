"""What the vendors' callbacks have in common: the key's secret, a signature that fits it, an answer they understand."""

import hmac
from typing import NoReturn

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.http import JSON_TYPE, Answer, said
from aftercare.ingest.presence.notices import Notice
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.adding import add
from aftercare.ingest.sources.hooks.fields import Fields, number
from aftercare.ingest.sources.source import Asked, JsonAnswers, Reply
from aftercare.kernel.errors import Refused

OK = Reply(200, said({"code": 0}), (JSON_TYPE,))
DAY_MS = 86_400_000
"""What was told is known again for a day: nothing that happened longer ago is taken, or a replay could count."""


class Callback(JsonAnswers):
    """A way in for one vendor. `read` checks first and reads then: of a callback that nobody signed nothing is kept."""

    largest = 1 << 20
    may_be_empty = True
    vendor: str
    """As the key's page and the address name it."""
    name: str
    path: str

    def answer(self, batch: Batch, result: Result) -> Reply:
        """What every one of them takes for success, and a limit that was met."""
        return Reply(200, said({"code": 0, "warning": result.warning}), (JSON_TYPE,)) if result.warning else OK

    def secret(self, asked: Asked) -> str:
        """What this vendor's callbacks are signed with. Raises Answer 401 where the key has no such secret."""
        key = asked.key
        if key.callback_source != self.vendor or not key.callback_secret:
            raise Answer(401, f"this key has no secret for callbacks of {self.vendor}; set it on the key's page")
        return key.callback_secret

    def add(self, asked: Asked, batch: Batch, notice: Notice, facts: Facts, identity: str = "") -> None:
        """Put a notice into the batch. Raises Refused for one that happened over a day ago."""
        if asked.now_ms - notice.at > DAY_MS:
            raise Refused("this happened more than a day ago: callbacks are taken for a day")
        add(asked, batch, notice, facts, identity)


def require_signature(given: str, expected: str) -> None:
    """Compare in constant time. Raises Answer 401, saying which of the two things is wrong."""
    if not given:
        unsigned("it carries no signature; switch signing on at the vendor, with the secret of this key")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        unsigned("its signature does not fit the secret of this key")


def require_not_expired(fields: Fields, now_ms: int) -> None:
    """Check `t`, the epoch second until which a signature holds. Raises Answer 401."""
    if number(fields, "t") * 1000 < now_ms:
        unsigned("its signature has expired (t)")


def unsigned(why: str) -> NoReturn:
    """Refuse a callback."""
    raise Answer(401, f"this callback is not taken: {why}")


def happened_ms(fields: Fields, in_ms: str, in_s: str = "", otherwise_ms: int = 0) -> int:
    """When something happened: the field in milliseconds, else the one in seconds. Raises Refused without either."""
    found = number(fields, in_ms) or 1000 * (number(fields, in_s) if in_s else 0) or otherwise_ms
    if not found:
        raise Refused(f"{in_ms or in_s} is missing: when it happened is not told")
    return found
