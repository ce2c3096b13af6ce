"""Slack: events of the app, and its slash commands.

Documents: docs.slack.dev authentication/verifying-requests-from-slack (v0, five minutes), apis/events-api (url
verification, retries, three seconds to answer), reference/events/message (subtypes), reference/events/reaction_added,
interactivity/implementing-slash-commands, interactivity/handling-user-interaction (block_actions come as a form's
`payload`). A message is known by its channel and `ts`.
"""

import html
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse, JsonResponse

from aftercare.desk.inward import take_in
from aftercare.desk.models import Inbound, Message
from aftercare.desk.vendors import errands
from aftercare.desk.vendors.chats import File, Heard, edited, hear, react, recalled
from aftercare.desk.vendors.commands import reaction_asks
from aftercare.desk.vendors.door import Call, Unreadable, door, fresh, hmac_sha256, object_of, ok, part, same, storable
from aftercare.desk.vendors.moments import moment
from aftercare.notify.actions import press_button
from aftercare.notify.models import Channel

WINDOW_S = 300.0
HEARD = frozenset({"message", "reaction_added"})
# A person's own words have no subtype, or one of these; the others are Slack's own notes and other apps' words.
OF_PEOPLE = frozenset({"", "file_share", "thread_broadcast", "me_message"})
TAG = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@door(Channel.SLACK)
def receive(call: Call) -> HttpResponse:
    """An event, a slash command, or the question whether this address is ours."""
    timestamp = call.header("X-Slack-Request-Timestamp")
    digest = hmac_sha256(call.secret("signing_secret"), b"v0:" + timestamp.encode() + b":" + call.body)
    same(f"v0={digest.hex()}", call.header("X-Slack-Signature"))
    fresh(timestamp, call.now, within_s=WINDOW_S)
    if call.header("Content-Type").startswith("application/x-www-form-urlencoded"):
        return command(call)
    said = call.json()
    if said.get("type") == "url_verification":
        return JsonResponse({"challenge": str(said.get("challenge", ""))})
    event = part(said, "event")
    if event.get("type") in HEARD and said.get("event_id"):
        take_in(
            account=call.account,
            provider_message_id=str(said["event_id"]),
            kind=str(event["type"]),
            payload=event,
            now=call.now,
        )
    return ok()


def command(call: Call) -> HttpResponse:
    """A slash command, kept like words; shown in the channel, since Slack shows a command to nobody else."""
    try:
        pairs = parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Unreadable from None
    form: dict[str, Any] = storable(dict(pairs))
    if "payload" in form:
        return pressed(call, object_of(form["payload"]))
    if not form.get("trigger_id") or not form.get("command"):
        raise Unreadable
    kept = {name: form.get(name, "") for name in ("command", "text", "user_id", "user_name", "channel_id")}
    take_in(
        account=call.account,
        provider_message_id=f"command:{form['trigger_id']}",
        kind="command",
        payload=kept,
        now=call.now,
    )
    return JsonResponse({"response_type": "in_channel"})


def pressed(call: Call, said: dict[str, Any]) -> HttpResponse:
    """A button under a page (`block_actions`): an answer of the member to whom it was sent."""
    pressed_ones = said.get("actions") if said.get("type") == "block_actions" else None
    for action in pressed_ones if isinstance(pressed_ones, list) else []:
        value = str(action.get("value", "")) if isinstance(action, dict) else ""
        by = str(part(said, "user").get("id", ""))
        press_button(account=call.account, pressed=value, by=by, now=call.now)
    return ok()


def read(row: Inbound, now: datetime) -> Message | None:
    """Work on one event. Raises NoGroup."""
    if errands.run(row, now):
        return None
    event = row.payload
    if row.kind == "command":
        return hear(row, of_command(row), now)
    if row.kind == "reaction_added":
        item, asked = part(event, "item"), reaction_asks(str(event.get("reaction", "")))
        if asked is None or item.get("type") != "message":
            return None
        chat_id, sender_id = str(item.get("channel", "")), str(event.get("user", ""))
        message_id = f"{chat_id}:{item.get('ts', '')}"
        return react(
            row, chat_id=chat_id, message_id=message_id, sender_id=sender_id, sender_name="", asked=asked, now=now
        )
    return of_message(row, event, now)


def of_message(row: Inbound, event: dict[str, Any], now: datetime) -> Message | None:
    """A message, a change of one, or its taking back."""
    chat_id, subtype = str(event.get("channel", "")), str(event.get("subtype", ""))
    if subtype == "message_deleted":
        return recalled(row, chat_id=chat_id, message_id=f"{chat_id}:{event.get('deleted_ts', '')}", now=now)
    if subtype == "message_changed":
        changed, before = part(event, "message"), part(event, "previous_message")
        # Slack also calls it a change when it adds the picture of a link.
        if is_ours(changed) or changed.get("text") == before.get("text"):
            return None
        mark = str(part(changed, "edited").get("ts") or event.get("event_ts", ""))
        return edited(row, heard_in(chat_id, changed, now), mark, now)
    if subtype not in OF_PEOPLE or is_ours(event):
        return None
    return hear(row, heard_in(chat_id, event, now), now)


def is_ours(message: dict[str, Any]) -> bool:
    """Whether a bot speaks: our own, or another app's."""
    return bool(message.get("bot_id")) or not message.get("user")


def heard_in(chat_id: str, message: dict[str, Any], now: datetime) -> Heard:
    """A message in the common shape."""
    thread = str(message.get("thread_ts") or "")
    ts = str(message.get("ts", ""))
    files = [f for f in message.get("files") or [] if isinstance(f, dict)]
    return Heard(
        chat_id=chat_id,
        message_id=f"{chat_id}:{ts}",
        sender_id=str(message.get("user", "")),
        text=plain(str(message.get("text", ""))),
        said_at=moment(ts, now),
        answers=(f"{chat_id}:{thread}",) if thread and thread != ts else (),
        files=[
            File(
                str(f.get("name") or f.get("title") or f.get("id") or "file"),
                str(f.get("mimetype") or "application/octet-stream"),
                int(f["size"]) if isinstance(f.get("size"), int) else 0,
                {"url": str(f["url_private"])} if f.get("url_private") else None,
            )
            for f in files
        ],
        is_private=chat_id.startswith("D"),
    )


def of_command(row: Inbound) -> Heard:
    """A slash command as the words that it is."""
    form = row.payload
    return Heard(
        chat_id=str(form["channel_id"]),
        message_id=row.provider_message_id,
        sender_id=str(form["user_id"]),
        sender_name=str(form["user_name"]),
        text=f"{form['command']} {plain(str(form['text']))}".strip(),
        said_at=row.received_at,
    )


def plain(text: str) -> str:
    """Slack's mark-up as text: mentions by their label or id, links with their address, escapes undone."""

    def untag(found: re.Match[str]) -> str:
        sort, target, label = found.groups()
        if sort:
            return ("@" if sort == "!" else sort) + (label or target)
        return f"{label} {target}" if label and label != target else target

    return html.unescape(TAG.sub(untag, text))
