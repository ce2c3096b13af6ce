"""ZEGO: `POST /v1/hooks/zego/<key>`.

doc-zh.zego.im/article/19700 (setting up, signature), 20030 and 20032 (stream_create, stream_close), 13766 and
docs.zegocloud.com/article/14134 (room_login, room_logout). `signature` is the SHA-1 of callback secret, timestamp and
nonce, sorted and joined: it does not cover what is told, so only the secret keeps a forger out, and a signature that
was overheard is good for others too, here for a day.
"""

import hashlib
from urllib.parse import unquote_to_bytes

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import FOREVER, SILENT_PUSH_MS, Notice, secret_thing_of, thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import DAY_MS, Callback, happened_ms, require_signature, unsigned
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, form_of, number, object_of, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, PUBLISHER
from aftercare.ingest.sources.source import Asked

# Why a stream was closed against its publisher's will: heartbeat lost, logged in a second time, connection lost. The
# other reasons are a stop (0) or somebody's order (3 kicked out, 5 room cleared, 100 closed over the API).
BROKEN = frozenset((1, 2, 4))
ROLES = {1: PUBLISHER, 2: AUDIENCE}


class Zego(Callback):
    """Who is in a room by the room's callbacks; pushes by the streams' ones, which say nothing of presence."""

    vendor = "zego"
    name = "hooks/zego"
    path = "/v1/hooks/zego"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Answer, Refused. Other events are not kept."""
        secret = self.secret(asked)
        event = event_of(asked.body)
        stamp = text(event, "timestamp")
        made = hashlib.sha1("".join(sorted((secret, stamp, text(event, "nonce")))).encode(), usedforsecurity=False)
        require_signature(text(event, "signature").lower(), made.hexdigest())
        if abs(asked.now_ms - 1000 * number(event, "timestamp")) > DAY_MS:
            unsigned("it was signed more than a day ago (timestamp)")
        kind = text(event, "event")
        if kind in ("stream_create", "stream_close"):
            self._add_stream(asked, batch, event, is_close=kind == "stream_close")
        elif kind in ("room_login", "room_logout"):
            self._add_user(asked, batch, event, is_logout=kind == "room_logout")

    def _add_stream(self, asked: Asked, batch: Batch, event: Fields, *, is_close: bool) -> None:
        sent = 1000 * number(event, "timestamp")
        reason = number(event, "type")
        ended = "push_broken" if reason in BROKEN else "push_ended"
        notice = Notice(
            thing_of("zego", required(event, "stream_sid")),
            "close" if is_close else "open",
            sent if is_close else happened_ms(event, "create_time_ms", "create_time", sent),
            event=ended if is_close else "push_ok",
            code=text(event, "type") if is_close else "",
            grace_ms=FOREVER,
            silent_ms=SILENT_PUSH_MS,
            is_present=False,
        )
        facts = Facts(
            stream=required(event, "stream_id", "stream_alias"),
            call=text(event, "room_id", "channel_id"),
            user=text(event, "user_id", "publish_id"),
            role=PUBLISHER,
        )
        self.add(asked, batch, notice, facts_of(asked, facts))

    def _add_user(self, asked: Asked, batch: Batch, event: Fields, *, is_logout: bool) -> None:
        room, user = required(event, "room_id"), required(event, "user_account")
        named = (room, text(event, "room_seq"), user, text(event, "session_id"))
        notice = Notice(
            secret_thing_of(asked.key, "zego", *named),
            "close" if is_logout else "open",
            happened_ms(event, "logout_time" if is_logout else "login_time"),
            event="leave" if is_logout else "",
            code=text(event, "reason") if is_logout else "",
            begin=number(event, "login_time") if is_logout else 0,
        )
        role = ROLES.get(number(event, "user_role"), "")
        self.add(asked, batch, notice, facts_of(asked, Facts(stream=room, call=room, user=user, role=role)))


def event_of(body: bytes) -> Fields:
    """The fields of a body: JSON, the same URL-encoded, or a form. Raises Refused."""
    body = body.strip()
    if body[:3].lower() == b"%7b":
        body = unquote_to_bytes(body)
    return form_of(body) if body[:1] != b"{" and b"=" in body else object_of(body)
