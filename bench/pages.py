"""Group `pages`: what a reader waits for over a month of 200 million samples, alone and beside a loud neighbour."""

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.big import FINE_S, MINUTES_S
from bench.figures import Figure, quantile, spread
from bench.paced import SHARE
from bench.readers import KINDS, Readers
from bench.samples_sql import CUSTOMERS, DAY_S, weights
from bench.senders import Senders, sender
from bench.tree import cpu_s, memory_bytes
from tests.service import Service

SAMPLES = 200_000_000
REQUESTS = 200
COLD_EVERY = 100
# What everybody sends at ordinary times, and the neighbour: the largest customer's app, at twenty times its share.
ORDINARY_ROWS_S, NEIGHBOUR, TIMES, LOUD_CONNECTIONS = 1000, 1, 20, 16
# Apps of other customers that fall sick one after the other, each with enough players for a verdict.
SICK = tuple(range(5, 17))
SICK_ALONE = tuple(range(17, 23))  # before the neighbour gets loud, to compare with
SICK_SESSIONS = 60
REPORT_S = 5
PAGE_PATIENCE_S = 60
WARM_UP_S = 70


def default_folder() -> Path:
    """In the user's cache home: made data can be made again."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "aftercare-bench" / "pages"


def measure(place: Path, samples: int) -> list[Figure]:
    """The figures live_page, neighbour and neighbour_page_delay."""
    facts = child("bench.big", str(place), str(samples))
    with Inbox() as inbox:
        people = child("bench.people", str(place), inbox.address)
        with served(place) as service:
            alone = live_page(service, people, facts)
        with served(place) as service:
            beside = neighbour(service, people, facts, inbox)
    return [alone, *beside]


def child(module: str, *arguments: str) -> dict[str, Any]:
    """What a module that has the folder to itself prints as its last line."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@contextmanager
def served(folder: Path) -> Iterator[Service]:
    """A real server on the folder, its files out of memory at first."""
    forget_files(folder)
    service = Service(folder, AFTERCARE_LOG_LEVEL=os.environ.get("BENCH_LOG_LEVEL", "WARNING"))
    service.start(wait_s=180)
    try:
        yield service
    finally:
        service.stop()


def forget_files(folder: Path) -> None:
    """Ask the kernel to drop the telemetry's files from its cache, so that the next reads come from the disk."""
    for path in (folder / "telemetry").rglob("*"):
        if path.is_file():
            try:
                file = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue  # merged away meanwhile
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def machine_state() -> str:
    """How busy the machine is with other things too."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def sizes(facts: dict[str, Any]) -> str:
    """Rows of each table and bytes per row on disk."""
    raw = facts["tables"]["samples"]
    others = ", ".join(
        f"{table} {facts['tables'][table]['rows'] / 1e6:.2f} M rows of {per_row(facts, table):.0f} bytes"
        for table in ("r10s", "r1m", "r1h", "sessions")
    )
    return (
        f"{raw['rows']:,} samples of 100 customers over 30 days, {per_row(facts, 'samples'):.1f} bytes per row on disk "
        f"({others}; r10s of the last {FINE_S // 3600} hours, r1m of the last {MINUTES_S // DAY_S} days; "
        f"made in {facts['made_s']:,.0f} s of two threads)"
    )


def per_row(facts: dict[str, Any], table: str) -> float:
    """Bytes on disk per row of a table."""
    held = facts["tables"][table]
    return float(held["bytes"] / max(held["rows"], 1))


def live_page(service: Service, people: dict[str, Any], facts: dict[str, Any]) -> Figure:
    """Every kind of request, REQUESTS times each, one after the other; files are forgotten every COLD_EVERY."""
    readers = Readers(service.port, people, facts["known"])
    before, asked = cpu_s(service.pid), 0
    for _ in range(REQUESTS):
        for kind in KINDS:
            if asked and asked % COLD_EVERY == 0:
                forget_files(service.folder)
            readers.ask(kind)
            asked += 1
    readers.close()
    each_ms = (cpu_s(service.pid) - before) / asked * 1000
    worst = max(readers.p95_ms().items(), key=lambda item: item[1])
    return Figure(
        "live_page",
        worst[1],
        f"ms, p95 of the slowest kind ({worst[0]})",
        300,
        100,
        "lower",
        f"{REQUESTS} of each kind in turn, by provider and customers, files dropped from memory every {COLD_EVERY}; "
        f"{readers.told()}; {each_ms:.0f} CPU-ms of the server each; {len(readers.bad)} not 200; {sizes(facts)}; "
        f"{memory_bytes(service.pid) / 1e9:.2f} GB at the end; {machine_state()}",
    )


class Inbox:
    """The on-call engineer's webhook: each page's text and the moment it came."""

    def __init__(self) -> None:
        self.pages: queue.Queue[tuple[str, float]] = queue.Queue()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["type"] == "page":
                    inbox.pages.put((json.dumps(body["data"]), time.monotonic()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Inbox":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, name: str, seconds: float) -> float | None:
        """When a page that names this app came; None when none did in time."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            try:
                text, at = self.pages.get(timeout=left)
            except queue.Empty:
                return None
            if name in text:
                return at
        return None


