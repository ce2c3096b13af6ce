"""Group `ingest`: rows and requests per CPU-second of the server's process tree, acknowledged after the commit."""

import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench import load
from bench.figures import Figure, quantile, spread
from bench.tree import cpu_s, memory_bytes
from tests.service import Service, now_ms

RUNS = 3
SECONDS = 12
BATCH = 500
SESSIONS = 10_000
CONNECTIONS = 48
PROVINCES = ("Guangdong", "Zhejiang", "Jiangsu", "Sichuan", "Henan", "Shandong", "Hunan", "Fujian")
CARRIERS = ("China Telecom", "China Mobile", "China Unicom")


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


def native_line(draw: random.Random, number: int, at: int, *, told: bool) -> dict[str, Any]:
    """One interval of one session, with its facts when they have not been told yet."""
    stall = draw.randrange(300, 2000) if draw.random() < 0.04 else 0
    line: dict[str, Any] = {
        "session": f"bench-{number:06d}",
        "ts": at,
        "interval_ms": 5000,
        "play_ms": 5000 - stall,
        "stall_ms": stall,
        "stall_count": int(stall > 0),
        "video_ms": 5000,
        "bytes": draw.randrange(500_000, 1_500_000),
        "frames": 125,
        "packets": 1300,
        "packets_lost": draw.randrange(20),
        "fps": 24.8,
        "bitrate_kbps": 1800,
        "rtt_ms": draw.randrange(20, 90),
        "jitter_ms": draw.randrange(2, 12),
    }
    if stall >= 600:
        line["video_gaps"] = [stall]
    if not told:
        line["facts"] = {
            "stream": f"room{number % 300}",
            "user": f"user{number}",
            "role": "audience",
            "country": "CN",
            "province": PROVINCES[number % 8],
            "carrier": CARRIERS[number % 3],
            "network": ("wifi", "5g", "4g")[number % 3],
            "device": f"phone {number % 40}",
            "os": f"Android {10 + number % 6}",
            "sdk": "rtc",
            "sdk_version": f"4.{number % 5}.0",
            "app_version": f"8.{number % 3}.0",
            "edge": f"edge-{number % 12}",
            "protocol": "rtc",
        }
    return line


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
        requests = native_requests(service, told=False)
        most = 0.0
        begun = time.monotonic()
        paced = threading.Thread(target=pace, args=(service, requests, 60), daemon=True)
        paced.start()
        while paced.is_alive():
            most = max(most, memory_bytes(service.pid))
            time.sleep(1)
        took = time.monotonic() - begun
    return Figure(
        "memory", most / 1e9, "GB", 1.5, 1.0, "lower", f"largest proportional set size in {took:.0f} s at 10,000 rows/s"
    )


def pace(service: Service, requests: list[load.Request], seconds: int) -> None:
    """10,000 rows a second: 20 batches, evenly."""
    for second in range(seconds):
        begun = time.monotonic()
        for request in requests:
            headers = {**service.bearer(), "Idempotency-Key": f"pace-{second}-{id(request)}"}
            status, said, _ = service.request("POST", "/v1/samples", request.body, headers)
            if status != 200:
                raise RuntimeError(f"the server answered {status}: {said}")
        time.sleep(max(1 - (time.monotonic() - begun), 0))


class Pager:
    """The on-call engineer's webhook."""

    def __init__(self) -> None:
        self.times: list[float] = []
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["type"] == "page":
                    pager.times.append(time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


FAULTS = 12
LIVE = 10_000
SHARE = 0.3


def fault_to_page() -> list[Figure]:
    """Seconds from the first bad report received to the page at a webhook, default rules only."""
    took: list[float] = []
    pager = Pager()
    with server() as service:
        service.wake_by_webhook(pager.address)
        players = Players(service)
        players.report(bad=False, seconds=40)
        for _ in range(FAULTS):
            players.report(bad=False, seconds=95)  # until the last fault's alert has closed again
            before = len(pager.times)
            first_bad = players.report(bad=True, seconds=30, until=lambda before=before: len(pager.times) > before)
            took.append(pager.times[before] - first_bad if len(pager.times) > before else 1e9)
    return [
        Figure(
            "fault_to_page",
            quantile(took, 0.95),
            "s, p95",
            15,
            8,
            "lower",
            f"{spread(took, 1)}; {LIVE} sessions live, each reporting every 5 s, {SHARE:.0%} of them stalling half "
            f"of their time once the fault begins at a random moment",
        )
    ]


class Players:
    """LIVE sessions that report every 5 s, spread evenly over the time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._draw = random.Random(5)
        self._told: set[int] = set()
        self._slot = 0
        self._count = 0

    def report(self, *, bad: bool, seconds: float, until: Any = None) -> float:
        """Go on for a time, or until something; returns when the first bad report had been received."""
        first_bad, ends = 0.0, time.monotonic() + seconds + (self._draw.uniform(0, 5) if not bad else 0)
        while time.monotonic() < ends and not (until and until()):
            begun = time.monotonic()
            slot = range(self._slot * LIVE // 20, (self._slot + 1) * LIVE // 20)
            self._slot = (self._slot + 1) % 20
            lines = [self._line(number, bad) for number in slot]
            self._count += 1
            status, said = self._service.samples(lines, Idempotency_Key=f"f{self._count}")
            if status != 200:
                raise RuntimeError(f"the server answered {status}: {said}")
            if bad and not first_bad:
                first_bad = begun
            time.sleep(max(0.25 - (time.monotonic() - begun), 0))
        return first_bad

    def _line(self, number: int, bad: bool) -> dict[str, Any]:
        line = native_line(self._draw, number, now_ms(), told=number in self._told)
        self._told.add(number)
        if bad and self._draw.random() < SHARE:
            line |= {"play_ms": 2500, "stall_ms": 2500, "stall_count": 2, "video_gaps": [1200, 1300]}
        else:
            line |= {"play_ms": 5000, "stall_ms": 0, "stall_count": 0, "video_gaps": []}
        return line
