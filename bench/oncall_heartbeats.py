"""Figure `heartbeats`: pings per CPU-second of a real server's process tree, each answered after its commit.

Each of 2,000 heartbeats is pinged in turn over kept connections, as curl does: GET, no body. The run counts only if
the database holds as many pings of each as were answered.
"""

import time
from typing import Any

from bench import load
from bench.figures import Figure, spread
from bench.ingest import middle, server
from bench.tree import cpu_s
from tests.service import Service

HEARTBEATS, CONNECTIONS, SECONDS, RUNS = 2000, 200, 10, 3
EVERY_S = 60
SETTLE_S = 3  # what a commit leaves behind, and a round of the engine


def measure() -> Figure:
    """Pings per CPU-second, the middle of several runs."""
    with server() as service:
        paths = service.add_heartbeats(HEARTBEATS, every_s=EVERY_S)
        requests = [get(path) for path in paths]
        answered = load.run(service.port, requests, seconds=0, connections=50)["lines"]
        runs = [rate(service, requests) for _ in range(RUNS)]
        few = load.run(service.port, requests, seconds=3, connections=1)
        answered += sum(figures["lines"] for _, figures in runs) + few["lines"]
        check(service, paths, answered)
    seen = middle(runs)[1]
    not_2xx = sum(figures["not_2xx"] for _, figures in runs)
    detail = (
        f"{spread([value for value, _ in runs])}; {HEARTBEATS} heartbeats, {CONNECTIONS} in flight, "
        f"{seen['lines'] / seen['seconds']:,.0f} a second, p50 {seen['p50_ms']:.0f} ms, p95 {seen['p95_ms']:.0f} ms, "
        f"{not_2xx} not 2xx, generator {seen['cpu_s']:.1f} CPU-s apart; one at a time p50 {few['p50_ms']:.0f} ms; "
        f"all {answered:,} answered ones found in the database"
    )
    return Figure("heartbeats", middle(runs)[0], "pings per CPU-second", 1000, 4000, "higher", detail)


def get(path: str) -> load.Request:
    """A ping as curl sends it."""
    head = f"GET {path} HTTP/1.1\r\nhost: bench\r\nuser-agent: curl/8.14.1\r\naccept: */*\r\n\r\n"
    return load.Request(head.encode(), b"", 1)


def rate(service: Service, requests: list[load.Request]) -> tuple[float, dict[str, Any]]:
    """Pings per CPU-second of one run."""
    before = cpu_s(service.pid)
    figures = load.run(service.port, requests, seconds=SECONDS, connections=CONNECTIONS)
    time.sleep(SETTLE_S)
    return figures["lines"] / (cpu_s(service.pid) - before), figures


def check(service: Service, paths: list[str], answered: int) -> None:
    """Every ping that was answered is in the database, and nobody was called. Raises RuntimeError."""
    told = service.pings()
    kept = sum(one["pings"] for path, one in told["heartbeats"].items() if path in paths)
    # One more tells the front door's knowledge of the addresses, before the run: `add_heartbeats` asks by a note.
    if kept - 1 != answered or told["alerts"]:
        raise RuntimeError(f"{answered} pings were answered, {kept - 1} are kept, {told['alerts']} alerts were opened")
