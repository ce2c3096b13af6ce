"""The server as an agent talks to it: its targets fetched, its results handed in."""

import contextlib
import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from aftercare.kernel.errors import Refused
from aftercare.probe.types import Target

TIMEOUT_S = 20.0
LEAST_INTERVAL_S = 5


class Plan(Struct):
    """What `GET /v1/probe/targets` gives: the targets of one key's app, and when to ask again."""

    targets: list[Target] = []
    interval_s: int = 30


class Answer(Struct):
    """An exchange: status 0 where none took place, with the reason as the body."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def sentence(self) -> str:
        """Why the server said no."""
        with contextlib.suppress(ValueError, AttributeError):
            return str(json.loads(self.body).get("error") or self.body[:200])
        return self.body[:200].decode("utf-8", "replace")


class Server:
    """One Aftercare server. `base` is its address; calls block for at most TIMEOUT_S per read."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"--server is {base!r}: it must be an address like https://care.example.com")
        self._parts = parts

    def call(self, method: str, path: str, key: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
        """One exchange with this key."""
        connection = self._connection()
        try:
            connection.request(
                method, self._parts.path.rstrip("/") + path, body or None, {"Authorization": f"Bearer {key}", **headers}
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, (str(error) or type(error).__name__).encode(), {})
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)


class Targets:
    """One key's targets as last heard; an unreachable server changes nothing about them.

    What was heard is kept in `memory`, so that an agent that starts while the server is away has work to do.
    """

    def __init__(self, server: Server, key: str, memory: Path) -> None:
        self.key = key
        self.plan = Plan()
        self.trouble = ""
        self._server = server
        self._etag = ""
        self._memory = memory
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self.plan = msgspec.json.decode(memory.read_bytes(), type=Plan)

    def refresh(self) -> int:
        """Ask for them anew; returns the answer's status, and `trouble` says what is wrong, if anything."""
        known = {"If-None-Match": self._etag} if self._etag else {}
        answer = self._server.call("GET", "/v1/probe/targets", self.key, headers=known)
        self.trouble = ""
        if answer.status == 200:
            self._take(answer)
        elif answer.status in (401, 410):
            # The key's word: there is nothing to look at for it any more.
            self.plan, self._etag, self.trouble = Plan(), "", answer.sentence
            self._memory.unlink(missing_ok=True)
        elif answer.status != 304:
            self.trouble = f"the server's targets cannot be read ({answer.status or 'no answer'}): {answer.sentence}"
        return answer.status

    def _take(self, answer: Answer) -> None:
        try:
            told: dict[str, Any] = json.loads(answer.body)
            plan = Plan(interval_s=max(int(told.get("interval_s", 30)), LEAST_INTERVAL_S))
            plan.targets = [msgspec.convert(entry, Target) for entry in told["targets"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.trouble = f"the server's targets cannot be read: {error}"
            return
        self.plan, self._etag = plan, answer.headers.get("etag", "")
        with contextlib.suppress(OSError):  # without a memory the agent works all the same
            draft = self._memory.with_suffix(".draft")
            draft.write_bytes(msgspec.json.encode(plan))
            draft.chmod(0o600)
            draft.rename(self._memory)
