"""Group `desk`, figure `claims`: 160 agents claim from one queue of 1,000 tickets, all at once, over HTTP.

Two ways of claiming, as people do it: first everybody presses "Claim" on the same ticket at the same instant, and all
but one must be told who has it; then everybody presses "Take the next" until nothing waits. A real `aftercare serve`
with its embedded PostgreSQL on a fresh folder, whose statistics are as autovacuum makes them within a minute; each
agent is signed in and keeps one connection. The run counts only if what the answers said and what the database holds
agree: every ticket has one claim, by the person who was told so.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure, spread
from bench.tree import cpu_s
from tests.service import ROOT, Service

AGENTS, TICKETS, RUNS = 160, 1_000, 3
TOKEN = "c" * 32


class Agent:
    """One signed-in person on one kept connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.won: list[str] = []
        self.told = 0

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def post(self, path: str) -> tuple[int, dict[str, str]]:
        """One POST without a body: status and headers."""
        self.writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}; csrftoken={TOKEN}\r\n"
            f"X-CSRFToken: {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers

    async def claim(self, ref: str) -> None:
        """Press "Claim" on this ticket."""
        status, _headers = await self.post(f"/tickets/{ref}/claim")
        assert status in (302, 409), status
        if status == 302:
            self.won.append(ref)
        else:
            self.told += 1

    async def take_all(self) -> None:
        """Press "Take the next" until nothing waits."""
        while True:
            status, headers = await self.post("/tickets/next")
            assert status == 302, status
            if headers["location"].startswith("/tickets/"):
                self.won.append(headers["location"].rpartition("/")[2])
            else:
                return


async def race(port: int, cookies: list[str], contested: str) -> tuple[float, float, list[Agent]]:
    """Everybody at once: seconds until all had their answer about the one ticket, and until the queue is empty."""
    agents = [Agent(port, cookie) for cookie in cookies]
    for agent in agents:
        await agent.connect()
    begun = time.monotonic()
    await asyncio.gather(*(agent.claim(contested) for agent in agents))
    told = time.monotonic() - begun
    begun = time.monotonic()
    await asyncio.gather(*(agent.take_all() for agent in agents))
    took = time.monotonic() - begun
    for agent in agents:
        agent.writer.close()
    return told, took, agents


def seed(service: Service, what: str) -> Any:
    """Ask the seeding process for something, and read its one JSON line."""
    command = [sys.executable, "-m", "bench.desk_claims_people", what, str(AGENTS), str(TICKETS)]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Run:
    """One race: seconds until the queue was empty, the server's CPU seconds for it, double claims, and how long it took
    until all 160 knew who has the one ticket.
    """

    took_s: float
    cpu_s: float
    doubles: int
    told_s: float


def one_run() -> Run:
    """One race on a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="aftercare-claims-") as place:
        service = Service(Path(place) / "data")
        service.start()
        try:
            made = seed(service, "make")
            before = cpu_s(service.pid)
            told, took, agents = asyncio.run(race(service.port, made["cookies"], made["contested"]))
            used = cpu_s(service.pid) - before
            held = seed(service, "count")
        finally:
            service.stop()
    claims = Counter(ref for agent in agents for ref in agent.won)
    doubles = sum(count - 1 for count in claims.values())
    assert sum(agent.told for agent in agents) == AGENTS - 1, "not everybody was told who has the contested ticket"
    assert set(claims) == set(held["claims"]), "the answers and the database do not agree"
    doubles += sum(count - 1 for count in held["claims"].values())
    assert len(claims) == TICKETS, f"{len(claims)} of {TICKETS} were claimed"
    return Run(took, used, doubles, told)


def measure() -> list[Figure]:
    """The figures `claims` and `claims_double`."""
    runs = [one_run() for _ in range(RUNS)]
    times, cpu = [run.took_s for run in runs], [run.cpu_s for run in runs]
    told = max(run.told_s for run in runs)
    detail = (
        f"{AGENTS} agents, {TICKETS} tickets: {spread(times, 1)}; CPU {spread(cpu, 1)} s with the contested one, "
        f"of which all knew the winner after {told:.1f} s at most"
    )
    doubles = sum(run.doubles for run in runs)
    return [
        Figure("claims", sorted(times)[RUNS // 2], "s", 10, 5, "lower", detail),
        Figure("claims_double", doubles, "claims", 0, 0, "lower", f"in {RUNS} runs"),
    ]
