"""Telegram: updates of a bot.

Documents: core.telegram.org/bots/api (setWebhook with secret_token, Update, Message, MessageReactionUpdated,
CallbackQuery; our answer may be a method) and bots/features (privacy mode: switch it off, or the bot hears commands
alone). A message is known by its chat and id.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse

from aftercare.desk.inward import take_in
from aftercare.desk.models import Inbound, Message
from aftercare.desk.vendors import errands
from aftercare.desk.vendors.chats import File, Heard, edited, hear, moved, react
from aftercare.desk.vendors.commands import reaction_asks
from aftercare.desk.vendors.door import Call, Unreadable, door, ok, part, same
from aftercare.desk.vendors.moments import moment
from aftercare.notify.actions import press_button
from aftercare.notify.models import Channel

HEARD = ("message", "edited_message", "message_reaction")
FILES = ("document", "video", "audio", "voice", "animation", "video_note", "sticker")


@door(Channel.TELEGRAM)
def receive(call: Call) -> HttpResponse:
    """An update. Its number is unique, so that one which is sent again, by Telegram or by somebody else, is known."""
    same(call.secret("webhook_secret").decode(), call.header("X-Telegram-Bot-Api-Secret-Token"))
    update = call.json()
    number = update.get("update_id")
    if not isinstance(number, int):
        raise Unreadable
    if "callback_query" in update:
        return pressed(call, part(update, "callback_query"))
    kind = next((name for name in HEARD if name in update), None)
    if kind is not None:
        payload = part(update, kind)
        take_in(account=call.account, provider_message_id=f"update:{number}", kind=kind, payload=payload, now=call.now)
    return ok()


def pressed(call: Call, query: dict[str, Any]) -> HttpResponse:
    """A button under a page: an answer of the person to whom it was sent. What we say shows where they pressed it."""
    by = str(part(query, "from").get("id", ""))
    _done, words = press_button(account=call.account, pressed=str(query.get("data", "")), by=by, now=call.now)
    told = {"method": "answerCallbackQuery", "callback_query_id": str(query.get("id", "")), "text": words[:200]}
    return JsonResponse(told)


def read(row: Inbound, now: datetime) -> Message | None:
    """Work on one update. Raises NoGroup."""
    if errands.run(row, now):
        return None
    said = row.payload
    if row.kind == "message_reaction":
        return reacted(row, said, now)
    if said.get("migrate_to_chat_id"):
        moved(row, chat_id=str(part(said, "chat").get("id", "")), to=str(said["migrate_to_chat_id"]))
        return None
    if part(said, "from").get("is_bot") or not part(said, "from"):
        return None
    heard = heard_in(said, now)
    if row.kind == "edited_message":
        return edited(row, heard, str(said.get("edit_date", row.provider_message_id)), now)
    return hear(row, heard, now)


def reacted(row: Inbound, said: dict[str, Any], now: datetime) -> Message | None:
    """A reaction that was not there before and asks for something."""
    before = {str(part({"r": r}, "r").get("emoji")) for r in said.get("old_reaction") or []}
    fresh = [str(part({"r": r}, "r").get("emoji")) for r in said.get("new_reaction") or []]
    asked = next((a for a in (reaction_asks(name) for name in fresh if name not in before) if a), None)
    user, chat_id = part(said, "user"), str(part(said, "chat").get("id", ""))
    if asked is None or not user or user.get("is_bot"):
        return None
    message_id = f"{chat_id}:{said.get('message_id', '')}"
    return react(
        row,
        chat_id=chat_id,
        message_id=message_id,
        sender_id=str(user.get("id", "")),
        sender_name=name_of(user),
        asked=asked,
        now=now,
    )


def heard_in(said: dict[str, Any], now: datetime) -> Heard:
    """A message in the common shape."""
    chat, sender = part(said, "chat"), part(said, "from")
    chat_id, above = str(chat.get("id", "")), part(said, "reply_to_message")
    return Heard(
        chat_id=chat_id,
        message_id=f"{chat_id}:{said.get('message_id', '')}",
        sender_id=str(sender.get("id", "")),
        sender_name=name_of(sender),
        chat_name=str(chat.get("title") or name_of(chat)),
        text=str(said.get("text") or said.get("caption") or ""),
        said_at=moment(said.get("date"), now),
        answers=(f"{chat_id}:{above['message_id']}",) if "message_id" in above else (),
        files=files_of(said),
        is_private=chat.get("type") == "private",
    )


def name_of(person: dict[str, Any]) -> str:
    """First and last name, else the user name."""
    names = (str(person.get("first_name", "")), str(person.get("last_name", "")))
    return " ".join(filter(None, names)) or str(person.get("username", ""))


def files_of(said: dict[str, Any]) -> list[File]:
    """The files of a message; of a picture's sizes the largest."""
    found = []
    pictures = [p for p in said.get("photo") or [] if isinstance(p, dict)]
    if pictures:
        largest = max(pictures, key=lambda p: size_of(p))
        found.append(File("photo.jpg", "image/jpeg", size_of(largest), {"file": str(largest.get("file_id", ""))}))
    for sort in FILES:
        file = part(said, sort)
        if file:
            name = str(file.get("file_name") or sort)
            media_type = str(file.get("mime_type") or "application/octet-stream")
            found.append(File(name, media_type, size_of(file), {"file": str(file.get("file_id", ""))}))
    return found


def size_of(file: dict[str, Any]) -> int:
    """Bytes, 0 where Telegram does not say."""
    size = file.get("file_size")
    return size if isinstance(size, int) else 0
