"""WeCom, groups of our own company: what is said to the intelligent robot (智能机器人) that stands in a group.

Documents: developer.work.weixin.qq.com path/101039 (overview), path/101033 (encryption, address check, empty receive
id), path/100719 (messages: WeCom sends only those that mention the robot). The robot's `chatid` is the group's id.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from aftercare.desk.inward import take_in
from aftercare.desk.models import Inbound, Message
from aftercare.desk.vendors.chats import File, Heard, hear
from aftercare.desk.vendors.door import Call, Forged, Unreadable, door, fresh, object_of, part
from aftercare.notify.clients.wecom_crypto import BadCallback, opened
from aftercare.notify.models import Channel

WINDOW_S = 7200.0  # WeCom repeats no nonce within two hours


@door(Channel.WECOM, "GET", "POST")
def receive(call: Call) -> HttpResponse:
    """A message, or (GET) the question whether this address is ours."""
    query = call.request.GET
    is_question = call.request.method == "GET"
    sealed = query.get("echostr", "") if is_question else str(call.unchecked().get("encrypt", ""))
    timestamp = query.get("timestamp", "")
    try:
        plain = opened(
            sealed,
            token=call.secret("token").decode(),
            aes_key=call.secret("encoding_aes_key").decode(),
            receive_id=str(call.config.get("receive_id", "")),
            signature=query.get("msg_signature", ""),
            timestamp=timestamp,
            nonce=query.get("nonce", ""),
        )
    except BadCallback:
        raise Forged from None
    fresh(timestamp, call.now, within_s=WINDOW_S)
    if is_question:
        return HttpResponse(plain, content_type="text/plain")
    said = object_of(plain.encode())
    if said.get("msgtype") in ("event", "stream"):
        return HttpResponse()
    if not said.get("msgid"):
        raise Unreadable
    take_in(account=call.account, provider_message_id=str(said["msgid"]), payload=said, now=call.now)
    return HttpResponse()


def read(row: Inbound, now: datetime) -> Message | None:
    """Work on one message. Raises NoGroup."""
    said = row.payload
    text, files = content_of(said)
    sender_id = str(part(said, "from").get("userid", ""))
    heard = Heard(
        chat_id=str(said.get("chatid") or f"single:{sender_id}"),
        message_id=str(said["msgid"]),
        sender_id=sender_id,
        text=text,
        said_at=row.received_at,  # WeCom sends no time
        files=files,
    )
    return hear(row, heard, now)


def content_of(said: dict[str, Any]) -> tuple[str, list[File]]:
    """Text and files of a message; what it quotes stands above it, since WeCom gives no id of the quoted one."""
    text, files = piece_of(said)
    quoted, _files = piece_of(part(said, "quote"))
    return (f"> {quoted}\n{text}" if quoted else text), files


def piece_of(said: dict[str, Any]) -> tuple[str, list[File]]:
    """Text and files of one piece."""
    sort = str(said.get("msgtype", ""))
    match sort:
        case "text" | "voice":
            return str(part(said, sort).get("content", "")), []
        case "image":
            return "", [File("image.jpg", "image/jpeg")]
        case "file" | "video":
            return "", [File(str(part(said, sort).get("filename") or sort))]
        case "mixed":
            pieces = [piece_of(piece) for piece in part(said, "mixed").get("msg_item") or [] if isinstance(piece, dict)]
            return "\n".join(text for text, _f in pieces if text), [file for _t, files in pieces for file in files]
        case _:
            return (f"[{sort}]" if sort else ""), []
