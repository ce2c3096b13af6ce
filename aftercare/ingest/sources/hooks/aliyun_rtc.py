"""Aliyun RTC: `POST /v1/hooks/aliyun-rtc/<key>` (help.aliyun.com/zh/live/developer-reference/api-live-2016-11-01-
createeventsub: the callback's body). That page tells of no signature: the key in the address is all that guards it."""

from aftercare.ingest.batches import Batch
from aftercare.ingest.presence.notices import Kind, Notice, secret_thing_of
from aftercare.ingest.reading import Refusal
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.hooks.callback import Callback, happened_ms
from aftercare.ingest.sources.hooks.fields import Fields, facts_of, number, object_of, part, required, text
from aftercare.ingest.sources.hooks.media_server import AUDIENCE, PUBLISHER
from aftercare.ingest.sources.source import Asked
from aftercare.kernel.errors import Refused

TAGS: dict[str, tuple[Kind, str]] = {
    "Join": ("open", ""),
    "Leave": ("close", "leave"),
    "Publish": ("mark", "push_ok"),
    "Unpublish": ("mark", "push_ended"),
    "Roleupdate": ("mark", ""),
}
ROLES = {1: PUBLISHER, 2: AUDIENCE}
MOST_EVENTS = 1_000


class AliyunRtc(Callback):
    """Who is in a channel, and that something is pushed there. A message may hold several events."""

    vendor = "aliyun-rtc"
    name = "hooks/aliyun-rtc"
    path = "/v1/hooks/aliyun-rtc"

    def read(self, asked: Asked, batch: Batch) -> None:
        """The events of the body; a bad one is named and costs none of the others. Raises Refused."""
        message = object_of(asked.body)
        contents = message.get("Contents")
        if not isinstance(contents, list) or len(contents) > MOST_EVENTS:
            raise Refused(f"Contents is missing, or holds over {MOST_EVENTS:,} events")
        for place, content in enumerate(contents, 1):
            try:
                self._add(asked, batch, message, content, place)
            except Refused as refused:
                batch.refusals.append(Refusal(place, refused.sentence))

    def _add(self, asked: Asked, batch: Batch, message: Fields, content: object, place: int) -> None:
        if not isinstance(content, dict):
            raise Refused("this is no event")
        if text(content, "Event") != "UserEvent":
            return
        event = part(content, "UserEvent")
        tag = text(event, "EventTag")
        if tag not in TAGS:
            return
        kind, becomes = TAGS[tag]
        channel, user = required(message, "ChannelID", "ChannelId"), required(event, "UserId")
        named = (text(message, "AppId"), channel, user, text(event, "SessionId"))
        notice = Notice(
            secret_thing_of(asked.key, "aliyun-rtc", *named),
            kind,
            happened_ms(event, "", "Timestamp"),
            event=becomes,
            code=text(event, "Reason") if kind == "close" else "",
            medium="media" if becomes.startswith("push") else "",
        )
        facts = Facts(stream=channel, call=channel, user=user, role=ROLES.get(number(event, "Role"), ""))
        self.add(asked, batch, notice, facts_of(asked, facts), f"{required(message, 'MsgId')}/{place}")
