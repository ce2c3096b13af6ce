"""Group `ingest`: rows and requests per CPU-second of the server's process tree, acknowledged after the commit."""

import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import load
from bench.figures import Figure, spread
from bench.lines import native_line
from bench.senders import Senders, sender
from bench.tree import cpu_s, memory_bytes
from tests.service import Service, now_ms

RUNS = 3
SECONDS = 12
BATCH = 500
SESSIONS = 10_000
CONNECTIONS = 48
STEADY_ROWS_S, STEADY_SENDERS, STEADY_S, REPORT_S = 10_000, 25, 90, 5


@contextmanager
def server(**environment: str) -> Iterator[Service]:
    """A fresh server with the tests' cast and a wide quota."""
    with tempfile.TemporaryDirectory(prefix="aftercare-bench-") as place:
        running = Service(Path(place) / "data", AFTERCARE_LOG_LEVEL="WARNING", **environment)
        running.start()
        running.seed(quota=10_000_000)
        try:
            yield running
        finally:
            running.stop()


def native_requests(service: Service, *, told: bool) -> list[load.Request]:
    """A round of all sessions, in batches of BATCH lines from as many sessions."""
    draw, at = random.Random(7), now_ms()
    headers = {**service.bearer(), "idempotency-key": "bench-%d"}
    requests = []
    for first in range(0, SESSIONS, BATCH):
        lines = [native_line(draw, number, at, told=told) for number in range(first, first + BATCH)]
        requests.append(load.post("/v1/samples", "\n".join(map(json.dumps, lines)).encode(), headers, BATCH))
    return requests


def cmcd_requests(service: Service) -> list[load.Request]:
    """Single reports of 2,000 players, each line new by its sequence number."""
    path = f"/v1/cmcd/{service.seeded['show_secret']}"
    at = now_ms()
    return [
        load.post(
            path,
            (
                f'bl=(4600),br=(1800),cid="room{number % 50}",e=t,mtp=(12800),sf=h,sid="player-{number:05d}",'
                f"sn=%d,st=l,sta=p,ts={at + number},v=2\n"
            ).encode(),
            {"content-type": "application/cmcd", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0"},
            1,
        )
        for number in range(2000)
    ]


def rate(service: Service, requests: list[load.Request], connections: int) -> tuple[float, dict[str, Any]]:
    """Lines per CPU-second of one run, the roll-ups of its last rows included."""
    before = cpu_s(service.pid)
    figures = load.run(service.port, requests, seconds=SECONDS, connections=connections)
    time.sleep(12)  # every roll-up step of what was just taken has run by then
    return figures["lines"] / (cpu_s(service.pid) - before), figures


def measure() -> list[Figure]:
    """The figures ingest_native, ingest_cmcd and memory."""
    with server() as service:
        load.run(service.port, native_requests(service, told=False), seconds=2, connections=8)
        native = [rate(service, native_requests(service, told=True), CONNECTIONS) for _ in range(RUNS)]
    with server() as service:
        requests = cmcd_requests(service)
        load.run(service.port, requests, seconds=2, connections=64)
        cmcd = [rate(service, requests, 1000) for _ in range(RUNS)]
        beside = {n: rate(service, requests, n) for n in (64, 3000)}
        alone = [rate(service, requests, 1) for _ in range(RUNS)]
    others = "; ".join(
        f"{n} in flight {value:,.0f} (p95 {seen['p95_ms']:.0f} ms)" for n, (value, seen) in beside.items()
    )
    return [
        Figure(
            "ingest_native",
            middle(native)[0],
            "rows per CPU-second",
            40_000,
            80_000,
            "higher",
            f"{SESSIONS} sessions, batches of {BATCH}, {CONNECTIONS} in flight; {told(native)}",
        ),
        Figure(
            "ingest_cmcd",
            middle(cmcd)[0],
            "requests per CPU-second",
            4_000,
            10_000,
            "higher",
            f"2,000 players, 1,000 in flight; {told(cmcd)}; {others}",
        ),
        Figure(
            "commit_cpu",
            1000 / middle(alone)[0],
            "CPU-ms",
            60,
            25,
            "lower",
            f"one report at a time, so each is a commit of its own, roll-ups included; bounds are our own; "
            f"{spread([1000 / value for value, _ in alone], 1)}, p95 {middle(alone)[1]['p95_ms']:.0f} ms",
        ),
        memory(),
    ]


def middle(runs: list[tuple[float, dict[str, Any]]]) -> tuple[float, dict[str, Any]]:
    """The run with the median rate."""
    return sorted(runs, key=lambda run: run[0])[len(runs) // 2]


def told(runs: list[tuple[float, dict[str, Any]]]) -> str:
    """Spread, throughput, latency and errors of several runs."""
    seen = middle(runs)[1]
    return (
        f"{spread([value for value, _ in runs])}, {seen['lines'] / seen['seconds']:,.0f} a second, "
        f"p95 {seen['p95_ms']:.0f} ms, {seen['not_2xx']} not 2xx, generator {seen['cpu_s']:.1f} CPU-s apart"
    )


def memory() -> Figure:
    """Memory of the whole tree while 10,000 rows a second are taken."""
    with server() as service:
        secret, most = service.seeded["show_secret"], 0.0
        plan = [
            sender(f"m{n}", secret, STEADY_ROWS_S / STEADY_SENDERS, report_s=REPORT_S) for n in range(STEADY_SENDERS)
        ]
        before, senders = cpu_s(service.pid), Senders(service.port, plan)
        for _ in range(STEADY_S):
            time.sleep(1)
            most = max(most, memory_bytes(service.pid))
        told = senders.stop()
        used = (cpu_s(service.pid) - before) / told["seconds"]
    taken = sum(one["rows_per_s"] for one in told["senders"].values())
    if taken < 0.95 * STEADY_ROWS_S:
        raise RuntimeError(f"only {taken:,.0f} rows/s could be sent and taken here: memory at 10,000 is not known")
    detail = f"largest proportional set size in {told['seconds']:.0f} s at {taken:,.0f} rows/s, {used:.2f} cores used"
    return Figure("memory", most / 1e9, "GB", 1.5, 1.0, "lower", detail)
