"""`/ping/<key>`: the address that heartbeats ping. It goes round Django: a ping is answered from memory and one commit.

2xx means kept: the ping was committed before it is answered.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from aftercare.watch.heartbeats.committer import PingCommitter
from aftercare.watch.heartbeats.pings import KEPT_BYTES, PREFIX, RUN_ID, Ping, Said, read_path, text_of
from aftercare.watch.heartbeats.ring import HeartbeatRing

METHODS = ("GET", "HEAD", "POST", "PUT")
LARGEST_BODY = 100_000
BODY_S = 10.0
OK = b"OK\n"
NOT_KEPT = b"this could not be kept now; send it again\n"
NOBODYS = b"no heartbeat has this address\n"
NO_ADDRESS = b"an address ends with the key, or after it /start, /fail, /log or an exit code of 0 to 255\n"
RUN_ID_LEFT = b"OK, but without its run id: one is up to 64 letters, digits and . _ : -\n"
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
CLOSES = (b"connection", b"close")
AGAIN = (b"retry-after", b"2")
Header = tuple[bytes, bytes]


class PingDoor:
    """The part of the front door that takes pings."""

    def __init__(self, ring: HeartbeatRing, committer: PingCommitter, *, clock: Callable[[], float]) -> None:
        self._ring = ring
        self._committer = committer
        self._clock = clock

    def serves(self, path: str) -> bool:
        """Whether an address is a ping's."""
        return path.startswith(PREFIX)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ping."""
        status, said, *headers = await self._answer(scope, receive)
        start = [PLAIN, (b"content-length", str(len(said)).encode()), *headers]
        await send({"type": "http.response.start", "status": status, "headers": start})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else said})

    async def _answer(self, scope: Any, receive: Any) -> "tuple[int, bytes, *tuple[Header, ...]]":
        """Status, body and headers of the answer. Of a stranger nothing is read."""
        told = read_path(scope["path"])
        if told is None:
            return 404, NO_ADDRESS, CLOSES
        heartbeat = self._ring.find(told.fingerprint)
        if heartbeat is None:
            return 404, NOBODYS, CLOSES
        method = scope["method"]
        if method not in METHODS:
            return 405, b"ping with GET, HEAD, POST or PUT\n", (b"allow", ", ".join(METHODS).encode()), CLOSES
        body, size, is_whole = (b"", 0, True) if method in ("GET", "HEAD") else await read_body(receive)
        rid, is_odd = run_id(scope["query_string"])
        kept = await self._kept(heartbeat, told, rid, body, size)
        if kept is None:
            return 503, NOT_KEPT, AGAIN
        if not kept:
            return 404, NOBODYS, CLOSES
        return 200, RUN_ID_LEFT if is_odd else OK, *(() if is_whole else (CLOSES,))

    async def _kept(self, heartbeat: int, told: Said, rid: str, body: bytes, size: int) -> bool | None:
        """Whether it is committed; False where the key is nobody's any more, None where it could not be."""
        waited: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        ping = Ping(heartbeat, told.fingerprint, self._clock(), told.kind, told.exit_code, rid, answers=[waited])
        if size:
            ping.body, ping.body_bytes = text_of(body), size
        if not self._committer.submit(ping):
            return None
        return await waited


async def read_body(receive: Any) -> tuple[bytes, int, bool]:
    """The part of the body that is kept, its size, and whether it was read to its end.

    A job that says too much, or too slowly, has happened all the same: what came is kept, and no more is read.
    """
    kept, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                piece = message.get("body", b"")
                size += len(piece)
                kept += piece[: KEPT_BYTES - len(kept)]
                if not message.get("more_body"):
                    return bytes(kept), size, True
                if size > LARGEST_BODY:
                    return bytes(kept), size, False
    except TimeoutError:
        return bytes(kept), size, False


def run_id(query: bytes) -> tuple[str, bool]:
    """The run id that was given, and whether one was that cannot be kept."""
    if b"rid=" not in query:
        return "", False
    given = parse_qs(query[:1000].decode("latin-1")).get("rid", [""])[0]
    return (given, False) if RUN_ID.fullmatch(given) else ("", True)
