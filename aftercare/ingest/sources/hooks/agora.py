"""Agora Notifications: `POST /v1/hooks/agora/<key>`.

Signature, fields and events: docs.agora.io/en/api-reference/api-ref/rtc/channel-event-types, and "Receive
notifications" there: HMAC of the raw body under the secret of the console, hexadecimal, SHA-1 in `Agora-Signature`,
SHA-256 in `Agora-Signature-V2`. `noticeId` is the same when a notice is sent again; `notifyMs` is not.
"""

import hashlib
import hmac

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Kind, Notice, secret_thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms, require_signature
from aftercare.ingest.sources.hooks.fields import facts_of, number, object_of, part, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, PUBLISHER
from aftercare.ingest.sources.source import Asked

RTC = 1
# What an event is, by its number: broadcasters, audience, and users of a call joining and leaving; changes of role.
EVENTS: dict[int, tuple[Kind, str]] = {
    103: ("open", PUBLISHER),
    104: ("close", PUBLISHER),
    105: ("open", AUDIENCE),
    106: ("close", AUDIENCE),
    107: ("open", ""),
    108: ("close", ""),
    111: ("mark", PUBLISHER),
    112: ("mark", AUDIENCE),
}


class Agora(Callback):
    """Who is in a channel; a leave tells its reason and how long the user was there."""

    vendor = "agora"
    name = "hooks/agora"
    path = "/v1/hooks/agora"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The notice of the body. Raises Answer, Refused. Channels' own events and other products are not kept."""
        self._check(asked, self.secret(asked).encode())
        notice = object_of(asked.body)
        event = number(notice, "eventType")
        if number(notice, "productId") != RTC or event not in EVENTS:
            return
        kind, role = EVENTS[event]
        payload = part(notice, "payload")
        channel, user = required(payload, "channelName"), required(payload, "account", "uid")
        at = happened_ms(payload, "", "ts")
        lasted_s = number(payload, "duration") if kind == "close" else 0
        seen = Notice(
            secret_thing_of(asked.key, "agora", channel, required(payload, "uid", "account")),
            kind,
            at,
            event="leave" if kind == "close" else "",
            code=text(payload, "reason") if kind == "close" else "",
            begin=at - 1000 * lasted_s if lasted_s else 0,
        )
        facts = facts_of(asked, Facts(stream=channel, call=channel, user=user, role=role))
        self.add(asked, batch, seen, facts, required(notice, "noticeId"))

    def _check(self, asked: Asked, secret: bytes) -> None:
        newer = asked.header(b"agora-signature-v2")
        given = newer or asked.header(b"agora-signature")
        made = hmac.digest(secret, asked.body, hashlib.sha256 if newer else hashlib.sha1).hex()
        require_signature(given.strip().lower(), made)
