"""A load generator in a process of its own, so that its CPU counts apart: keep-alive connections, prepared requests.

`python -m bench.load PORT SECONDS CONNECTIONS < plan`, the plan a pickled list of requests, each connection going
round its share; with 0 seconds, each sends every CONNECTIONS-th request once, in order. Prints {"requests", "lines",
"not_2xx", "seconds", "cpu_s", "p50_ms", "p95_ms"}.
"""

import asyncio
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """One prepared request; in `head` and `body` %d stands for a number that is never the same again."""

    head: bytes
    body: bytes
    lines: int


def run(port: int, requests: list[Request], *, seconds: float, connections: int) -> dict[str, Any]:
    """Send this load from a child process and wait for its figures."""
    command = [sys.executable, "-m", "bench.load", str(port), str(seconds), str(connections)]
    done = subprocess.run(command, input=pickle.dumps(requests), stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def post(path: str, body: bytes, headers: dict[str, str], lines: int) -> Request:
    """A prepared POST."""
    named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\n{named}content-length: LENGTH\r\n\r\n".encode()
    return Request(head, body, lines)


class Load:
    """All connections and what they count."""

    def __init__(self, port: int, requests: list[Request], seconds: float) -> None:
        self.port = port
        self.requests = requests
        self.ends = time.monotonic() + seconds if seconds else None
        self.number = 0
        self.sent = self.lines = self.bad = 0
        self.latencies: list[float] = []

    def share(self, place: int, connections: int) -> Iterator[Request]:
        """What one connection sends."""
        if self.ends is None:
            yield from self.requests[place::connections]
            return
        while time.monotonic() < self.ends:
            yield self.requests[place % len(self.requests)]
            place += 1

    async def connection(self, place: int, connections: int) -> None:
        """One connection, one request after the other."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for request in self.share(place, connections):
            self.number += 1
            number = b"%d" % self.number
            # What is sent once is sent as it is: a packed body may hold these two bytes by chance.
            body = request.body if self.ends is None else request.body.replace(b"%d", number)
            begun = time.monotonic()
            writer.write(request.head.replace(b"%d", number).replace(b"LENGTH", b"%d" % len(body)) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) if b"ength:" in head else 0
            if length:
                await reader.readexactly(length)
            self.latencies.append(time.monotonic() - begun)
            self.sent += 1
            if head[9:10] == b"2":
                self.lines += request.lines
            else:
                self.bad += 1
        writer.close()


async def main() -> None:
    """Read the plan, send it, print the figures."""
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    requests = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    begun, cpu = time.monotonic(), time.process_time()
    load = Load(port, requests, seconds)
    await asyncio.gather(*(load.connection(place, connections) for place in range(connections)))
    ordered = sorted(load.latencies)
    figures = {
        "requests": load.sent,
        "lines": load.lines,
        "not_2xx": load.bad,
        "seconds": time.monotonic() - begun,
        "cpu_s": time.process_time() - cpu,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p95_ms": ordered[int(len(ordered) * 0.95)] * 1000,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
