"""Reading a WeCom customer group's archive: one opened message for each row, its id the archive's msgid.

Kinds and fields: developer.work.weixin.qq.com/document/path/91774. What is no text is kept as a sentence.
"""

import json
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.actions import contact_of, post_in_group
from aftercare.desk.actions.changing import change_message
from aftercare.desk.actions.groups import heard_in_group
from aftercare.desk.actions.prepared import seen_in_group
from aftercare.desk.actions.speaking import already_here
from aftercare.desk.models import ChangeKind, Contact, Group, Inbound, Message, Side
from aftercare.desk.unplaced import find_group
from aftercare.desk.vendors import consent, files
from aftercare.desk.vendors.chats import set_going
from aftercare.desk.vendors.commands import command_in
from aftercare.desk.vendors.moments import OLDEST, moment
from aftercare.desk.vendors.reading import fitting
from aftercare.desk.vendors.wecom_names import NAMES, read_names, wish_name
from aftercare.kernel.errors import Refused
from aftercare.notify.clients.wecom_finance import Bridge
from aftercare.notify.envelope import credentials_of

# Kinds that have a file, and what its name is called there.
FILES = {"image": ".jpg", "voice": ".amr", "video": ".mp4", "file": "", "emotion": ".gif", "meeting_voice_call": ".amr"}
MIXED_AT_MOST = 20

Said = dict[str, Any]


def read(row: Inbound, now: datetime) -> Message | None:
    """The message that an archived one became, or the prepared reply that it confirms; None for what says nothing."""
    if row.kind == files.FILE:
        bridge = Bridge(credentials_of(row.account))
        files.fetch(row, lambda source: bridge.media(str(source["sdkfileid"]), most_bytes=files.MOST_BYTES))
        return None
    if row.kind == NAMES:
        read_names(row)
        return None
    said = row.payload
    group, sender = find_group(row.account, said.get("roomid")), said.get("from")
    if group is None or not isinstance(sender, str) or not sender:
        return None
    with translation.override(group.language):
        return read_said(row, said, group, sender, now)


def read_said(row: Inbound, said: Said, group: Group, sender: str, now: datetime) -> Message | None:
    """What was said in the group, its sentences in the group's language."""
    if said.get("msgtype") == "revoke":
        return read_revoke(row, said, group, now)
    if said.get("action", "send") != "send":
        return None
    known = already_here(row.account, row.provider_message_id)
    if known is not None:
        return known
    text, at = text_of(said), moment(said.get("msgtime"), now, per_s=1000, oldest=OLDEST)
    is_ours = not consent.is_outside(sender)
    if is_ours:
        message = seen_in_group(
            group=group,
            account=row.account,
            provider_message_id=row.provider_message_id,
            text=text,
            said_at=at,
        )
        if message is not None:
            heard_in_group(message, now=now)
            return message
    speaker = speaker_of(row, sender, group, is_ours=is_ours, now=now)
    message = post_in_group(
        group=group,
        speaker=speaker,
        side=Side.PROVIDER if is_ours else Side.CUSTOMER,
        body=text,
        account=row.account,
        provider_message_id=row.provider_message_id,
        said_at=at,
        now=now,
    )
    asked = command_in(text)
    if asked is not None:
        set_going(asked, group, speaker, message, now=now)
    for number, (kind, part) in enumerate(parts_with_files(said)):
        announce(row, message, kind, part, number, now)
    return message


def speaker_of(row: Inbound, sender: str, group: Group, *, is_ours: bool, now: datetime) -> Contact:
    """Who said it; a colleague is a contact of no customer's until the sidebar has told us which person it is."""
    customer_id = None if is_ours else group.customer_id
    contact = contact_of(account=row.account, external_id=sender[:200], customer_id=customer_id, now=now)
    if contact.name == sender[:120] and not is_ours:
        wish_name(row, contact, sender[:200], chat_id=group.chat_id, now=now)
    return contact


def read_revoke(row: Inbound, said: Said, group: Group, now: datetime) -> Message | None:
    """Words taken back: whoever has read them may still need to know what they were."""
    revoked = said.get("revoke")
    before = revoked.get("pre_msgid") if isinstance(revoked, dict) else None
    message = group.messages.filter(account=row.account, provider_message_id=str(before)[:200]).first()
    if message is None:
        return None
    return change_message(
        message=message, kind=ChangeKind.TAKEN_BACK, provider_message_id=row.provider_message_id, now=now
    )


def text_of(said: Said) -> str:
    """The words of a message, or a sentence for what has none. Raises Refused for one that is deformed."""
    kind = said.get("msgtype")
    part = said.get(str(kind))
    if kind == "mixed":
        texts = [text_of_part(kind_of(item), inner) for item, inner in mixed_parts(said)]
        return fitting("\n".join(text for text in texts if text))
    if not isinstance(part, dict):
        part = said.get("info")
    return text_of_part(str(kind), part if isinstance(part, dict) else {})


def text_of_part(kind: str, part: Said) -> str:
    """The words of one kind."""
    match kind:
        case "text":
            return fitting(part.get("content"))
        case "image":
            return _("[picture]")
        case "voice" | "meeting_voice_call":
            return _("[voice, %(seconds)s s]") % {"seconds": part.get("play_length", part.get("voice_duration", "?"))}
        case "video":
            return _("[video]")
        case "emotion":
            return _("[sticker]")
        case "file":
            return _("[file] %(name)s") % {"name": files.name_of(part.get("filename"))}
        case "link":
            return fitting(f"{part.get('title', '')}\n{part.get('link_url', part.get('url', ''))}")
        case "location":
            return fitting(f"{part.get('title', part.get('name', ''))} {part.get('address', '')}")
        case "weapp" | "miniprogram":
            return _("[mini program] %(title)s") % {"title": str(part.get("title", ""))[:200]}
        case "markdown":
            return fitting(part.get("content"))
    return _("[a message of the kind %(kind)s; look at it in WeCom]") % {"kind": str(kind)[:40]}


def mixed_parts(said: Said) -> list[tuple[Said, Said]]:
    """The items of a mixed message, each with its content, which is JSON in a string."""
    mixed = said.get("mixed")
    items = mixed.get("item") if isinstance(mixed, dict) else None
    if not isinstance(items, list):
        raise Refused(_("The message has no text that can be read."))
    found = []
    for item in items[:MIXED_AT_MOST]:
        try:
            inner = json.loads(item["content"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(inner, dict):
            found.append((item, inner))
    return found


def kind_of(item: Said) -> str:
    """The kind of a mixed message's item, as single messages call it."""
    kind = str(item.get("type", ""))
    return {"ChatRecordText": "text", "ChatRecordImage": "image", "ChatRecordFile": "file"}.get(kind, kind)


def parts_with_files(said: Said) -> list[tuple[str, Said]]:
    """Every file of a message: its kind and its fields."""
    kind = str(said.get("msgtype"))
    if kind == "mixed":
        parts = [(kind_of(item), inner) for item, inner in mixed_parts(said)]
    else:
        part = said.get(kind)
        parts = [(kind, part)] if isinstance(part, dict) else []
    return [(kind, part) for kind, part in parts if kind in FILES and isinstance(part.get("sdkfileid"), str)]


def announce(row: Inbound, message: Message, kind: str, part: Said, number: int, now: datetime) -> None:
    """Say that a file comes, and have it fetched."""
    name = part.get("filename") or f"{kind}{FILES[kind]}"
    size = part.get("filesize", part.get("voice_size", part.get("imagesize")))
    source = {"sdkfileid": part["sdkfileid"]}
    files.announce(row, message, source=source, name=name, size=size, number=number, now=now)
