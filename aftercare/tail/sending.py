"""One batch to the server: what it says, and whether and when to try again."""

import gzip
import http.client
import json
import random
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aftercare.kernel.errors import Refused

TIMEOUT_S = 60.0
LONGEST_PAUSE_S = 60.0
# The key or the address is wrong: trying again is no use before a person has mended it.
HOPELESS = {
    401: "the server does not know this key",
    404: "there is no Aftercare at this address",
    405: "there is no Aftercare at this address",
    410: "this key is revoked or has expired",
    422: "the server does not understand what is asked of it",
}
UNREADABLE = 400


@dataclass(frozen=True)
class Told:
    """The server's answer: `status` 0 where there was none. `wait_s` is what it asks to wait before the next try."""

    status: int
    body: dict[str, Any]
    wait_s: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether the batch is done with: stored, or refused for good."""
        return 200 <= self.status < 300 or self.status == UNREADABLE

    @property
    def sentence(self) -> str:
        """What is wrong, in the server's words."""
        first = self.body.get("first_rejected") or {}
        return str(self.body.get("error") or first.get("reason") or f"the server answered {self.status}")


class Sender:
    """The server's address with the format and the facts in it, and the key."""

    def __init__(self, server: str, key: str, *, path: str, query: dict[str, str]) -> None:
        url = urlsplit(server)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise Refused(f"--server is {server!r}: it must be an address like https://care.example.com")
        self._url = url
        self._key = key
        self.target = url.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        self.address = f"{url.scheme}://{url.netloc}{self.target}"

    def send(self, body: bytes, name: str) -> Told:
        """One try. Raises Refused where no other can do better."""
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Idempotency-Key": name,
        }
        connection = self._connection()
        try:
            connection.request("POST", self.target, gzip.compress(body, 1, mtime=0), headers)
            answer = connection.getresponse()
            text = answer.read(1 << 20)
        except (OSError, http.client.HTTPException) as error:
            return Told(0, {"error": f"the server cannot be reached ({error or type(error).__name__})"})
        finally:
            connection.close()
        if answer.status in HOPELESS or 300 <= answer.status < 400:
            why = HOPELESS.get(answer.status, f"the server points to {answer.getheader('location')}")
            raise Refused(f"{why}; check --server, --key and --map. It says: {json_of(text).get('error', '')}")
        wait = answer.getheader("retry-after", "")
        return Told(answer.status, json_of(text), float(wait) if wait.isdecimal() else 0.0)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)


def json_of(text: bytes) -> dict[str, Any]:
    """A JSON object, empty where the answer is none: a proxy's page."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def pause_s(told: Told, tries: int) -> float:
    """How long to wait after so many tries in vain: as long as the server asks, else twice as long each time."""
    if told.wait_s:
        return min(told.wait_s, LONGEST_PAUSE_S)
    return min(2.0 ** min(tries, 10), LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads the senders
