"""DingTalk: what is said to the app's robot in a group (DingTalk sends only messages that mention it).

Documents: open.dingtalk.com orgapp/receive-message (HTTP mode: headers `timestamp` and `sign`, an hour's window; fields
of text, picture, richText, file). The signature is over the time stamp alone, not over the words: keep the address
secret and behind TLS. `conversationId` is the openConversationId with which the robot answers.
"""

import base64
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from aftercare.desk.inward import take_in
from aftercare.desk.models import Inbound, Message
from aftercare.desk.vendors.chats import File, Heard, hear
from aftercare.desk.vendors.door import Call, Unreadable, door, fresh, hmac_sha256, ok, part, same
from aftercare.desk.vendors.moments import moment
from aftercare.notify.models import Channel

WINDOW_S = 3600.0


@door(Channel.DINGTALK)
def receive(call: Call) -> HttpResponse:
    """A message for the robot."""
    secret, timestamp = call.secret("app_secret"), call.header("timestamp")
    digest = hmac_sha256(secret, timestamp.encode() + b"\n" + secret)
    same(base64.b64encode(digest).decode(), call.header("sign"))
    fresh(timestamp, call.now, within_s=WINDOW_S, per_s=1000)
    said = call.json()
    if call.config.get("robot_code"):
        same(str(call.config["robot_code"]), str(said.get("robotCode", "")))
    message_id = str(said.get("msgId", ""))
    if not message_id:
        raise Unreadable
    take_in(account=call.account, provider_message_id=message_id, payload=said, now=call.now)
    return ok()


def read(row: Inbound, now: datetime) -> Message | None:
    """Work on one message. Raises NoGroup."""
    said = row.payload
    text, files = content_of(said)
    heard = Heard(
        chat_id=str(said.get("conversationId", "")),
        message_id=str(said.get("msgId", "")),
        sender_id=str(said.get("senderStaffId") or said.get("senderId") or ""),
        text=text,
        said_at=moment(said.get("createAt"), now, per_s=1000),
        chat_name=str(said.get("conversationTitle", "")),
        sender_name=str(said.get("senderNick", "")),
        answers=(str(said.get("originalMsgId") or ""),),
        files=files,
        is_private=str(said.get("conversationType", "")) == "1",
    )
    return hear(row, heard, now)


def content_of(said: dict[str, Any]) -> tuple[str, list[File]]:
    """Text and files of a message."""
    content = part(said, "content")
    match said.get("msgtype"):
        case "text":
            return str(part(said, "text").get("content", "")).strip(), []
        case "picture":
            return "", [File("picture.jpg", "image/jpeg")]
        case "richText":
            pieces = [piece for piece in content.get("richText") or [] if isinstance(piece, dict)]
            pictures = [File("picture.jpg", "image/jpeg") for piece in pieces if piece.get("type") == "picture"]
            return "".join(str(piece.get("text", "")) for piece in pieces).strip(), pictures
        case "file" | "video" | "audio":
            spoken = str(content.get("recognition", ""))  # what DingTalk understood of a voice message
            return spoken, [File(str(content.get("fileName") or said["msgtype"]))]
        case other:
            return f"[{other}]", []
