"""Volcengine Live: `POST /v1/hooks/volc-live/<key>`.

www.volcengine.com/docs/6469/1126932 ("What callbacks hold"): `sign` is md5(AuthKeyPrimary + t), `t` the second until
which it holds; `session_id` is one push. The older edition (docs/6469/93892) wraps the fields in `data` and `detail`.
"""

import hashlib

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import FOREVER, SILENT_PUSH_MS, Kind, Notice, thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms, require_not_expired, require_signature
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, object_of, required, text
from aftercare.ingest.sources.hooks.media_server import PUBLISHER
from aftercare.ingest.sources.source import Asked

# Why a push ended is not told in words that we know: no break is claimed.
EVENTS: dict[str, tuple[Kind, str]] = {"push_start": ("open", "push_ok"), "push_end": ("close", "push_ended")}


class VolcLive(Callback):
    """Pushes. Transcoded copies of a stream are no pushes of their own."""

    vendor = "volc-live"
    name = "hooks/volc-live"
    path = "/v1/hooks/volc-live"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Answer, Refused. Other events are not kept."""
        secret = self.secret(asked)
        event = unwrapped(object_of(asked.body))
        made = hashlib.md5((secret + text(event, "t")).encode(), usedforsecurity=False).hexdigest()
        require_signature(text(event, "sign").lower(), made)
        require_not_expired(event, asked.now_ms)
        kind_of = EVENTS.get(text(event, "event_type"))
        if kind_of is None or event.get("transcoded") is True:
            return
        kind, becomes = kind_of
        notice = Notice(
            thing_of("volc-live", required(event, "session_id")),
            kind,
            happened_ms(event, "time_ms", "time"),
            event=becomes,
            grace_ms=FOREVER,
            silent_ms=SILENT_PUSH_MS,
        )
        facts = Facts(stream=required(event, "stream"), role=PUBLISHER, domain=text(event, "domain"), cdn="volcengine")
        self.add(asked, batch, notice, facts_of(asked, facts, text(event, "fp_client_ip")))


def unwrapped(event: Fields) -> Fields:
    """The fields of an event, from wherever the edition puts them."""
    data = event.get("data")
    detail = data.get("detail") if isinstance(data, dict) else event.get("detail")
    return {**event, **(data if isinstance(data, dict) else {}), **(detail if isinstance(detail, dict) else {})}
