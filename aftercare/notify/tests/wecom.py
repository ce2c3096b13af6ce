"""A strict WeCom at loopback: its server API and a finance bridge, with tokens, signatures, limits and errcodes."""

import base64
import functools
import json
import os
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aftercare.notify.clients.wecom_crypto import BLOCK, key_of

CORP, SECRET, ARCHIVE_SECRET, BRIDGE_TOKEN = "ww0123456789abcdef", "app-secret", "archive-secret", "bridge-token"
CALLBACK_TOKEN, AES_KEY = "callback-token", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
KF = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
WANG, LI = "wmABCDEFGHIJKLMNOPQRSTUVWXYZ01", "wmBBCDEFGHIJKLMNOPQRSTUVWXYZ02"
ROOM = "wrABCDEFGHIJKLMNOPQRSTUVWXYZ00"


@functools.cache
def rsa_key(version: int) -> rsa.RSAPrivateKey:
    """The provider's key pair of a version."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(version: int) -> str:
    """Its private half."""
    return rsa_key(version).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@dataclass
class Wecom:
    """What it has, and what it was asked; `fail` answers the next calls of a path instead."""

    url: str = ""
    token: str = "token-1"
    rows: list[dict[str, Any]] = field(default_factory=list)
    agreements: dict[str, str] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    fail: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=lambda: {WANG: "王工"})
    calls: list[str] = field(default_factory=list)
    callback_token: str = "sync-token"

    @property
    def config(self) -> dict[str, Any]:
        """What an account with it is configured with."""
        return {
            "corp_id": CORP,
            "agent_id": "1000002",
            "api": self.url,
            "bridge": self.url + "/bridge",
            "open_kfid": KF,
        }

    @property
    def secrets(self) -> dict[str, str]:
        """The account's secrets."""
        return {
            "secret": SECRET, "archive_secret": ARCHIVE_SECRET, "bridge_token": BRIDGE_TOKEN,
            "private_key_1": pem_of(1), "callback_token": CALLBACK_TOKEN, "aes_key": AES_KEY,
        }  # fmt: skip

    def archive(self, message: dict[str, Any], *, version: int = 1) -> dict[str, Any]:
        """Put a message into the archive, encrypted; the row."""
        key = base64.b64encode(os.urandom(32)).decode()
        text = json.dumps(message, ensure_ascii=False).encode()
        text += b" " * (-len(text) % 16)
        raw = base64.b64decode(key)
        cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
        sealed = rsa_key(version).public_key().encrypt(key.encode(), padding.PKCS1v15())
        row = {
            "seq": len(self.rows) + 1,
            "msgid": message["msgid"],
            "publickey_ver": version,
            "encrypt_random_key": base64.b64encode(sealed).decode(),
            "encrypt_chat_msg": base64.b64encode(cipher.update(text) + cipher.finalize()).decode(),
        }
        self.rows.append(row)
        return row


def read_sealed(item: dict[str, str]) -> str | None:
    """DecryptData."""
    try:
        raw = base64.b64decode(item["key"], validate=True)
        cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
        return (cipher.update(base64.b64decode(item["message"])) + cipher.finalize()).decode()
    except ValueError:
        return None


