"""Reading what a Matrix homeserver pushed: one room event for each row, its id the event's."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.actions import contact_of, post_in_group, reply
from aftercare.desk.actions.changing import change_message
from aftercare.desk.models import ChangeKind, Contact, Group, Inbound, Message, Status
from aftercare.desk.unplaced import find_group
from aftercare.desk.vendors import files
from aftercare.desk.vendors.chats import known_message, set_going
from aftercare.desk.vendors.commands import command_in, reaction_asks
from aftercare.desk.vendors.moments import OLDEST, moment
from aftercare.desk.vendors.reading import fitting
from aftercare.notify.clients.matrix import Homeserver, escaped
from aftercare.notify.envelope import credentials_of

# What an older client puts before a reply: the words it answers, each line quoted (specification up to 1.12).
FALLBACK = re.compile(r"\A(?:> [^\n]*\n)+\n?")
WITH_FILE = frozenset({"m.file", "m.image", "m.audio", "m.video"})

Event = dict[str, Any]


def read(row: Inbound, now: datetime) -> Message | None:
    """The message that an event became; None for what asks for nothing. Raises Refused for what has no words."""
    if row.kind == files.FILE:
        server = Homeserver.of(credentials_of(row.account))
        files.fetch(row, lambda source: server.download(str(source["mxc"]), most_bytes=files.MOST_BYTES))
        return None
    event = row.payload
    group = find_group(row.account, event.get("room_id"))
    reader = READERS.get(row.kind)
    if group is None or reader is None or not isinstance(event.get("sender"), str):
        return None
    with translation.override(group.language):
        return reader(row, event, group, now)


def content_of(event: Event) -> dict[str, Any]:
    """What the event says; {} for one that is deformed or was redacted."""
    content = event.get("content")
    return content if isinstance(content, dict) else {}


def speaker_of(row: Inbound, event: Event, group: Group, now: datetime) -> Contact:
    """Who sent it, as a contact of the group's customer."""
    user_id: str = event["sender"]
    name = user_id.removeprefix("@").partition(":")[0]
    return contact_of(account=row.account, external_id=user_id[:200], name=name, customer_id=group.customer_id, now=now)


def read_message(row: Inbound, event: Event, group: Group, now: datetime) -> Message | None:
    """Words or a file; an edit of earlier ones; a command."""
    content = content_of(event)
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    if relation.get("rel_type") == "m.replace":
        return read_edit(row, event, group, relation.get("event_id"), now)
    answered = relation.get("m.in_reply_to")
    parent = message_of(group, answered.get("event_id")) if isinstance(answered, dict) else None
    text = text_of(content)
    if parent is not None:
        text = FALLBACK.sub("", text)
    message = post(row, event, group, text, parent, now)
    asked = command_in(text)
    if asked is not None:
        set_going(asked, group, speaker_of(row, event, group, now), message, about=parent, now=now)
    return message


def post(row: Inbound, event: Event, group: Group, text: str, parent: Message | None, now: datetime) -> Message:
    """Keep the words: in the ticket whose words they answer, else in the group alone."""
    speaker = speaker_of(row, event, group, now)
    content = content_of(event)
    has_file = content.get("msgtype") in WITH_FILE
    name = content.get("filename") or content.get("body")
    if has_file and not text:
        text = files.name_of(name)
    told: dict[str, Any] = {"account": row.account, "provider_message_id": row.provider_message_id, "now": now}
    ticket = parent.ticket if parent is not None else None
    if ticket is not None:
        ticket.refresh_from_db()
    if ticket is not None and ticket.status != Status.CLOSED:
        message = reply(ticket=ticket, author=speaker, body=text, way="group", **told)
    else:
        at = moment(event.get("origin_server_ts"), now, per_s=1000, oldest=OLDEST)
        message = post_in_group(group=group, speaker=speaker, body=text, said_at=at, **told)
    if has_file and isinstance(content.get("url"), str):
        info = content.get("info")
        size = info.get("size") if isinstance(info, dict) else None
        files.announce(row, message, source={"mxc": content["url"]}, name=name, size=size, now=now)
    return message


