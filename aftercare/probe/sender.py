"""Hands in what the spool holds: each batch until the server has it, and never counted twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aftercare.probe.server import Server
from aftercare.probe.spool import Batch, Spool

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
# The body itself is wrong: sending it again would not mend it.
HOPELESS = frozenset({400, 413})
# The key is: its results wait for a new start with the right one.
KEY_REFUSED = frozenset({401, 410})


@dataclass
class Sent:
    """What a round did: batches taken, batches refused for good, and whether the server should be left alone."""

    taken: int = 0
    refused: int = 0
    must_wait: bool = False


class Sender:
    """Sends with the keys it was given, by their fingerprints. `pause_s` is how long to wait before the next round."""

    def __init__(self, spool: Spool, server: Server, keys: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.pause_s = 0.0
        self._spool = spool
        self._server = server
        self._keys = keys
        self._say = say
        self._refused_keys: set[str] = set()

    def round(self) -> Sent:
        """Send what waits, oldest first, until the server does not take any more."""
        sent = Sent()
        for batch in self._spool.batches():
            if batch.key not in self._keys or batch.key in self._refused_keys:
                continue
            self._send(batch, sent)
            if sent.must_wait:
                self.pause_s = min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
                return sent
        self.pause_s = 0.0
        return sent

    def forgive(self) -> None:
        """Try refused keys anew."""
        self._refused_keys.clear()

    def _send(self, batch: Batch, sent: Sent) -> None:
        try:
            body = batch.body()
        except FileNotFoundError:  # dropped for want of room meanwhile
            return
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"probe-{batch.name}"}
        answer = self._server.call("POST", "/v1/samples", self._keys[batch.key], body, headers)
        if 200 <= answer.status < 300:
            sent.taken += 1
            self._spool.remove(batch)
        elif answer.status in HOPELESS:
            sent.refused += 1
            self._spool.remove(batch)
            self._say(f"the server refused a result: {answer.sentence}")
        elif answer.status in KEY_REFUSED:
            self._refused_keys.add(batch.key)
            self._say(f"results wait for a key that works: {answer.sentence}")
        else:
            sent.must_wait = True
