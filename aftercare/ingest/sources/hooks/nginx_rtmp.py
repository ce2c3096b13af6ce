"""nginx-rtmp: `/v1/hooks/nginx-rtmp/<key>/<server>`, GET with a query or POST with a form (its wiki, "Notify")."""

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Kind, Notice, thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.adding import add
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, form_of, number, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, GRACE_MS, PUBLISHER, MediaServer, silent_ms
from aftercare.ingest.sources.source import Asked

# What each call is: its kind, whether of a push, and the event it becomes. It has no word for a break.
CALLS: dict[str, tuple[Kind, bool, str]] = {
    "publish": ("open", True, "push_ok"),
    "update_publish": ("alive", True, ""),
    "publish_done": ("close", True, "push_ended"),
    "play": ("open", False, ""),
    "update_play": ("alive", False, ""),
    "play_done": ("close", False, "leave"),
}
# nginx's own connections between its workers and to the servers it pushes to: no publisher and no viewer.
RELAY = "ngx-local-relay"
DAY_S = 86_400


class NginxRtmp(MediaServer):
    """Publish and play sessions by connection; `on_update` is their heartbeat, and tells how long they have lasted."""

    name = "hooks/nginx-rtmp"
    path = "/v1/hooks/nginx-rtmp"
    methods: tuple[str, ...] = ("POST", "GET")

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the arguments. Raises Refused. Other calls (connect, done, record_done) are not kept."""
        event = form_of(asked.query if asked.method == "GET" else asked.body)
        call = required(event, "call")
        if call not in CALLS or text(event, "flashver") == RELAY:
            return
        kind, is_push, becomes = CALLS[call]
        name, app = required(event, "name"), text(event, "app")
        client = required(event, "clientid")
        thing = thing_of("nginx-rtmp", asked.rest, client, app, name, "push" if is_push else "play")
        lasted_s = number(event, "time", most=7 * DAY_S)
        notice = Notice(
            thing,
            kind,
            asked.now_ms,
            event=becomes,
            begin=asked.now_ms - 1000 * lasted_s if kind == "alive" else 0,
            bytes=number(event, "bytes_in" if is_push else "bytes_out") if kind == "close" else 0,
            grace_ms=GRACE_MS,
            silent_ms=silent_ms(is_push=is_push),
        )
        add(asked, batch, notice, self._facts(asked, event, name, is_push=is_push))

    def _facts(self, asked: Asked, event: Fields, name: str, *, is_push: bool) -> Facts:
        role = PUBLISHER if is_push else AUDIENCE
        return facts_of(
            asked, Facts(stream=name, role=role, edge=asked.rest[:128], protocol="rtmp"), text(event, "addr")
        )
