"""The front door in this process, on a real engine and with a clock that tests turn: requests go in as ASGI."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aftercare.ingest.app import IngestApp
from aftercare.ingest.committer import Committer
from aftercare.ingest.keys import Key, KeyRing
from aftercare.ingest.places import Places
from aftercare.kernel.signing import fingerprint
from tests.telemetry import Telemetry

START_S = float(int(time.time()))
CUSTOMER, APP = 7, 70
Said = tuple[int, Any]


class Store:
    """The commits of the engine, which may be made to fail, or to wait."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._commits = telemetry.commits
        self.fails = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def write(self, columns: dict[str, Any], rows: int) -> int:
        """As `Commits.write`."""
        return self.write_all({"samples": (columns, rows)})

    def write_all(self, groups: dict[str, tuple[dict[str, Any], int]], series: Any = None) -> int:
        """As `Commits.write_all`."""
        self.goes_on.wait(20)
        if self.fails:
            raise OSError("no space left on device")
        return self._commits.write_all(groups, series)


class FrontDoor:
    """`keys` may be added to at any time; `now` is the clock, in epoch seconds."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.now = START_S
        self.keys: list[Key] = []
        self.store = Store(telemetry)
        self.start()

    def start(self) -> None:
        """Begin, as a process would after a restart."""
        self.ring = KeyRing(lambda: self.keys)
        self.committer = Committer(self.telemetry.pool, self.store, clock=lambda: self.now)  # type: ignore[arg-type]
        self.committer.start()
        self.app = IngestApp(self.ring, self.committer, places=Places(), clock=lambda: self.now)

    def stop(self) -> None:
        """Commit what waits, and forget everything else."""
        self.committer.stop()

    def key(
        self, name: str, *, source: str = "", secret: str = "", app: int = APP, quota: float = 1e6, **more: Any
    ) -> str:
        """A key; returns its secret, the same for each name."""
        self.keys.append(
            Key(
                fingerprint(name),
                CUSTOMER if app else 0,
                app,
                30,
                quota,
                b"users" * 7,
                callback_source=source,
                callback_secret=secret,
                **more,
            )
        )
        self.ring.reload()
        return name

    def send(self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Said:
        """One request: its status, and its body (JSON where it is)."""
        return asyncio.run(self._send(method, url, body, headers or {}))

    async def _send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Said:
        path, _, query = url.partition("?")
        named = {
            "host": "hooks.example",
            "content-length": str(len(body)),
            **{name.lower(): value for name, value in headers.items()},
        }
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
            "client": ("203.0.113.9", 4),
        }
        heard: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            heard.append(message)

        await self.app(scope, receive, send)
        text = b"".join(message.get("body", b"") for message in heard)
        is_json = any(value == b"application/json" for _, value in heard[0]["headers"])
        return heard[0]["status"], json.loads(text) if is_json else text

    def rows(self, columns: str, where: str = "1") -> list[Any]:
        """The first row of a query on the raw rows."""
        return list(self.telemetry.pool.rows(f"SELECT {columns} FROM samples WHERE {where}")[0])


@pytest.fixture
def door(telemetry: Telemetry) -> Iterator[FrontDoor]:
    """A front door with nothing behind it yet."""
    made = FrontDoor(telemetry)
    yield made
    made.store.fails = False
    made.store.goes_on.set()
    made.stop()
