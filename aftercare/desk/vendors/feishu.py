"""Feishu and Lark: events of the app's bot.

Documents: open.feishu.cn event-subscription-guide (send-notifications-to-developers-server, encrypt-key-encryption-
configuration-case: signature, encryption, retries after 15 s, 5 min, 1 h and 6 h), im-v1/message/events/receive,
message/events/recalled, message-reaction/event/created, im-v1 message content (text, post, image, file).
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from django.http import HttpResponse, JsonResponse

from aftercare.desk.inward import take_in
from aftercare.desk.models import Inbound, Message
from aftercare.desk.vendors import errands
from aftercare.desk.vendors.chats import File, Heard, hear, react, recalled
from aftercare.desk.vendors.commands import reaction_asks
from aftercare.desk.vendors.door import Call, Forged, door, fresh, from_base64, object_of, ok, part, same
from aftercare.desk.vendors.moments import moment
from aftercare.notify.actions import press_button
from aftercare.notify.models import Channel

# Feishu sends what was not answered again for six hours, with the first call's time stamp.
WINDOW_S = 7 * 3600.0

KINDS = {
    "im.message.receive_v1": "message",
    "im.message.recalled_v1": "recall",
    "im.message.reaction.created_v1": "reaction",
}
PRESSED = "card.action.trigger"


@door(Channel.FEISHU)
def receive(call: Call) -> HttpResponse:
    """An event, or the question whether this address is ours."""
    said = opened(call)
    if said.get("type") == "url_verification":
        same(call.secrets.get("verification_token", ""), str(said.get("token", "")))
        return JsonResponse({"challenge": str(said.get("challenge", ""))})
    header = part(said, "header")
    if call.secrets.get("verification_token"):
        same(call.secrets["verification_token"], str(header.get("token", "")))
    if header.get("event_type") == PRESSED:
        return pressed(call, part(said, "event"))
    kind = KINDS.get(str(header.get("event_type", "")))
    if kind is not None and header.get("event_id"):
        take_in(
            account=call.account,
            provider_message_id=str(header["event_id"]),
            kind=kind,
            payload=part(said, "event"),
            now=call.now,
        )
    return ok()


def pressed(call: Call, event: dict[str, Any]) -> HttpResponse:
    """A button of a page's card: an answer of the person to whom it was sent. Feishu shows what we say.

    Source: feishu-cards/card-callback-communication; it waits three seconds.
    """
    value, by = part(part(event, "action"), "value"), str(part(event, "operator").get("open_id", ""))
    done, words = press_button(account=call.account, pressed=str(value.get("answer", "")), by=by, now=call.now)
    return JsonResponse({"toast": {"type": "success" if done else "warning", "content": words}})


def opened(call: Call) -> dict[str, Any]:
    """The event in clear, checked. With an encrypt key all is encrypted, and all but the first question is signed.

    Raises Forged; so does an account with neither an encrypt key nor a verification token.
    """
    outer = call.unchecked()
    key = call.secrets.get("encrypt_key", "")
    if not key:
        call.secret("verification_token")
        if "encrypt" in outer:
            raise Forged
        return outer
    said = object_of(decrypted(key, str(outer.get("encrypt", ""))))
    if said.get("type") != "url_verification" or call.header("X-Lark-Signature"):
        timestamp, nonce = call.header("X-Lark-Request-Timestamp"), call.header("X-Lark-Request-Nonce")
        signed = f"{timestamp}{nonce}{key}".encode() + call.body
        same(hashlib.sha256(signed).hexdigest(), call.header("X-Lark-Signature"))
        fresh(timestamp, call.now, within_s=WINDOW_S)
    return said


def decrypted(key: str, text: str) -> bytes:
    """AES-256-CBC under SHA-256 of the key, the first block being the IV. Raises Forged."""
    sealed = from_base64(text)
    if len(sealed) < 32 or len(sealed) % 16:
        raise Forged
    decryptor = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(sealed[:16])).decryptor()
    padded = decryptor.update(sealed[16:]) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise Forged from None


def read(row: Inbound, now: datetime) -> Message | None:
    """Work on one event. Raises NoGroup."""
    if errands.run(row, now):
        return None
    event = row.payload
    if row.kind == "recall":
        return recalled(
            row, chat_id=str(event.get("chat_id", "")), message_id=str(event.get("message_id", "")), now=now
        )
    if row.kind == "reaction":
        asked = reaction_asks(str(part(event, "reaction_type").get("emoji_type", "")))
        if asked is None or event.get("operator_type") != "user":
            return None
        sender_id = str(part(event, "user_id").get("open_id", ""))
        message_id = str(event.get("message_id", ""))
        return react(row, chat_id="", message_id=message_id, sender_id=sender_id, sender_name="", asked=asked, now=now)
    sender = part(event, "sender")
    if sender.get("sender_type") != "user":
        return None
    return hear(row, heard_in(event, sender, now), now)


def heard_in(event: dict[str, Any], sender: dict[str, Any], now: datetime) -> Heard:
    """A message event in the common shape."""
    message = part(event, "message")
    text, files = content_of(message, str(message.get("message_id", "")))
    for mention in message.get("mentions") or []:
        text = text.replace(str(mention.get("key", "")), f"@{mention.get('name', '')}")
    return Heard(
        chat_id=str(message.get("chat_id", "")),
        message_id=str(message.get("message_id", "")),
        sender_id=str(part(sender, "sender_id").get("open_id", "")),
        text=text,
        said_at=moment(message.get("create_time"), now, per_s=1000),
        answers=(str(message.get("parent_id") or ""), str(message.get("root_id") or "")),
        files=files,
        is_private=message.get("chat_type") == "p2p",
    )


def content_of(message: dict[str, Any], message_id: str) -> tuple[str, list[File]]:
    """Text and files of a message's content, which is JSON in a string."""
    kind, content = str(message.get("message_type", "")), str(message.get("content", ""))
    try:
        said = json.loads(content)
    except ValueError:
        return content, []
    if not isinstance(said, dict):
        return content, []
    match kind:
        case "text":
            return re.sub(r"</?[bip]>", "", str(said.get("text", ""))), []
        case "post":
            return of_post(said, message_id)
        case "image":
            return "", [picture(said, message_id)]
        case "file" | "audio" | "media":
            key = str(said.get("file_key", ""))
            source = {"message": message_id, "key": key, "type": "file"}
            return "", [File(str(said.get("file_name") or key or kind), source=source)]
        case _:
            return f"[{kind}]", []


def picture(said: dict[str, Any], message_id: str) -> File:
    """A picture in a message."""
    key = str(said.get("image_key", ""))
    return File(f"{key or 'image'}.jpg", "image/jpeg", source={"message": message_id, "key": key, "type": "image"})


def of_post(said: dict[str, Any], message_id: str) -> tuple[str, list[File]]:
    """Rich text as plain text, line by line, with the pictures in it."""
    lines, files = [str(said.get("title", ""))], []
    for line in said.get("content") or []:
        words = []
        for piece in line if isinstance(line, list) else []:
            match piece.get("tag"):
                case "img" | "media":
                    files.append(picture(piece, message_id))
                case "at":
                    words.append(f"@{piece.get('user_name', '')}")
                case "a":
                    words.append(f"{piece.get('text', '')} {piece.get('href', '')}".strip())
                case _:
                    words.append(str(piece.get("text", "")))
        lines.append("".join(words))
    return "\n".join(lines).strip(), files
