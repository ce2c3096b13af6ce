"""Figure `escalations_6000`: 6,000 escalations become due at the same second; seconds until a loopback provider has the
first notification of each.

A real `aftercare serve` with its embedded PostgreSQL. The pages are there, open, their first step in the future; each
of 60 people on 60 schedules has a webhook at the provider, which is a process of its own and answers 204. The run
counts only if each page came exactly once.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.figures import Figure, spread
from bench.tree import cpu_s
from tests.service import ROOT, Service

PAGES, PEOPLE, RUNS = 6_000, 60, 3
LEAD_S, PATIENCE_S = 6, 180


class Provider:
    """Counts the pages that come, by their ref, and when."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.all_came = wanted, asyncio.Event()
        self.came: Counter[str] = Counter()
        self.last = 0.0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One POST."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if body["type"] == "page":
            self.came[body["data"]["subject"]] += 1
            self.last = time.time()
        if len(self.came) == self.wanted:
            self.all_came.set()

    async def run(self) -> None:
        """Print the address; once all have come or patience has ended, what came."""
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.all_came.wait(), PATIENCE_S)
        await asyncio.sleep(2)  # for what should not come
        print(json.dumps({"pages": len(self.came), "messages": self.came.total(), "last": self.last}), flush=True)


def one_run() -> tuple[float, float]:
    """Seconds from the common instant to the last first notification, and the server's CPU seconds."""
    with tempfile.TemporaryDirectory(prefix="aftercare-escalations-") as place:
        service = Service(Path(place) / "data", AFTERCARE_ALLOW_PRIVATE_WEBHOOKS="1")
        service.start()
        command = [sys.executable, "-m", "bench.oncall_escalations", str(PAGES)]
        provider = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert provider.stdout is not None
            port = provider.stdout.readline().strip()
            command = [sys.executable, "-m", "bench.oncall_people", str(PAGES), str(PEOPLE), port, str(LEAD_S)]
            made = subprocess.check_output(command, cwd=ROOT, env=service.environment, text=True)
            before, due = cpu_s(service.pid), json.loads(made)["due"]
            told = json.loads(provider.stdout.readline())
            used = cpu_s(service.pid) - before
        finally:
            provider.kill()
            service.stop()
    assert told["pages"] == told["messages"] == PAGES, f"not each of {PAGES} pages came once: {told}"
    return told["last"] - due, used


def measure() -> Figure:
    """The figure."""
    runs = [one_run() for _ in range(RUNS)]
    times, cpu = [took for took, _cpu in runs], [used for _took, used in runs]
    detail = f"{PAGES} pages, {PEOPLE} people: {spread(times, 1)}; CPU {spread(cpu, 1)} s"
    return Figure("escalations_6000", sorted(times)[RUNS // 2], "s", 20, 10, "lower", detail)


if __name__ == "__main__":
    asyncio.run(Provider(int(sys.argv[1])).run())
