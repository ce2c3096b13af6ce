"""node-media-server 4: `POST /v1/hooks/node-media-server/<key>/<server>`, JSON sent as text/plain (its notify server).

A publisher that comes back within 30 s goes on with the publish it had: the server tells the new connection with the
old `createtime`, and of the old one nothing at all. So a publish is known by its stream and `createtime`, as the server
itself sees it, and a connection that is younger than its publish tells of a break. The first part of an id is the
connection's own time.
"""

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import FOREVER, Notice, thing_of
from aftercare.ingest.presence.pairing import base36
from aftercare.ingest.reading import time_refusal
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.adding import add
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, number, object_of, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, PUBLISHER, MediaServer, silent_ms
from aftercare.ingest.sources.source import Asked

TIME_DIGITS = 8  # of epoch milliseconds in base 36, from 1972 to 2059
RESUMED_AFTER_MS = 1_000
SOON_MS = 60_000


class NodeMediaServer(MediaServer):
    """Publish and play sessions. `prePublish` and `prePlay` come before the server has decided, and are not kept."""

    name = "hooks/node-media-server"
    path = "/v1/hooks/node-media-server"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Refused."""
        event = object_of(asked.body)
        action = required(event, "action")
        if action in ("postPublish", "donePublish"):
            self._read_push(asked, batch, event, is_done=action == "donePublish")
        elif action in ("postPlay", "donePlay"):
            self._read_play(asked, batch, event, is_done=action == "donePlay")

    def _read_push(self, asked: Asked, batch: Batch, event: Fields, *, is_done: bool) -> None:
        began = time_of(event, "createtime", asked.now_ms)
        identity, app = required(event, "id"), text(event, "app")
        thing = thing_of("nms", asked.rest, app, required(event, "name"), base36(began), "push")
        resumed = resumed_at(identity, began, asked.now_ms)
        if is_done:
            self._add(asked, batch, event, thing, "push_ended", is_done=True, is_push=True)
        elif not resumed:
            self._add(asked, batch, event, thing, "push_ok", is_done=False, is_push=True)
        else:
            for happened in ("push_broken", "push_ok"):
                mark = Notice(
                    thing,
                    "mark",
                    resumed,
                    event=happened,
                    code="resumed",
                    begin=began,
                    grace_ms=FOREVER,
                    silent_ms=silent_ms(is_push=True),
                )
                add(asked, batch, mark, self._facts(asked, event, is_push=True))

    def _read_play(self, asked: Asked, batch: Batch, event: Fields, *, is_done: bool) -> None:
        thing = thing_of("nms", asked.rest, required(event, "id"), "play")
        self._add(asked, batch, event, thing, "leave" if is_done else "", is_done=is_done, is_push=False)

    def _add(
        self, asked: Asked, batch: Batch, event: Fields, thing: str, becomes: str, *, is_done: bool, is_push: bool
    ) -> None:
        began = time_of(event, "createtime", asked.now_ms)
        ended = time_of(event, "endtime", asked.now_ms)
        notice = Notice(
            thing,
            "close" if is_done else "open",
            ended if is_done else began,
            event=becomes,
            begin=began if is_done else 0,
            bytes=number(event, "inbytes" if is_push else "outbytes") if is_done else 0,
            grace_ms=FOREVER,
            silent_ms=silent_ms(is_push=is_push),
        )
        add(asked, batch, notice, self._facts(asked, event, is_push=is_push))

    def _facts(self, asked: Asked, event: Fields, *, is_push: bool) -> Facts:
        facts = Facts(
            stream=required(event, "name"),
            role=PUBLISHER if is_push else AUDIENCE,
            edge=asked.rest[:128],
            protocol=text(event, "protocol"),
        )
        return facts_of(asked, facts, text(event, "ip"))


def resumed_at(identity: str, began_ms: int, now_ms: int) -> int:
    """When a connection took up a publish that began before it; 0 where it is the publish's own, or does not tell."""
    try:
        connected = int(identity[:TIME_DIGITS], 36)
    except ValueError:
        return 0
    return connected if began_ms + RESUMED_AFTER_MS < connected < now_ms + SOON_MS else 0


def time_of(event: Fields, name: str, now_ms: int) -> int:
    """A time of the server's clock; now where it tells none, or one so wrong that it would cost the event."""
    told_ms = number(event, name)
    return now_ms if time_refusal(told_ms, now_ms) else told_ms
