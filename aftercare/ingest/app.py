"""The ASGI application of the front door: checks the key, reads the body, waits for the commit, answers."""

import asyncio
import functools
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from aftercare.ingest.agent import facts_of_agent
from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.cmcd import parse
from aftercare.ingest.committer import Committer
from aftercare.ingest.http import Answer, Receive, Scope, Send, bearer, reply, said, whole_body
from aftercare.ingest.keys import Key, KeyRing
from aftercare.ingest.places import Places
from aftercare.ingest.quota import Quota
from aftercare.ingest.reading import (
    LONGEST_LINE,
    Refusal,
    read_samples,
    require_few_lines,
    time_refusal,
    unpacked,
)
from aftercare.ingest.reports import Report, checked
from aftercare.ingest.samples import Facts, schema
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

# A body that trickles in for longer than this is given up: a slow reader must not hold its place for ever.
READ_S = 30.0
# What a player's address line may say of its viewers: CMCD has no keys for these.
ADDRESS_FACTS = frozenset(Facts.__struct_fields__) - {"stream", "protocol"}
# Addresses that carry the key: a page's own script reaches them without a preflight, having no header to announce.
WITH_KEY = ("/v1/cmcd/", "/v1/samples/")


class IngestApp:
    """Routes `/v1/cmcd/<key>`, `/v1/samples`, the same with `/<key>`, and its schema."""

    def __init__(
        self,
        keys: KeyRing,
        committer: Committer,
        *,
        places: Places,
        clock: Callable[[], float] = time.time,
        read_s: float = READ_S,
    ) -> None:
        self._places = places
        self._keys = keys
        self._committer = committer
        self._clock = clock
        self._read_s = read_s
        self._quota = Quota()
        self._schema = msgspec.json.encode(schema())

    @staticmethod
    def serves(path: str) -> bool:
        """Whether an address is the front door's."""
        return path.startswith(("/v1/cmcd/", "/v1/samples"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path, method = scope["path"], scope["method"]
        try:
            if method == "OPTIONS":
                return await reply(send, 204, b"")
            if path == "/v1/samples.schema.json" and method == "GET":
                return await reply(send, 200, self._schema)
            if path != "/v1/samples" and not path.startswith(WITH_KEY):
                raise Answer(404, "there is nothing at this address; telemetry goes to /v1/samples or /v1/cmcd/<key>")
            if method != "POST":
                raise Answer(405, "send telemetry with POST", ((b"allow", b"POST, OPTIONS"),))
            headers = dict(scope["headers"])
            secret = path.split("/", 3)[3] if path.startswith(WITH_KEY) else bearer(headers)
            read = self._cmcd if path.startswith("/v1/cmcd/") else self._native
            batch = await read(self._key(secret), scope, headers, receive)
            await self._answer_when_kept(batch, send)
        except Answer as answer:
            await reply(send, answer.status, said({"error": answer.sentence}), answer.headers)
        except Refused as refused:
            await reply(send, 400, said({"error": refused.sentence}))
        except asyncio.CancelledError:  # the server's draining is over before the body or its commit was
            await reply(
                send, 503, said({"error": "the server is stopping; send this again"}), ((b"retry-after", b"5"),)
            )
        except Exception:
            log.exception("a request to %s could not be answered", "/".join(path.split("/", 3)[:3]))
            await reply(send, 500, said({"error": "the server failed at this; its log says why"}))

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

    async def _native(self, key: Key, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Batch:
        batch = self._batch(key, "native")
        plain = await self._plain(batch, headers, receive)
        try:
            reading = read_samples(plain, now_ms=int(self._clock() * 1000))
        except Refused as refused:
            raise self._nothing_in(batch, [Refusal(0, refused.sentence)]) from None
        self._charge(key, max(reading.lines, 1))
        batch.refusals, batch.samples = reading.refusals, reading.samples
        if not reading.samples:
            raise self._nothing_in(batch, reading.refusals)
        # A body of one session comes from the client itself; one of many from a relay, whose address says nothing.
        if key.resource:
            batch.given = key.facts
            for sample in batch.samples:
                sample.session = f"{key.resource}/{sample.session}"
        elif not self._places.is_empty and len(batch.session_names()) == 1:
            batch.given = self._place(scope, headers)
        name = batch_name(scope["query_string"], headers)
        batch.idempotency = hash64(f"{key.app}\n{key.resource}\n{name}") if name else 0
        return batch

    async def _cmcd(self, key: Key, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Batch:
        batch = self._batch(key, "cmcd")
        plain = await self._plain(batch, headers, receive)
        now_ms = int(self._clock() * 1000)
        lines = [line for line in plain.decode("utf-8", "replace").split("\n") if line.strip()]
        self._charge(key, max(len(lines), 1))
        for number, line in enumerate(lines, 1):
            try:
                batch.reports.append(read_line(line, now_ms))
            except Refused as refused:
                batch.refusals.append(Refusal(number, refused.sentence, line[:200]))
        if not batch.reports:
            raise self._nothing_in(batch, batch.refusals)
        batch.given = given_facts(scope["query_string"], headers.get(b"user-agent", b""))
        if key.resource:
            batch.given = merged(batch.given, key.facts)
            for report in batch.reports:
                report.session = f"{key.resource}/{report.session}"
        elif not self._places.is_empty and not batch.given.country:
            batch.given = filled(batch.given, self._place(scope, headers))
        return batch

    async def _plain(self, batch: Batch, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The body, unpacked. A key in debt is told so before anything is unpacked."""
        self._charge(batch.key, 0)
        body = await self._body(receive, headers)
        try:
            plain = unpacked(body, headers.get(b"content-encoding", b"").decode("latin-1").strip().lower())
            require_few_lines(plain.count(b"\n"))
        except Refused as refused:
            raise self._nothing_in(batch, [Refusal(0, refused.sentence)]) from None
        return plain

    def _nothing_in(self, batch: Batch, refusals: list[Refusal]) -> Answer:
        """The answer to a body of which nothing could be taken; what was wrong is kept for its owner to read."""
        batch.refusals = refusals
        self._committer.submit(batch)
        return Answer(400, nothing_usable(refusals))

    async def _body(self, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        """The request's body. Raises Answer 408 when it does not come in time."""
        try:
            async with asyncio.timeout(self._read_s):
                return await whole_body(receive, headers)
        except TimeoutError:
            late = f"the body did not arrive within {self._read_s:g} s; send it again"
            raise Answer(408, late, ((b"connection", b"close"),)) from None

    def _place(self, scope: Scope, headers: dict[bytes, bytes]) -> Facts:
        client = scope.get("client") or ("", 0)
        return self._places.of_request(client[0], headers.get(b"x-forwarded-for", b"").decode("latin-1"))

    def _batch(self, key: Key, source: str) -> Batch:
        settled: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        return Batch(key, settled, source=source)

    async def _answer_when_kept(self, batch: Batch, send: Send) -> None:
        if not self._committer.submit(batch):
            raise Answer(503, "too much waits to be stored; send this again in a moment", ((b"retry-after", b"2"),))
        result = await batch.settled
        if result.failed:
            raise Answer(503, result.failed, ((b"retry-after", b"2"),))
        if result.refused:
            raise Answer(400, result.refused)
        if batch.source == "cmcd" and not batch.refusals and not result.warning:
            return await reply(send, 204, b"")
        body: dict[str, Any] = {"accepted": result.accepted, "duplicates": result.duplicates}
        body["rejected"] = len(batch.refusals)
        if batch.refusals:
            body["first_rejected"] = {"line": batch.refusals[0].line, "reason": batch.refusals[0].reason}
        if result.warning:
            body["warning"] = result.warning
        return await reply(send, 200, said(body))


def read_line(line: str, now_ms: int) -> Report:
    """One CMCD line as a checked report. Raises Refused."""
    if len(line) > LONGEST_LINE:
        raise Refused(f"this line is over {LONGEST_LINE >> 10} KiB")
    report = checked(parse(line))
    why = time_refusal(report.ts, now_ms)
    if why:
        raise Refused(why)
    return report


def batch_name(query: bytes, headers: dict[bytes, bytes]) -> str:
    """What the sender calls this batch, by header or as `batch` in the address; empty when it has no name."""
    told = headers.get(b"idempotency-key", b"").decode("latin-1")
    return told or dict(parse_qsl(query.decode("latin-1"))).get("batch", "")


@functools.lru_cache(4096)
def given_facts(query: bytes, agent: bytes) -> Facts:
    """What the player's address line and its browser say of the viewer."""
    told = facts_of_agent(agent)
    if query:
        pairs = parse_qsl(query.decode("latin-1"))
        told = {**told, **{name: value[:128] for name, value in pairs if name in ADDRESS_FACTS}}
    return Facts(**told)


@functools.lru_cache(4096)
def filled(said: Facts, place: Facts) -> Facts:
    """What the sender said, with the place of its address where it said none."""
    return msgspec.structs.replace(said, country=place.country, province=place.province, carrier=place.carrier)


@functools.lru_cache(4096)
def merged(said: Facts, more: Facts) -> Facts:
    """What the sender said, and of the rest what is known of its key."""
    known = {name: value for name in Facts.__struct_fields__ if (value := getattr(said, name))}
    return msgspec.structs.replace(more, **known)


def nothing_usable(refusals: list[Refusal]) -> str:
    """The sentence for a body of which nothing could be taken."""
    if not refusals:
        return "the body is empty"
    first = refusals[0]
    if not first.line:
        return first.reason
    return f"nothing of the body could be taken ({len(refusals)} lines refused); line {first.line}: {first.reason}"
