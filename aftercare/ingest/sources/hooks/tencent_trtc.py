"""Tencent TRTC: `POST /v1/hooks/tencent-trtc/<key>`.

cloud.tencent.com/document/product/647/51586 ("Room and media callbacks"): the header `Sign` is the base64 of the body's
HMAC-SHA256 under the key of the console. Who leaves a room is told by 104 alone: its streams end with it.
"""

import base64
import hashlib
import hmac

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Notice, secret_thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms, require_signature
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, number, object_of, part, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, PUBLISHER
from aftercare.ingest.sources.source import Asked

ENTER, EXIT, CHANGE_ROLE = 103, 104, 105
ROLES = {20: PUBLISHER, 21: AUDIENCE}
# Media events: what begins or ends, and of which medium ("aux": the substream, as of a shared screen).
MEDIA = {
    201: ("push_ok", "video"),
    202: ("push_ended", "video"),
    203: ("push_ok", "audio"),
    204: ("push_ended", "audio"),
    205: ("push_ok", "aux"),
    206: ("push_ended", "aux"),
}
# Reasons of an exit that nobody chose: the heartbeat timed out, the app was killed.
BROKEN = frozenset((2, 5))


class TencentTrtc(Callback):
    """Who is in a room, and what is pushed there."""

    vendor = "tencent-trtc"
    name = "hooks/tencent-trtc"
    path = "/v1/hooks/tencent-trtc"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Answer, Refused. Rooms' own events and other groups are not kept."""
        secret = self.secret(asked).encode()
        made = base64.b64encode(hmac.digest(secret, asked.body, hashlib.sha256)).decode()
        require_signature(asked.header(b"sign").strip(), made)
        callback = object_of(asked.body)
        event = number(callback, "EventType")
        if event in (ENTER, EXIT, CHANGE_ROLE) or event in MEDIA:
            self._add(asked, batch, event, part(callback, "EventInfo"))

    def _add(self, asked: Asked, batch: Batch, event: int, info: Fields) -> None:
        room, user = required(info, "RoomId"), required(info, "UserId")
        becomes, medium = MEDIA.get(event, ("leave" if event == EXIT else "", ""))
        notice = Notice(
            secret_thing_of(asked.key, "tencent-trtc", asked.header(b"sdkappid"), room, user),
            "open" if event == ENTER else "close" if event == EXIT else "mark",
            happened_ms(info, "EventMsTs", "EventTs"),
            event=becomes,
            code=medium or (text(info, "Reason") if event == EXIT else ""),
            medium=medium,
            is_broken=event == EXIT and number(info, "Reason") in BROKEN,
        )
        role = ROLES.get(number(info, "Role"), "")
        self.add(asked, batch, notice, facts_of(asked, Facts(stream=room, call=room, user=user, role=role)))
