"""Conversation archiving (会话内容存档): encrypted rows by number, and a small bridge beside the vendor's SDK.

The vendor hands archived chats out by a C library alone, which may not be shipped. A bridge of the provider's runs
beside it and speaks this, JSON over HTTP, with `Authorization: Bearer <bridge_token>`:

    POST /chatdata {"seq": 0, "limit": 100}        -> {"errcode": 0, "chatdata": [GetChatData's rows, seq above it]}
    POST /decrypt  {"items": [{"key", "message"}]} -> {"errcode": 0, "texts": [DecryptData's text, or null]}
    POST /media    {"sdkfileid": "…"}              -> the file's bytes (GetMediaData until is_finish), or 404

The private keys never leave Aftercare: the bridge gets the random key of one message, opened.
Source: developer.work.weixin.qq.com/document/path/91774.
"""

import base64
import json
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from aftercare.kernel.calls import Answer, NoAnswer, call
from aftercare.notify.clients.wecom import WecomError, said_by
from aftercare.notify.envelope import Credentials

TIMEOUT_S = 2.0
MOST_BYTES = 8_000_000
KEY = "private_key_"  # and the version's number: a secret for each version of the key


class FinanceSource(Protocol):
    """Where archived messages come from."""

    def chat_data(self, seq: int, limit: int) -> list[dict[str, Any]]:
        """Rows after `seq`, oldest first."""
        ...

    def decrypt(self, items: list[tuple[str, str]]) -> list[str | None]:
        """The text of each (random key, encrypted message); None for one that cannot be read."""
        ...

    def media(self, sdkfileid: str, *, most_bytes: int) -> bytes:
        """One file's bytes."""
        ...


class Bridge:
    """The source that asks a bridge over HTTP."""

    def __init__(self, account: Credentials) -> None:
        self.address = str(account.config["bridge"]).rstrip("/")
        self.headers = {
            "Authorization": f"Bearer {account.secrets['bridge_token']}",
            "Content-Type": "application/json",
        }

    def chat_data(self, seq: int, limit: int) -> list[dict[str, Any]]:
        """See FinanceSource. Raises WecomError, NotSent or NoAnswer."""
        rows = said_by(self.post("chatdata", {"seq": seq, "limit": limit})).get("chatdata")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise NoAnswer("chatdata")
        return rows

    def decrypt(self, items: list[tuple[str, str]]) -> list[str | None]:
        """See FinanceSource. Raises WecomError, NotSent or NoAnswer."""
        if not items:
            return []
        asked = [{"key": key, "message": message} for key, message in items]
        texts = said_by(self.post("decrypt", {"items": asked})).get("texts")
        if not isinstance(texts, list) or len(texts) != len(items):
            raise NoAnswer("decrypt")
        return [text if isinstance(text, str) else None for text in texts]

    def media(self, sdkfileid: str, *, most_bytes: int) -> bytes:
        """See FinanceSource. Raises WecomError, NotSent or NoAnswer."""
        answer = self.post("media", {"sdkfileid": sdkfileid}, most_bytes=most_bytes, timeout_s=5.0)
        if answer.status != 200:
            raise WecomError(answer.status, "media")
        return answer.body

    def post(
        self, path: str, body: dict[str, Any], *, most_bytes: int = MOST_BYTES, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        """One exchange."""
        text = json.dumps(body, ensure_ascii=False).encode()
        url = f"{self.address}/{path}"
        return call("POST", url, headers=self.headers, body=text, most_bytes=most_bytes, timeout_s=timeout_s)


class MissingKey(Exception):
    """Nobody has given us the private key of this version."""


def random_key_of(account: Credentials, row: dict[str, Any]) -> str:
    """The random key of one row, opened with the private key of its version (RSA, PKCS #1 v1.5).

    Raises MissingKey, and ValueError where the row cannot be opened.
    """
    pem = account.secrets.get(f"{KEY}{row.get('publickey_ver')}")
    if not pem:
        raise MissingKey(str(row.get("publickey_ver")))
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise MissingKey(str(row.get("publickey_ver")))
    return key.decrypt(base64.b64decode(str(row["encrypt_random_key"])), padding.PKCS1v15()).decode()
