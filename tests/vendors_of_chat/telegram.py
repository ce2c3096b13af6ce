"""Telegram, as core.telegram.org/bots/api documents it: sendMessage, updates by webhook."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.double import Asked, Double, Reply

TOO_FAST: Reply = (
    429,
    {},
    {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 5",
        "parameters": {"retry_after": 5},
    },
)
REVOKED: Reply = (401, {}, {"ok": False, "error_code": 401, "description": "Unauthorized"})
NOT_IN_CHAT: Reply = (
    403,
    {},
    {"ok": False, "error_code": 403, "description": "Forbidden: bot was kicked from the supergroup chat"},
)


@dataclass
class Telegram(Double):
    bot_token: str = "123456:ABC-DEF"
    webhook_secret: str = "hook-secret_1"
    chats: set[str] = field(default_factory=lambda: {"-1001", "-1002"})
    chat_limits: tuple[tuple[float, int], ...] = ((60, 20),)
    account_limits: tuple[tuple[float, int], ...] = ((1, 30),)

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"bot_token": self.bot_token, "webhook_secret": self.webhook_secret}

    def revoke(self) -> None:
        """Somebody asked BotFather for a new token."""
        self.bot_token = "123456:NEW"

    def answer(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return self.look_up(asked)
        assert asked.method == "POST"
        if asked.path != f"/bot{self.bot_token}/sendMessage":
            return REVOKED
        said = asked.json
        assert set(said) <= {"chat_id", "text", "link_preview_options", "reply_parameters"}, said
        if self.refusals:
            return self.refusals.pop(0)
        if said["chat_id"] not in self.chats:
            return 400, {}, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
        if len(said["text"].encode("utf-16-le")) // 2 > 4096:
            return self.fault(
                "too long",
                (400, {}, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}),
            )
        if said["chat_id"] in self.gone:
            return NOT_IN_CHAT
        if self.is_too_fast(said["chat_id"]):
            return TOO_FAST
        number = 1000 + len(self.posted)
        under = said.get("reply_parameters", {}).get("message_id", "")
        self.take(said["chat_id"], said["text"], str(number), str(under))
        message = {"message_id": number, "chat": {"id": int(said["chat_id"])}, "date": 1, "text": said["text"]}
        return 200, {}, {"ok": True, "result": message}

    def look_up(self, asked: Asked) -> Reply:
        """Where a file lies; the file."""
        if asked.path == f"/bot{self.bot_token}/getFile":
            path = f"photos/{asked.query['file_id']}.jpg"
            return 200, {}, {"ok": True, "result": {"file_id": asked.query["file_id"], "file_path": path}}
        name = asked.path.removeprefix(f"/file/bot{self.bot_token}/photos/").removesuffix(".jpg")
        if name not in self.files:
            return 404, {}, {"ok": False, "error_code": 404, "description": "Not Found"}
        return 200, {}, self.files[name]

    def deliver(self, client: Client, account: Account, update: dict[str, Any], **how: Any):
        headers = {"X-Telegram-Bot-Api-Secret-Token": how.get("secret", self.webhook_secret)}
        path = f"/hooks/desk/{account.ref}/telegram"
        return client.post(path, json.dumps(update), content_type="application/json", headers=headers)

    def says(self, client: Client, account: Account, text: str, number: int = 7, **more: Any):
        """Somebody says something. `more`: chat, fields, update_id, kind, and `how`."""
        message = {
            "message_id": number,
            "from": {"id": 42, "is_bot": False, "first_name": "Wang", "last_name": "Wu"},
            "chat": {"id": more.pop("chat", -1001), "type": "supergroup", "title": "Starlight service"},
            "date": int(time.time()),
            "text": text,
        } | more.pop("fields", {})
        update = {"update_id": more.pop("update_id", 9000 + number), more.pop("kind", "message"): message}
        return self.deliver(client, account, update, **more)
