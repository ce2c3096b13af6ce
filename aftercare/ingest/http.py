"""The front door's HTTP: reading a body within limits, and answers that any page may read."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type, content-encoding, authorization, idempotency-key"),
    (b"access-control-max-age", b"86400"),
    (b"access-control-expose-headers", b"retry-after"),
)
JSON_TYPE = (b"content-type", b"application/json")


class Answer(Exception):
    """An HTTP answer decided before the commit."""

    def __init__(self, status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers


def too_large(largest: int) -> Answer:
    """The answer to a body over the limit; the rest of it is not read."""
    sentence = f"the body is over {largest >> 20} MiB; send smaller batches"
    return Answer(413, sentence, ((b"connection", b"close"),))


async def whole_body(receive: Receive, headers: dict[bytes, bytes], largest: int) -> bytes:
    """The request's body. Raises Answer 413 over the limit, without reading on."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > largest:
        raise too_large(largest)
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    pieces, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > largest:
            raise too_large(largest)
        if message["type"] == "http.disconnect":
            raise Answer(400, "the body ended before its end")
    return b"".join(pieces)


def bearer(headers: dict[bytes, bytes]) -> str:
    """The token of an Authorization header, empty where there is none."""
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def said(body: dict[str, Any]) -> bytes:
    """A JSON body with its line end."""
    return msgspec.json.encode(body) + b"\n"


async def reply(send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """Send an answer that any page may read."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*CORS, length, *headers]})
    await send({"type": "http.response.body", "body": body})
