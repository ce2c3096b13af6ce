"""WeCom, as developer.work.weixin.qq.com documents it: group robots, appchat/send, the intelligent robot's calls."""

import base64
import hashlib
import json
import os
import struct
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.double import Asked, Double, Reply

TOO_FAST: Reply = (200, {}, {"errcode": 45009, "errmsg": "api freq out of limit, hint: [1], from ip: 1.2.3.4"})
REVOKED: Reply = (200, {}, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"})
NOT_IN_CHAT: Reply = (200, {}, {"errcode": 86008, "errmsg": "not in chat"})


@dataclass
class WeCom(Double):
    corp_id: str = "ww1"
    corp_secret: str = "corp-secret"
    token: str = "corp-token"
    hook_token: str = "hook-token"
    aes_key: str = field(default_factory=lambda: base64.b64encode(os.urandom(32)).decode().rstrip("="))
    robot_keys: dict[str, str] = field(default_factory=lambda: {"wr1": "key-1", "wr2": "key-2"})
    app_chats: set[str] = field(default_factory=lambda: {"appchat1"})
    chat_limits: tuple[tuple[float, int], ...] = ((60, 20),)

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": self.url, "corp_id": self.corp_id}

    @property
    def secrets(self) -> dict[str, str]:
        keys = {f"robot_key:{chat}": key for chat, key in self.robot_keys.items()}
        return {"corp_secret": self.corp_secret, "token": self.hook_token, "encoding_aes_key": self.aes_key, **keys}

    def revoke(self) -> None:
        """Somebody took the robot out of the group and put in another."""
        self.robot_keys = {chat: f"new-{key}" for chat, key in self.robot_keys.items()}

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/cgi-bin/gettoken":
            assert asked.method == "GET"
            if asked.query != {"corpid": self.corp_id, "corpsecret": self.corp_secret}:
                return 200, {}, {"errcode": 40001, "errmsg": "invalid credential"}
            self.tokens_given += 1
            return 200, {}, {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}
        assert asked.method == "POST"
        said = asked.json
        assert said["msgtype"] == "text"
        if asked.path == "/cgi-bin/webhook/send":
            chat = next((c for c, key in self.robot_keys.items() if key == asked.query.get("key")), None)
            if chat is None:
                return REVOKED
            assert set(said) == {"msgtype", "text"}
        else:
            assert asked.path == "/cgi-bin/appchat/send"
            assert set(said) == {"chatid", "msgtype", "text", "safe"}
            if asked.query.get("access_token") != self.token:
                return 200, {}, {"errcode": 40014, "errmsg": "invalid access_token"}
            chat = said["chatid"]
            if chat not in self.app_chats:
                return 200, {}, {"errcode": 86003, "errmsg": "chatid not exist"}
        if self.refusals:
            return self.refusals.pop(0)
        text = said["text"]["content"]
        if len(text.encode()) > 2048:
            return self.fault("too long", (200, {}, {"errcode": 40058, "errmsg": "content exceed max length 2048"}))
        if chat in self.gone:
            return NOT_IN_CHAT
        if self.is_too_fast(chat):
            return TOO_FAST
        self.take(chat, text, "")
        return 200, {}, {"errcode": 0, "errmsg": "ok"}

    def sealed(self, text: str, receive_id: str = "") -> str:
        """As path/90968: 16 random bytes, length, text, receiver; padded to 32; AES-256-CBC, IV from the key."""
        key = base64.b64decode(self.aes_key + "=")
        plain = os.urandom(16) + struct.pack(">I", len(text.encode())) + text.encode() + receive_id.encode()
        padding = 32 - len(plain) % 32
        encryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def query(self, encrypted: str, **how: Any) -> dict[str, str]:
        """The signed part of the address."""
        timestamp, nonce = str(int(how.get("at", time.time()))), "123412323"
        parts = sorted((how.get("token", self.hook_token), timestamp, nonce, encrypted))
        signature = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def asks_whether_ours(self, client: Client, account: Account, word: str, **how: Any):
        encrypted = self.sealed(word)
        query = self.query(encrypted, **how) | {"echostr": encrypted}
        return client.get(f"/hooks/desk/{account.ref}/wecom?{urlencode(query)}")

    def says(self, client: Client, account: Account, text: str, message_id: str = "CAIQ1", **more: Any):
        """Somebody speaks to the robot. `more`: chat, fields, token, at, receive_id."""
        said = {
            "msgid": message_id,
            "aibotid": "AIBOT",
            "chatid": more.get("chat", "wr1"),
            "chattype": "group",
            "from": {"userid": "wang"},
            "response_url": f"{self.url}/response",
            "msgtype": "text",
            "text": {"content": f"@Aftercare {text}"},
        } | more.get("fields", {})
        encrypted = self.sealed(json.dumps(said), more.get("receive_id", ""))
        path = f"/hooks/desk/{account.ref}/wecom?{urlencode(self.query(encrypted, **more))}"
        return client.post(path, json.dumps({"encrypt": encrypted}), content_type="application/json")
