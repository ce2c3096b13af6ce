"""Volcengine RTC (BytePlus RTC): `POST /v1/hooks/volc-rtc/<key>`.

www.volcengine.com/docs/6348/69820 (signature), docs.byteplus.com/byteplus-rtc/docs/75124 and 75125 (fields, events):
`Signature` is the SHA-256, hexadecimal, of eight values sorted and joined: the fields of the event and the secret.
`EventId` is the same when an event is sent again. `EventData` is JSON in a text.
"""

import hashlib
from datetime import datetime

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Kind, Notice, secret_thing_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, require_signature
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, object_of, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE
from aftercare.ingest.sources.source import Asked
from aftercare.kernel.errors import Refused

SIGNED = ("EventType", "EventData", "EventTime", "EventId", "AppId", "Version")
# Who is invisible may not push: an audience. Whether somebody visible pushes is not told.
EVENTS: dict[str, tuple[Kind, str]] = {
    "UserJoinRoom": ("open", ""),
    "UserLeaveRoom": ("close", ""),
    "InvisibleUserJoinRoom": ("open", AUDIENCE),
    "InvisibleUserLeaveRoom": ("close", AUDIENCE),
}


class VolcRtc(Callback):
    """Who is in a room."""

    vendor = "volc-rtc"
    name = "hooks/volc-rtc"
    path = "/v1/hooks/volc-rtc"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The event of the body. Raises Answer, Refused. Other events are not kept."""
        secret = self.secret(asked)
        event = object_of(asked.body)
        # Some editions of the page, and BytePlus, spell the nonce "Noce".
        values = [*(whole(event, name) for name in SIGNED), whole(event, "Nonce") or whole(event, "Noce"), secret]
        made = hashlib.sha256("".join(sorted(values)).encode()).hexdigest()
        require_signature(text(event, "Signature").lower(), made)
        if text(event, "EventType") not in EVENTS:
            return
        kind, role = EVENTS[text(event, "EventType")]
        data = object_of(whole(event, "EventData").encode())
        room, user = required(data, "RoomId"), required(data, "UserId")
        notice = Notice(
            secret_thing_of(asked.key, "volc-rtc", text(event, "AppId"), room, user),
            kind,
            time_of(required(event, "EventTime")),
            event="leave" if kind == "close" else "",
            code=text(data, "Reason") if kind == "close" else "",
        )
        facts = facts_of(asked, Facts(stream=room, call=room, user=user, role=role))
        self.add(asked, batch, notice, facts, required(event, "EventId"))


def whole(fields: Fields, name: str) -> str:
    """A field's text at its full length, as it was signed."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def time_of(told: str) -> int:
    """An RFC 3339 time, with up to nine digits of a second, in epoch milliseconds. Raises Refused."""
    seconds, _, fraction = told.removesuffix("Z").partition(".")
    try:
        begun = datetime.fromisoformat(f"{seconds}+00:00" if told.endswith("Z") else told)
    except ValueError:
        raise Refused(f"EventTime is {told!r}: not a time of RFC 3339") from None
    if begun.tzinfo is None:
        raise Refused(f"EventTime is {told!r}: it names no time zone")
    milliseconds = int((fraction + "000")[:3]) if told.endswith("Z") and fraction.isdecimal() else 0
    return int(begun.timestamp() * 1000) + milliseconds
