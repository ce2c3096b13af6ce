"""Aliyun ApsaraVideo Live: `/v1/hooks/aliyun-live/<key>`, GET with a query (or POST with a form).

help.aliyun.com/zh/live/user-guide/manage-callbacks (fields) and .../developer-reference/usage-notes-for-callback-
authentication: `ALI-LIVE-SIGNATURE` is md5(domain|ALI-LIVE-TIMESTAMP|key). The domain of a stream callback is the
ingest domain that it is set for, which is the event's `app`; older editions of that page take the callback address's
host. A request that is five minutes old is invalid.
"""

import hashlib
import hmac

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import SILENT_PUSH_MS, Kind, Notice, thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms, require_signature, unsigned
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, form_of, required, text
from aftercare.ingest.sources.hooks.media_server import PUBLISHER
from aftercare.ingest.sources.source import Asked

WINDOW_S = 300
# It has no word for a break: both a publisher that stops and one that is cut off are `publish_done`.
ACTIONS: dict[str, tuple[Kind, str]] = {"publish": ("open", "push_ok"), "publish_done": ("close", "push_ended")}


class AliyunLive(Callback):
    """Pushes by domain, app and stream, in whole seconds."""

    vendor = "aliyun-live"
    name = "hooks/aliyun-live"
    path = "/v1/hooks/aliyun-live"
    methods: tuple[str, ...] = ("POST", "GET")

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the arguments. Raises Answer, Refused."""
        secret = self.secret(asked)
        event = form_of(asked.query if asked.method == "GET" else asked.body)
        check(asked, event, secret)
        action = text(event, "action")
        if action not in ACTIONS:
            return
        kind, becomes = ACTIONS[action]
        stream, domain = required(event, "id"), required(event, "app")
        notice = Notice(
            thing_of("aliyun-live", domain, text(event, "appname"), stream),
            kind,
            happened_ms(event, "", "time"),
            event=becomes,
            silent_ms=SILENT_PUSH_MS,
        )
        facts = Facts(stream=stream, role=PUBLISHER, domain=domain, cdn="aliyun")
        self.add(asked, batch, notice, facts_of(asked, facts, text(event, "ip")))


def check(asked: Asked, event: Fields, secret: str) -> None:
    """The signature in the headers. Raises Answer 401."""
    stamp, given = asked.header(b"ali-live-timestamp"), asked.header(b"ali-live-signature").lower()
    of_ingest, of_callback = (
        hashlib.md5(f"{domain}|{stamp}|{secret}".encode(), usedforsecurity=False).hexdigest()
        for domain in (text(event, "app"), asked.header(b"host").partition(":")[0])
    )
    is_older = hmac.compare_digest(given.encode(), of_callback.encode())
    require_signature(given, of_callback if is_older else of_ingest)
    if not stamp.isdecimal() or abs(asked.now_ms / 1000 - int(stamp[:15])) > WINDOW_S:
        unsigned("it was signed more than 5 minutes ago (ALI-LIVE-TIMESTAMP)")
