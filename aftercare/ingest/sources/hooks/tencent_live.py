"""Tencent Live (CSS): `POST /v1/hooks/tencent-live/<key>`.

cloud.tencent.com/document/product/267/47025 ("Push and break events"): `sign` is md5(key + t), `t` the second until
which it holds; `sequence` is one push, the same in its push and its break. Error codes: product/267/31083.
"""

import hashlib

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import FOREVER, SILENT_PUSH_MS, Notice, thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms, require_not_expired, require_signature
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, number, object_of, required, text
from aftercare.ingest.sources.hooks.media_server import PUBLISHER
from aftercare.ingest.sources.source import Asked

BREAK, PUSH = "0", "1"
# The publisher ended it (1 to 4), or the customer's own order did (10, 21).
ENDED = frozenset((1, 2, 3, 4, 10, 21))
# It was never taken: account, domain, name or signature were refused.
REFUSED = frozenset((18, 19))
# Of these the table itself says that the reason is not known.
UNKNOWN = frozenset((0, 22, *range(25, 33)))


class TencentLive(Callback):
    """Pushes and how they ended; a break tells its reason and how long the push was."""

    vendor = "tencent-live"
    name = "hooks/tencent-live"
    path = "/v1/hooks/tencent-live"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Answer, Refused. Recordings, snapshots and the like are not kept."""
        secret = self.secret(asked)
        event = object_of(asked.body)
        made = hashlib.md5((secret + text(event, "t")).encode(), usedforsecurity=False).hexdigest()
        require_signature(text(event, "sign").lower(), made)
        require_not_expired(event, asked.now_ms)
        kind = text(event, "event_type")
        if kind not in (BREAK, PUSH):
            return
        at = happened_ms(event, "", "event_time")
        lasted = number(event, "push_duration") if kind == BREAK else 0
        notice = Notice(
            thing_of("tencent-live", required(event, "sequence")),
            "close" if kind == BREAK else "open",
            at,
            event=ended_as(number(event, "errcode")) if kind == BREAK else "push_ok",
            code=text(event, "errcode") if kind == BREAK else "",
            begin=at - lasted if lasted else 0,
            grace_ms=FOREVER,
            silent_ms=SILENT_PUSH_MS,
        )
        self.add(asked, batch, notice, self._facts(asked, event))

    def _facts(self, asked: Asked, event: Fields) -> Facts:
        stream = required(event, "stream_id", "channel_id")
        facts = Facts(stream=stream, role=PUBLISHER, domain=text(event, "app"), cdn="tencent")
        return facts_of(asked, facts, text(event, "user_ip"))


def ended_as(code: int) -> str:
    """What a break was, by its error code; where the vendor does not know the reason, no break is claimed."""
    if code in REFUSED:
        return "push_failed"
    return "push_ended" if code in ENDED or code in UNKNOWN else "push_broken"
