"""A loopback provider of group `oncall`, in a process of its own: takes webhooks, and notes when each page came.

`python -m bench.oncall_provider N` prints its port, and once N have come, or patience has ended, what came.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.service import ROOT

PATIENCE_S, AFTERWARDS_S = 300, 2


@dataclass(frozen=True)
class Told:
    """A running provider."""

    port: int
    process: "subprocess.Popen[str]"

    def result(self) -> dict[str, Any]:
        """What came: of pages `messages` in all and `at` the first of each subject came, of other things `heard` and
        when the first came at each `path`; in seconds since the epoch.
        """
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def provider(wanted: int) -> Iterator[Told]:
    """One that waits for so many pages, and paths at which other things come."""
    command = [sys.executable, "-m", "bench.oncall_provider", str(wanted)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Told(int(process.stdout.readline()), process)
        finally:
            process.kill()


class Provider:
    """Answers 204 to everything."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.all_came = wanted, asyncio.Event()
        self.at: dict[str, float] = {}
        self.messages = 0
        self.path: dict[str, float] = {}
        self.heard = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One POST."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if body["type"] == "page":
            self.messages += 1
            self.at.setdefault(body["data"]["details"]["subject"], time.time())
        else:
            self.heard += 1
            self.path.setdefault(head.split(" ", 2)[1], time.time())
        if len(self.at) + len(self.path) >= self.wanted:
            self.all_came.set()

    async def run(self) -> None:
        """Until all have come, and a little longer for what should not come."""
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.all_came.wait(), PATIENCE_S)
        await asyncio.sleep(AFTERWARDS_S)
        print(
            json.dumps({"messages": self.messages, "at": self.at, "heard": self.heard, "path": self.path}), flush=True
        )


if __name__ == "__main__":
    asyncio.run(Provider(int(sys.argv[1])).run())