def everybody(people: dict[str, Any], times: int) -> list[dict[str, Any]]:
    """The plan of what all customers send; the neighbour sends `times` its share."""
    share = ORDINARY_ROWS_S * weights()[NEIGHBOUR - 1]
    sick = SICK_SESSIONS / REPORT_S
    falling = (*SICK_ALONE, *SICK)
    well = [app for app in range(2, CUSTOMERS + 1) if app not in falling]
    ordinary = max(ORDINARY_ROWS_S - share - len(falling) * sick, 0) / len(well)
    # A client waits for each batch's answer: one that sends much has several connections.
    plan = [(f"loud{n}", NEIGHBOUR, share * times / LOUD_CONNECTIONS) for n in range(LOUD_CONNECTIONS)]
    plan += [(str(app), app, sick) for app in falling] + [(str(app), app, ordinary) for app in well]
    return [sender(name, people["keys"][str(app)], rows, report_s=REPORT_S) for name, app, rows in plan]


def neighbour(service: Service, people: dict[str, Any], facts: dict[str, Any], inbox: Inbox) -> list[Figure]:
    """Pages of the others and pages to the engineer, while one customer sends twenty times its share."""
    alone: list[float] = []
    senders = Senders(service.port, everybody(people, 1))
    time.sleep(WARM_UP_S)
    fall_sick(SICK_ALONE, senders, people, inbox, alone)
    senders.stop()
    senders = Senders(service.port, everybody(people, TIMES))
    time.sleep(WARM_UP_S)
    readers = Readers(service.port, people, facts["known"], spared=(NEIGHBOUR,))
    delays: list[float] = []
    sick = threading.Thread(target=fall_sick, args=(SICK, senders, people, inbox, delays), daemon=True)
    before, begun = cpu_s(service.pid), time.monotonic()
    sick.start()
    while sick.is_alive() or any(len(readers.took[kind]) < REQUESTS for kind in KINDS):
        for kind in KINDS:
            readers.ask(kind)
            time.sleep(0.02)
    readers.close()
    busy = (cpu_s(service.pid) - before) / (time.monotonic() - begun)
    told = senders.stop()
    loud = [sender for name, sender in told["senders"].items() if name.startswith("loud")]
    worst = max(readers.p95_ms().items(), key=lambda item: item[1])
    latest = max(delays)
    promise = "no page later than 15 s" if latest <= 15 else f"the latest after {latest:.1f} s: too late"
    load = (
        f"{senders.rows_s:,.0f} rows/s in all, of which the neighbour {sum(one['rows_per_s'] for one in loud):,.0f} "
        f"({TIMES} times its share; {sum(one['refused'] for one in loud)} refused, "
        f"{max(one['lag_s'] for one in loud):.1f} s behind at most)"
    )
    detail = (
        f"{load}; {readers.told()}; {len(readers.bad)} not 200; pages of {len(SICK)} faults ({SHARE:.0%} of players "
        f"stall half of the time) in {spread(delays, 1)} s: {promise}; "
        f"the server used {busy:.2f} cores, the senders {told['cpu_s'] / told['seconds']:.2f}; {machine_state()}"
    )
    return [
        Figure("neighbour", worst[1], f"ms, p95 of the slowest kind ({worst[0]})", 500, 200, "lower", detail),
        Figure(
            "neighbour_page_delay",
            latest,
            "s, the latest page",
            15,
            8,
            "lower",
            f"{spread(delays, 1)} s from the first bad report sent to the webhook, p95 {quantile(delays, 0.95):.1f} s; "
            f"before, at ordinary load and with no readers: {spread(alone, 1)} s",
        ),
    ]


def fall_sick(
    apps: tuple[int, ...], senders: Senders, people: dict[str, Any], inbox: Inbox, delays: list[float]
) -> None:
    """One app after the other begins to stall at a random moment; how long each one's page took, in seconds."""
    draw = random.Random(3)
    for app in apps:
        time.sleep(draw.uniform(0, REPORT_S))
        first_bad = senders.turn_bad(str(app))
        came = inbox.wait_for(people["apps"][str(app)]["name"], PAGE_PATIENCE_S)
        delays.append(came - first_bad if came else float(PAGE_PATIENCE_S))
        senders.turn_good(str(app))
