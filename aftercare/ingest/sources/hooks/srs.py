"""SRS: `POST /v1/hooks/srs/<key>`, JSON, one event a request (ossrs.io, docs/v5/doc/http-callback)."""

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Notice, thing_of
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.sources.hooks.adding import add
from aftercare.ingest.sources.hooks.fields import facts_of, number, object_of, required, scheme_of, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, GRACE_MS, PUBLISHER, MediaServer, silent_ms
from aftercare.ingest.sources.source import Asked

# What each action is: whether of a push, whether it opens, and the event it becomes. It has no word for a break.
ACTIONS = {
    "on_publish": (True, True, "push_ok"),
    "on_unpublish": (True, False, "push_ended"),
    "on_play": (False, True, ""),
    "on_stop": (False, False, "leave"),
}
DEFAULT_VHOST = "__defaultVhost__"


class Srs(MediaServer):
    """Publish and play sessions by client; bytes come with the close of the connection."""

    name = "hooks/srs"
    path = "/v1/hooks/srs"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Refused. Other hooks (connect, dvr, hls) are answered and not kept."""
        event = object_of(asked.body)
        action = required(event, "action")
        if action == "on_close":
            client = required(event, "client_id")
            for is_push, count in ((True, number(event, "recv_bytes")), (False, number(event, "send_bytes"))):
                closed = Notice(
                    self._thing(asked, event, client, is_push=is_push),
                    "close",
                    asked.now_ms,
                    event="push_ended" if is_push else "leave",
                    is_weak=True,
                    bytes=count,
                    grace_ms=GRACE_MS,
                    silent_ms=silent_ms(is_push=is_push),
                )
                add(asked, batch, closed, NO_FACTS)
        elif action in ACTIONS:
            is_push, opens, becomes = ACTIONS[action]
            notice = Notice(
                self._thing(asked, event, required(event, "client_id"), is_push=is_push),
                "open" if opens else "close",
                asked.now_ms,
                event=becomes,
                grace_ms=GRACE_MS,
                silent_ms=silent_ms(is_push=is_push),
            )
            add(asked, batch, notice, self._facts(asked, event, is_push=is_push))

    def _thing(self, asked: Asked, event: dict[str, object], client: str, *, is_push: bool) -> str:
        server = asked.rest or text(event, "server_id")
        return thing_of("srs", server, client, "push" if is_push else "play")

    def _facts(self, asked: Asked, event: dict[str, object], *, is_push: bool) -> Facts:
        vhost = text(event, "vhost")
        facts = Facts(
            stream=required(event, "stream"),
            role=PUBLISHER if is_push else AUDIENCE,
            domain="" if vhost == DEFAULT_VHOST else vhost,
            edge=asked.rest[:128],
            protocol=scheme_of(text(event, "tcUrl")),
        )
        return facts_of(asked, facts, text(event, "ip"))
