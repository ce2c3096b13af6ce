"""Feishu, as open.feishu.cn documents it: im-v1 message/create and /reply, tenant_access_token, events."""

import base64
import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.double import Asked, Double, Posted, Reply

TOO_FAST: Reply = (429, {"x-ogw-ratelimit-reset": "3"}, {"code": 99991400, "msg": "request trigger frequency limit"})
REVOKED: Reply = (400, {}, {"code": 10014, "msg": "app secret invalid"})
NOT_IN_CHAT: Reply = (400, {}, {"code": 230002, "msg": "The bot is not in the group."})


@dataclass
class Feishu(Double):
    app_id: str = "cli_a1"
    app_secret: str = "secret-1"
    encrypt_key: str = "encrypt-1"
    verification_token: str = "verify-1"
    token: str = "t-1"
    names: dict[str, str] = field(
        default_factory=lambda: {"ou_a": "A", "ou_b": "B", "ou_wang": "王五", "ou_li": "李四"}
    )
    chats: set[str] = field(default_factory=lambda: {"oc_1", "oc_2"})
    uuids: dict[str, Posted] = field(default_factory=dict)
    chat_limits: tuple[tuple[float, int], ...] = ((1, 5),)
    account_limits: tuple[tuple[float, int], ...] = ((1, 50), (60, 1000))

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": self.url, "app_id": self.app_id}

    @property
    def secrets(self) -> dict[str, str]:
        names = ("app_secret", "encrypt_key", "verification_token")
        return {name: getattr(self, name) for name in names}

    def revoke(self) -> None:
        """Somebody made a new app secret in the console: neither the old one nor its token is taken any more."""
        self.app_secret, self.token = "secret-2", "t-2"

    def answer(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return self.look_up(asked)
        assert asked.method == "POST"
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            if asked.json != {"app_id": self.app_id, "app_secret": self.app_secret}:
                return REVOKED
            self.tokens_given += 1
            return 200, {}, {"code": 0, "msg": "ok", "tenant_access_token": self.token, "expire": 7200}
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 400, {}, {"code": 99991663, "msg": "Invalid access token for authorization."}
        return self.message(asked)

    def look_up(self, asked: Asked) -> Reply:
        """Members of a chat, two to a page; a file of a message."""
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 400, {}, {"code": 99991663, "msg": "Invalid access token for authorization."}
        if asked.path == "/open-apis/im/v1/chats/oc_1/members":
            assert asked.query["member_id_type"] == "open_id" and 1 <= int(asked.query["page_size"]) <= 100
            first = int(asked.query.get("page_token", "0"))
            items = [
                {"member_id": i, "name": n, "tenant_key": "t"} for i, n in list(self.names.items())[first : first + 2]
            ]
            more = first + 2 < len(self.names)
            return 200, {}, {"code": 0, "data": {"items": items, "has_more": more, "page_token": str(first + 2)}}
        _empty, _im, _v1, _messages, message, resources, key = asked.path.removeprefix("/open-apis").split("/")
        assert (resources, asked.query["type"] in ("file", "image")) == ("resources", True)
        if f"{message}/{key}" not in self.files:
            return 400, {}, {"code": 234003, "msg": "File not in msg."}
        return 200, {}, self.files[f"{message}/{key}"]

    def message(self, asked: Asked) -> Reply:
        said = asked.json
        under = ""
        if asked.path == "/open-apis/im/v1/messages":
            assert asked.query == {"receive_id_type": "chat_id"}
            assert set(said) == {"receive_id", "msg_type", "content", "uuid"}, said
            chat = said["receive_id"]
        else:
            before, message_id, reply = asked.path.rsplit("/", 2)
            assert (before, reply) == ("/open-apis/im/v1/messages", "reply"), asked.path
            assert set(said) == {"msg_type", "content", "uuid"}, said
            under, chat = message_id, "oc_1"
        assert said["msg_type"] == "text" and set(json.loads(said["content"])) == {"text"}
        assert 1 <= len(said["uuid"]) <= 50
        if self.refusals:
            return self.refusals.pop(0)
        if chat not in self.chats:
            return NOT_IN_CHAT
        if len(asked.body) > 150 * 1024:
            return self.fault("longer than 150 KB", (400, {}, {"code": 230025, "msg": "too long"}))
        if chat in self.gone:
            return NOT_IN_CHAT
        if self.is_too_fast(chat):
            return 400, {}, {"code": 230020, "msg": "This operation triggers the frequency limit."}
        if said["uuid"] not in self.uuids:
            text = json.loads(said["content"])["text"]
            self.uuids[said["uuid"]] = Posted(chat, text, f"om_{len(self.uuids) + 1}", under)
            self.take(chat, text, self.uuids[said["uuid"]].id, under)
        return 200, {}, {"code": 0, "msg": "success", "data": {"message_id": self.uuids[said["uuid"]].id}}

    def deliver(self, client: Client, account: Account, event: dict[str, Any], *, kind: str, event_id: str, **how: Any):
        """Push an event as Feishu does: encrypted and signed. `how`: key, token, at, signs."""
        said = {
            "schema": "2.0",
            "header": {
                "event_id": event_id,
                "event_type": kind,
                "create_time": str(int(time.time() * 1000)),
                "token": how.get("token", self.verification_token),
                "app_id": self.app_id,
                "tenant_key": "tenant",
            },
            "event": event,
        }
        return self.push(client, account, said, **how)

    def push(self, client: Client, account: Account, said: dict[str, Any], **how: Any):
        key = how.get("key", self.encrypt_key)
        body = json.dumps({"encrypt": encrypted(key, json.dumps(said))})
        timestamp, nonce = str(int(how.get("at", time.time()))), "nonce-1"
        signed = f"{timestamp}{nonce}{key}{body}".encode()
        headers = {
            "X-Lark-Request-Timestamp": timestamp,
            "X-Lark-Request-Nonce": nonce,
            "X-Lark-Signature": hashlib.sha256(signed).hexdigest(),
        }
        if not how.get("signs", True):
            headers = {}
        path = f"/hooks/desk/{account.ref}/feishu"
        return client.post(path, body, content_type="application/json", headers=headers)

    def says(self, client: Client, account: Account, text: str, message_id: str = "om_q1", **more: Any):
        """Somebody says something in a group. `more`: chat, sender, parent, event_id, sender_type, and `how`."""
        message = {
            "message_id": message_id,
            "create_time": str(int(time.time() * 1000)),
            "chat_id": more.pop("chat", "oc_1"),
            "chat_type": "group",
            "message_type": "text",
            "content": json.dumps({"text": text}, ensure_ascii=False),
        }
        if "parent" in more:
            message |= {"parent_id": more["parent"], "root_id": more.pop("parent")}
        message |= more.pop("fields", {})
        sender = {
            "sender_id": {"open_id": more.pop("sender", "ou_wang")},
            "sender_type": more.pop("sender_type", "user"),
        }
        event_id = more.pop("event_id", f"event-{message_id}")
        kind = "im.message.receive_v1"
        return self.deliver(
            client, account, {"sender": sender, "message": message}, kind=kind, event_id=event_id, **more
        )


def encrypted(key: str, text: str) -> str:
    """As the document's example: AES-256-CBC under SHA-256 of the key, IV first, PKCS#7."""
    iv, padder = os.urandom(16), PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(padded) + encryptor.finalize()).decode()
