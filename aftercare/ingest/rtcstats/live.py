"""One live recording: what came is taken to the store every second, and nothing more is read until it is there."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.committer import Committer
from aftercare.ingest.http import Receive
from aftercare.ingest.keys import Key
from aftercare.ingest.quota import Quota
from aftercare.ingest.reading import LONGEST_LINE, Refusal
from aftercare.ingest.rtcstats.trace import Trace
from aftercare.ingest.samples import Facts
from aftercare.kernel.errors import Refused

# What a page has sent waits this long at most until it is taken to the store; a new connection as long again, until
# the page has named it. A crash of the server loses no more than what waits.
FLUSH_S = 1.0
# Pages tell their statistics every second or so: one that says nothing for this long is gone.
SILENCE_S = 120.0
MOST_AT_ONCE = 500
MOST_REFUSALS = 20
TRIES, PAUSE_S, LONGEST_PAUSE_S = 20, 0.5, 5.0
GOING_AWAY, POLICY, TRY_LATER = 1001, 1008, 1013


class Closed(Exception):
    """The socket is to be closed with this code, for this reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Desk:
    """Where recordings are taken to: the committer, the keys' quotas, the clock, and whether a key is still good."""

    committer: Committer
    quota: Quota
    clock: Callable[[], float]
    is_good: Callable[[str], bool]


class LiveRecording:
    """One page's socket. It holds what the page said in one second, and its connections' last statistics."""

    def __init__(self, desk: Desk, secret: str, key: Key, facts: Facts, *, session: str) -> None:
        self._desk, self._secret, self._key = desk, secret, key
        self._trace = Trace(secrets.token_hex(8), session=session, facts=facts)
        self._refusals: list[Refusal] = []
        self._messages = 0
        self._unpaid = 0

    async def run(self, receive: Receive) -> None:
        """Until the page goes. Raises Closed where it is sent away."""
        loop = asyncio.get_running_loop()
        flush_at, silent_at = loop.time() + FLUSH_S, loop.time() + SILENCE_S
        while True:
            message = await next_message(receive, until=flush_at if self._has_work else silent_at)
            now = loop.time()
            if message is None and now >= silent_at:
                await self._flush(is_last=True)
                raise Closed(GOING_AWAY, f"nothing came for {SILENCE_S:g} s")
            if message is not None:
                if message["type"] == "websocket.disconnect":
                    with contextlib.suppress(Closed):  # nobody is there any more to be told
                        await self._flush(is_last=True)
                    return
                flush_at = flush_at if self._has_work else now + FLUSH_S
                silent_at = now + SILENCE_S
                self._take(message)
            if now >= flush_at or self._unpaid >= MOST_AT_ONCE:
                await self._flush()
                flush_at = loop.time() + FLUSH_S

    @property
    def _has_work(self) -> bool:
        return bool(self._unpaid or self._trace.waiting)

    def _take(self, message: MutableMapping[str, Any]) -> None:
        text = message.get("text")
        line: bytes = text.encode("utf-8", "replace") if text is not None else message.get("bytes") or b""
        self._messages += 1
        self._unpaid += 1 + len(line) // LONGEST_LINE
        try:
            self._trace.feed(line, now_ms=int(self._desk.clock() * 1000))
        except Refused as refused:
            if len(self._refusals) < MOST_REFUSALS:
                self._refusals.append(Refusal(self._messages, refused.sentence))

    async def _flush(self, *, is_last: bool = False) -> None:
        """Take to the store what waits. Raises Closed where it cannot be kept, or the key is no longer good."""
        if not self._desk.is_good(self._secret):
            raise Closed(POLICY, "this key is revoked or has expired")
        await self._pay(is_last=is_last)
        arrived_by = None if is_last else (self._desk.clock() - FLUSH_S) * 1000
        samples, hashes = self._trace.drain(arrived_by=arrived_by)
        if not samples and not self._refusals:
            return
        refusals, self._refusals = self._refusals, []
        batch = Batch(self._key, new_answer(), samples, hashes, refusals=refusals, source="rtcstats")
        batch.take_key()
        for _ in range(TRIES):
            batch.settled = new_answer()
            if self._desk.committer.submit(batch) and not (await batch.settled).failed:
                return
            await asyncio.sleep(PAUSE_S)
        raise Closed(TRY_LATER, "the server cannot store this now")

    async def _pay(self, *, is_last: bool) -> None:
        """Wait until the key's quota has room for what came; the page's next lines wait in its own machine."""
        for _ in range(TRIES):
            wait_s = self._desk.quota.take(self._key, self._unpaid, self._desk.clock())
            if not wait_s:
                self._unpaid = 0
                return
            if is_last:
                break
            await asyncio.sleep(min(wait_s, LONGEST_PAUSE_S))
        raise Closed(TRY_LATER, f"over this key's quota of {self._key.quota_lines_per_s:g} lines a second")


def new_answer() -> "asyncio.Future[Result]":
    """What a batch's commit settles."""
    return asyncio.get_running_loop().create_future()


async def next_message(receive: Receive, *, until: float) -> MutableMapping[str, Any] | None:
    """The next message of the socket, None where none came until then (the loop's time)."""
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        return None
