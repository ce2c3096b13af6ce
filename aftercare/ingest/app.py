"""The ASGI application of the front door: checks the key, reads the body, waits for the commit, answers."""

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.committer import Committer
from aftercare.ingest.http import JSON_TYPE, Answer, Receive, Scope, Send, bearer, reply, whole_body
from aftercare.ingest.keys import Key, KeyRing
from aftercare.ingest.places import Places
from aftercare.ingest.points.series import Registry
from aftercare.ingest.quota import Quota
from aftercare.ingest.reading import Refusal
from aftercare.ingest.routes import Route, Routes, shown
from aftercare.ingest.rtcstats.sockets import RtcstatsSockets
from aftercare.ingest.samples import schema
from aftercare.ingest.sources.source import Asked, Reply, Source
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

# A body that trickles in for longer than this is given up: a slow reader must not hold its place for ever.
READ_S = 30.0
SCHEMA_PATH = "/v1/samples.schema.json"
NOTHING_HERE = "there is nothing at this address; telemetry goes to /v1/samples or /v1/cmcd/<key>"
STOPPING = "the server is stopping; send this again"


class IngestApp:
    """Routes each request to the source at its address, and the schema of our own format."""

    def __init__(
        self,
        keys: KeyRing,
        committer: Committer,
        *,
        places: Places,
        registry: Registry | None = None,
        clock: Callable[[], float] = time.time,
        read_s: float = READ_S,
    ) -> None:
        self._routes = Routes(registry or Registry())
        self._places = places
        self._keys = keys
        self._committer = committer
        self._clock = clock
        self._read_s = read_s
        self._quota = Quota()
        self._long_reads = asyncio.Semaphore(1)
        self._schema = msgspec.json.encode(schema())
        self.sockets = RtcstatsSockets(keys, committer, self._quota, places, clock)

    def serves(self, path: str) -> bool:
        """Whether an address is the front door's."""
        return path == SCHEMA_PATH or self._routes.find(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            return await reply(send, 204, b"")
        if path == SCHEMA_PATH:
            return await self._tell_schema(method, send)
        route = self._routes.find(path) or Route(self._routes.native, "", path.strip("/"))
        headers = dict(scope["headers"])
        told = await self._told(route, scope, headers, receive)
        return await reply(send, told.status, told.body, told.headers)

    async def _tell_schema(self, method: str, send: Send) -> None:
        if method == "GET":
            return await reply(send, 200, self._schema, (JSON_TYPE,))
        answer = self._routes.native.refuse(405, "read the schema with GET", {})
        return await reply(send, answer.status, answer.body, (*answer.headers, (b"allow", b"GET, OPTIONS")))

    async def _told(self, route: Route, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Reply:
        """What the sender is told, whatever happens."""
        source = route.source
        try:
            return await self._taken(route, scope, headers, receive)
        except Answer as answer:
            told = source.refuse(answer.status, answer.sentence, headers)
            return Reply(told.status, told.body, (*told.headers, *answer.headers))
        except Refused as refused:
            return source.refuse(400, refused.sentence, headers)
        except asyncio.CancelledError:  # the server's draining is over before the body or its commit was
            told = source.refuse(503, STOPPING, headers)
            return Reply(told.status, told.body, (*told.headers, (b"retry-after", b"5")))
        except Exception:
            log.exception("a request to %s could not be answered", shown(route))
            return source.refuse(500, "the server failed at this; its log says why", headers)

    async def _taken(self, route: Route, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Reply:
        source = route.source
        if route.rest and not source.takes_rest:
            raise Answer(404, NOTHING_HERE)
        if scope["method"] not in source.methods:
            allowed = ", ".join((*source.methods, "OPTIONS"))
            raise Answer(405, f"send telemetry with {source.methods[0]}", ((b"allow", allowed.encode()),))
        key = self._key(route.secret or bearer(headers))
        settled: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        batch = Batch(key, settled, source=source.name, is_until_kept=source.patience_s > 0)
        # A key in debt is told so before anything is unpacked.
        self._charge(key, 0)
        body = await self._body(source, receive, headers)
        client = (scope.get("client") or ("", 0))[0]

        def read() -> None:
            plain = source.unpack(body, headers.get(b"content-encoding", b"").decode("latin-1").strip().lower())
            now_ms = int(self._clock() * 1000)
            asked = Asked(
                key, scope["method"], route.rest, scope["query_string"], headers, client, plain, now_ms, self._places
            )
            source.read(asked, batch)

        try:
            if source.takes_long:
                async with self._long_reads:
                    await asyncio.to_thread(read)
            else:
                read()
        except Refused as refused:
            raise self._nothing_in(batch, [Refusal(0, refused.sentence)]) from None
        try:
            return await self._answered(source, batch)
        except BaseException:
            source.lost(batch)
            raise

    async def _answered(self, source: Source, batch: Batch) -> Reply:
        """The answer to a batch that was read: when it is kept, or when there is nothing in it."""
        self._charge(batch.key, max(batch.cost, 1))
        if batch.lines:
            return source.answer(batch, await self._kept(batch, source.patience_s))
        if not source.may_be_empty and not batch.passed_over:
            raise self._nothing_in(batch, batch.refusals)
        if batch.refusals:
            self._committer.submit(batch)
        return source.answer(batch, Result())

    def _key(self, secret: str) -> Key:
        key = self._keys.find(secret) if secret else None
        if key is None:
            raise Answer(401, "this key is not known here; keys are issued in the console under Customers")
        if not key.is_good(self._clock()):
            # 410 makes a CMCD player stop sending to this address for the session (CTA-5004-B).
            raise Answer(410, "this key is revoked or has expired; issue a new one and change the player's address")
        return key

    def _charge(self, key: Key, lines: int) -> None:
        wait_s = self._quota.take(key, lines, self._clock())
        if wait_s:
            header = (b"retry-after", str(int(wait_s) + 1).encode())
            raise Answer(429, f"over this key's quota of {key.quota_lines_per_s:g} lines a second", (header,))

    def _nothing_in(self, batch: Batch, refusals: list[Refusal]) -> Answer:
        """The answer to a body of which nothing could be taken; what was wrong is kept for its owner to read."""
        batch.refusals = refusals
        self._committer.submit(batch)
        return Answer(400, nothing_usable(refusals))

    async def _body(self, source: Source, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        """The request's body. Raises Answer 408 when it does not come in time."""
        try:
            async with asyncio.timeout(self._read_s):
                return await whole_body(receive, headers, source.largest)
        except TimeoutError:
            late = f"the body did not arrive within {self._read_s:g} s; send it again"
            raise Answer(408, late, ((b"connection", b"close"),)) from None

    async def _kept(self, batch: Batch, patience_s: float) -> Result:
        """What became of a batch that is on disk now, or after `patience_s` waits for it. Raises Answer where not."""
        if not self._committer.submit(batch):
            raise Answer(503, "too much waits to be stored; send this again in a moment", ((b"retry-after", b"2"),))
        if patience_s:
            await asyncio.wait((batch.settled,), timeout=patience_s)
            if not batch.settled.done():
                return Result(accepted=batch.lines)
        result = await batch.settled
        if result.failed:
            raise Answer(503, result.failed, ((b"retry-after", b"2"),))
        if result.refused:
            raise Answer(400, result.refused)
        return result


def nothing_usable(refusals: list[Refusal]) -> str:
    """The sentence for a body of which nothing could be taken."""
    if not refusals:
        return "the body is empty"
    first = refusals[0]
    if not first.line:
        return first.reason
    return f"nothing of the body could be taken ({len(refusals)} lines refused); line {first.line}: {first.reason}"
