"""rtcstats live: a page's recording over a WebSocket, line by line. Who may open one, and how many there may be."""

import contextlib
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import parse_qs

from aftercare.ingest.committer import Committer
from aftercare.ingest.facts import filled, given_facts
from aftercare.ingest.http import Receive, Scope, Send
from aftercare.ingest.keys import KeyRing
from aftercare.ingest.places import Places
from aftercare.ingest.quota import Quota
from aftercare.ingest.rtcstats.live import Closed, Desk, LiveRecording
from aftercare.ingest.samples import Facts

PATH = "/v1/rtcstats"
MOST_OF_KEY, MOST_OF_ALL = 500, 5000
# Close codes: RFC 6455 and the IANA registry. For a bad key 1008 is what the client waits for.
POLICY, TRY_LATER = 1008, 1013


class RtcstatsSockets:
    """All live recordings of this process. Keys, quotas and the committer are those of the front door."""

    def __init__(
        self, keys: KeyRing, committer: Committer, quota: Quota, places: Places, clock: Callable[[], float]
    ) -> None:
        self._keys, self._places, self._clock = keys, places, clock
        self._desk = Desk(committer, quota, clock, self._is_good)
        self._open: dict[str, int] = defaultdict(int)

    @staticmethod
    def serves(path: str) -> bool:
        """Whether a WebSocket may be opened at this address."""
        return path == PATH or path.startswith(PATH + "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket from its handshake to its end. Where the page says it comes from (Origin) is not looked at."""
        await receive()
        # A browser gives a handshake up that answers none of the protocols it offered.
        offered = scope.get("subprotocols") or [None]
        await send({"type": "websocket.accept", "subprotocol": offered[0]})
        try:
            await self._serve(scope, receive)
        except Closed as closed:
            with contextlib.suppress(OSError):  # the page has gone meanwhile
                await send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    async def _serve(self, scope: Scope, receive: Receive) -> None:
        query: bytes = scope["query_string"]
        asked = parse_qs(query.decode("latin-1"))
        secret = scope["path"][len(PATH) + 1 :].partition("/")[0] or asked.get("rtcstats-token", [""])[0]
        key = self._keys.find(secret) if secret else None
        if key is None or not key.is_good(self._clock()):
            raise Closed(POLICY, "this key is not known here, or is revoked or expired")
        if self._open[key.fingerprint] >= MOST_OF_KEY or sum(self._open.values()) >= MOST_OF_ALL:
            raise Closed(TRY_LATER, "too many recordings are open; try again later")
        self._open[key.fingerprint] += 1
        try:
            facts = self._facts(scope, query)
            recording = LiveRecording(self._desk, secret, key, facts, session=asked.get("session", [""])[0])
            await recording.run(receive)
        finally:
            self._open[key.fingerprint] -= 1
            if not self._open[key.fingerprint]:
                del self._open[key.fingerprint]

    def _facts(self, scope: Scope, query: bytes) -> Facts:
        """What the address line, the browser and the caller's address say of the viewer."""
        headers = dict(scope["headers"])
        given = given_facts(query, headers.get(b"user-agent", b""))
        if self._places.is_empty or given.country:
            return given
        client = (scope.get("client") or ("", 0))[0]
        return filled(given, self._places.of_request(client, headers.get(b"x-forwarded-for", b"").decode("latin-1")))

    def _is_good(self, secret: str) -> bool:
        """Whether the key may send still."""
        key = self._keys.find(secret)
        return key is not None and key.is_good(self._clock())