class Handler(BaseHTTPRequestHandler):
    wecom: Wecom

    def answer(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else {}
        path = parts.path.removeprefix("/cgi-bin/").strip("/")
        self.wecom.calls.append(path)
        if self.wecom.fail.get(path):
            return self.say(self.wecom.fail[path].pop(0))
        if path.startswith("bridge/"):
            return self.bridge(path, body)
        if path == "gettoken":
            if query != {"corpid": CORP, "corpsecret": query.get("corpsecret", "")}:
                return self.no(40013, "invalid corpid")
            if query["corpsecret"] not in (SECRET, ARCHIVE_SECRET):
                return self.no(40001, "invalid credential")
            return self.yes(access_token=f"{self.wecom.token}:{query['corpsecret']}", expires_in=7200)
        wanted = ARCHIVE_SECRET if path.startswith("msgaudit/") else SECRET
        if query.get("access_token") != f"{self.wecom.token}:{wanted}":
            return self.no(42001, "access_token expired")
        return getattr(self, path.replace("/", "_"))(query, body)

    def bridge(self, path: str, body: dict[str, Any]) -> None:
        if self.headers.get("Authorization") != f"Bearer {BRIDGE_TOKEN}":
            return self.no(40001, "bridge token")
        if path == "bridge/chatdata":
            assert 0 < body["limit"] <= 1000
            return self.yes(chatdata=[row for row in self.wecom.rows if row["seq"] > body["seq"]][: body["limit"]])
        if path == "bridge/decrypt":
            return self.yes(texts=[read_sealed(item) for item in body["items"]])
        data = self.wecom.media.get(body["sdkfileid"])
        return self.say(data) if data is not None else self.no(10010, "no such file", status=404)

    def msgaudit_check_room_agree(self, query: dict[str, str], body: dict[str, Any]) -> None:
        assert body == {"roomid": ROOM}
        info = [
            {"status_change_time": 1562766651, "exteranalopenid": person, "agree_status": status}
            for person, status in self.wecom.agreements.items()
        ]
        self.yes(agreeinfo=info)

    def get_jsapi_ticket(self, query: dict[str, str], body: dict[str, Any]) -> None:
        self.yes(ticket="corp-ticket", expires_in=7200)

    def ticket_get(self, query: dict[str, str], body: dict[str, Any]) -> None:
        assert query["type"] == "agent_config"
        self.yes(ticket="agent-ticket", expires_in=7200)

    def auth_getuserinfo(self, query: dict[str, str], body: dict[str, Any]) -> None:
        user = self.wecom.codes.pop(query["code"], None)  # a code is good once
        if user is None:
            return self.no(40029, "invalid code")
        return self.yes(**({"userid": user} if not user.startswith("wm") else {"external_userid": user}))

    def kf_sync_msg(self, query: dict[str, str], body: dict[str, Any]) -> None:
        if body.get("token") not in ("", None, self.wecom.callback_token):
            self.no(95007, "invalid msg token")
            return
        assert body["open_kfid"] == KF and 0 < body["limit"] <= 1000
        start = int(body.get("cursor") or 0)
        page = self.wecom.inbox[start : start + min(body["limit"], 3)]
        end = start + len(page)
        self.yes(next_cursor=str(end), has_more=int(end < len(self.wecom.inbox)), msg_list=page)

    def kf_send_msg(self, query: dict[str, str], body: dict[str, Any]) -> None:
        assert body["open_kfid"] == KF and body["msgtype"] == "text"
        assert len(body["msgid"]) <= 32 and len(body["text"]["content"].encode()) <= 2048
        if any(body["msgid"] == said["msgid"] for said in self.wecom.sent):
            return self.no(95032, "duplicate msgid")
        if self.wecom.left.get(body["touser"], 0) <= 0:
            return self.no(95001, "send msg count limit")
        self.wecom.left[body["touser"]] -= 1
        self.wecom.sent.append(body)
        return self.yes(msgid=body["msgid"])

    def externalcontact_groupchat_get(self, query: dict[str, str], body: dict[str, Any]) -> None:
        assert body == {"chat_id": ROOM, "need_name": 1}
        members = [{"userid": person, "type": 2, "name": name} for person, name in self.wecom.names.items()]
        self.yes(group_chat={"chat_id": ROOM, "member_list": members})

    def kf_customer_batchget(self, query: dict[str, str], body: dict[str, Any]) -> None:
        assert 0 < len(body["external_userid_list"]) <= 100
        known = [person for person in body["external_userid_list"] if person in self.wecom.names]
        self.yes(
            customer_list=[{"external_userid": person, "nickname": self.wecom.names[person]} for person in known],
            invalid_external_userid=[],
        )

    def media_get(self, query: dict[str, str], body: dict[str, Any]) -> None:
        data = self.wecom.media.get(query["media_id"])
        self.say(data) if data is not None else self.no(40007, "invalid media_id")

    def yes(self, **said: Any) -> None:
        self.say({"errcode": 0, "errmsg": "ok", **said})

    def no(self, errcode: int, errmsg: str, status: int = 200) -> None:
        self.say({"errcode": errcode, "errmsg": errmsg}, status)

    def say(self, said: Any, status: int = 200) -> None:
        text = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if isinstance(said, bytes) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *words: object) -> None:
        """Quiet."""


@pytest.fixture
def wecom() -> Iterator[Wecom]:
    """A WeCom of this test's own."""
    double = Wecom()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"wecom": double}))
    double.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield double
    server.shutdown()
    server.server_close()


def sealed_for(text: str, *, aes_key: str, receive_id: str) -> str:
    """The text encrypted as WeCom does it: 16 random bytes, length, text, receiver, padding."""
    key = key_of(aes_key)
    said = text.encode()
    plain = os.urandom(16) + struct.pack(">I", len(said)) + said + receive_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()).decode()