def text_of(content: dict[str, Any]) -> str:
    """The words of a message; a sentence for a kind that has none."""
    kind = content.get("msgtype")
    if kind in WITH_FILE:
        caption = content.get("body") if content.get("filename") not in (None, content.get("body")) else ""
        return fitting(caption) if caption else ""
    body = fitting(content.get("body"))
    if kind == "m.location":
        return fitting(f"{body}\n{content.get('geo_uri', '')}")
    return body or _("(a message without words)")


def read_encrypted(row: Inbound, event: Event, group: Group, now: datetime) -> Message:
    """Words nobody but the room's members can read: the customer spoke, so the clock runs, and the reason is said."""
    text = _("This message is end-to-end encrypted and cannot be read here. Use a room without encryption.")
    return post(row, {**event, "content": {}}, group, text, None, now)


def message_of(group: Group, event_id: object) -> Message | None:
    """The message of this group that an event is: one that came from there, or one of ours that went there."""
    return known_message(group, event_id) if isinstance(event_id, str) else None


def read_edit(row: Inbound, event: Event, group: Group, event_id: object, now: datetime) -> Message | None:
    """New words for earlier ones, from whoever said those."""
    message = message_of(group, event_id)
    content = content_of(event).get("m.new_content")
    if not isinstance(content, dict) or message is None or not is_speaker(message, event):
        return None
    return change_message(
        message=message,
        kind=ChangeKind.EDITED,
        body=fitting(content.get("body")),
        provider_message_id=row.provider_message_id,
        now=now,
    )


def is_speaker(message: Message, event: Event) -> bool:
    """Whether the event's sender said this."""
    contact, account = message.contact, message.account
    if contact is None or account is None:
        return False
    return contact.identities.filter(account=account, external_id=event["sender"][:200]).exists()


def read_redaction(row: Inbound, event: Event, group: Group, now: datetime) -> Message | None:
    """Words taken back. A moderator may take back anybody's: the homeserver has checked that already."""
    redacted = event.get("redacts") or content_of(event).get("redacts")
    message = message_of(group, redacted)
    if message is None:
        return None
    return change_message(
        message=message, kind=ChangeKind.TAKEN_BACK, provider_message_id=row.provider_message_id, now=now
    )


def read_reaction(row: Inbound, event: Event, group: Group, now: datetime) -> Message | None:
    """A reaction that asks for something asks it about the words it stands under."""
    relation = content_of(event).get("m.relates_to")
    asked = reaction_asks(str(relation.get("key"))) if isinstance(relation, dict) else None
    if asked is None or not isinstance(relation, dict):
        return None
    message = message_of(group, relation.get("event_id"))
    if message is not None:
        set_going(asked, group, speaker_of(row, event, group, now), message, by_reaction=True, now=now)
    return message


def read_member(row: Inbound, event: Event, group: Group, now: datetime) -> Message | None:
    """Our own user was invited to a group's room: it goes in. Of others only the name is kept."""
    content = content_of(event)
    server = Homeserver.of(credentials_of(row.account))
    if event.get("state_key") == server.user_id(server.sender):
        if content.get("membership") == "invite":
            server.ask("POST", f"v3/rooms/{escaped(group.chat_id)}/join", {})
        return None
    name = content.get("displayname")
    if content.get("membership") == "join" and isinstance(name, str) and event.get("state_key") == event["sender"]:
        speaker = speaker_of(row, event, group, now)
        speaker.name = fitting(name)[:120] or speaker.name
        speaker.save(update_fields=["name"])
    return None


READERS: dict[str, Callable[[Inbound, Event, Group, datetime], Message | None]] = {
    "m.room.message": read_message,
    "m.room.encrypted": read_encrypted,
    "m.room.redaction": read_redaction,
    "m.reaction": read_reaction,
    "m.room.member": read_member,
}
