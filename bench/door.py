"""Group `door`: data points per CPU-second, stored durably, beside two Go databases that take the same bytes.

The value of a figure is the ratio of our rate to VictoriaMetrics'. All three run one after the other on this machine,
in the same run, each with an empty folder; the two are Debian's packages.
"""

import shutil
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cramjam

from aftercare.ingest.points.wire import varint_of
from bench import load
from bench.figures import Figure, spread
from bench.ingest import server
from bench.tree import cpu_s, memory_bytes
from tests.service import free_port, now_ms

SERIES, BATCH, SCRAPES = 100_000, 2_000, 31
RUNS = 3
SETTLE_S = 12.0
KIND = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
}
OTLP = {"content-type": "application/x-protobuf"}


def field(number: int, content: bytes) -> bytes:
    """A field of a message: a tag, a length, the content."""
    return varint_of(number << 3 | 2) + varint_of(len(content)) + content


def labels_of(number: int) -> list[tuple[bytes, bytes]]:
    """The labels of the n-th series, as a node exporter's are."""
    host, kind = divmod(number, 200)
    return [
        (b"__name__", b"node_measured_%d_total" % (kind % 60)),
        (b"cluster", b"prod-%d" % (host % 3)),
        (b"cpu", b"%d" % (kind % 16)),
        (b"device", b"eth%d" % (kind % 4)),
        (b"instance", b"10.2.%d.%d:9100" % (host // 250, host % 250)),
        (b"job", b"node"),
        (b"mode", b"mode-%d" % kind),
        (b"region", b"cn-shanghai"),
    ]


def write_bodies(series: int, scrapes: int, end_ms: int) -> Iterator[bytes]:
    """Bodies of remote-write 1.0, a scrape after the other, one sample of each series a second."""
    made = [b"".join(field(1, field(1, n) + field(2, v)) for n, v in labels_of(number)) for number in range(series)]
    for scrape in range(scrapes):
        at = varint_of(end_ms - 1000 * (scrapes - scrape))
        for first in range(0, series, BATCH):
            parts = [
                field(1, made[n] + field(2, b"\x09" + struct.pack("<d", n + scrape * 1.5) + b"\x10" + at))
                for n in range(first, min(first + BATCH, series))
            ]
            yield bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def otlp_bodies(series: int, scrapes: int, end_ms: int) -> Iterator[bytes]:
    """The same points as OTLP sums: a resource per host, a metric per name, a data point per series."""
    for scrape in range(scrapes):
        at = (end_ms - 1000 * (scrapes - scrape)) * 1_000_000
        times = b"\x11" + struct.pack("<Q", at - 10**12) + b"\x19" + struct.pack("<Q", at)
        for first in range(0, series, BATCH):
            yield b"".join(otlp_host(host, times, scrape) for host in range(first // 200, (first + BATCH) // 200))


def otlp_host(host: int, times: bytes, scrape: int) -> bytes:
    """The ResourceMetrics of one host."""
    metrics: dict[bytes, list[bytes]] = {}
    resource: list[bytes] = []
    for number in range(host * 200, host * 200 + 200):
        told = dict(labels_of(number))
        name = told.pop(b"__name__")
        own = {label: told.pop(label) for label in (b"cpu", b"device", b"mode")}
        resource = [key_value(1, label, value) for label, value in told.items()]
        attributes = b"".join(key_value(7, label, value) for label, value in own.items())
        value = b"\x21" + struct.pack("<d", number + scrape * 1.5)
        metrics.setdefault(name, []).append(field(1, times + value + attributes))
    scopes = b"".join(
        field(2, field(1, name) + field(7, b"".join(points) + b"\x10\x02\x18\x01")) for name, points in metrics.items()
    )
    return field(1, field(1, b"".join(resource)) + field(2, scopes))


def key_value(number: int, name: bytes, value: bytes) -> bytes:
    """An attribute."""
    return field(number, field(1, name) + field(2, field(1, value)))


@contextmanager
def peer(name: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Debian's program of this name, listening, as (pid, port)."""
    program = shutil.which(name)
    if program is None:
        raise SystemExit(f"bench: {name} is not installed; run: apt-get install -y --no-install-recommends {name}")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        filled = [argument.format(port=port, folder=folder) for argument in arguments]
        if name == "prometheus":
            (Path(folder) / "prometheus.yml").write_text("global: {}\n")
        running = subprocess.Popen([program, *filled], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            yield running.pid, port
        finally:
            running.terminate()
            running.wait(60)


def victoria() -> Any:
    """Debian's VictoriaMetrics."""
    return peer("victoria-metrics", "-httpListenAddr=127.0.0.1:{port}", "-storageDataPath={folder}/data")


def prometheus() -> Any:
    """Debian's Prometheus, taking remote-write."""
    return peer(
        "prometheus",
        "--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.path={folder}/data",
        "--config.file={folder}/prometheus.yml",
        "--web.enable-remote-write-receiver",
    )


def wait_for(url: str) -> None:
    """Until something answers there."""
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own loopback address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"bench: nothing answers at {url}")


def points_per_cpu_s(pid: int, port: int, requests: list[load.Request], connections: int) -> float:
    """Data points per CPU-second of the process tree, what it does for them afterwards included."""
    before = cpu_s(pid)
    told = load.run(port, requests, seconds=0, connections=connections)
    time.sleep(SETTLE_S)
    if told["not_2xx"]:
        raise SystemExit(f"bench: {told['not_2xx']} of {told['requests']} requests were not taken")
    return float(told["lines"]) / (cpu_s(pid) - before)


def requests_of(path: str, bodies: Iterable[bytes], headers: dict[str, str]) -> list[load.Request]:
    """Each body as a request."""
    return [load.post(path, body, headers, BATCH) for body in bodies]


def ours(path: str, bodies: list[bytes], kind: dict[str, str]) -> float:
    """Our rate on a fresh server whose series are known: the first scrape is not counted, as with the others."""
    with server() as service:
        requests = requests_of(path, bodies, {**kind, **service.bearer()})
        connections = SERIES // BATCH
        load.run(service.port, requests[:connections], seconds=0, connections=connections)
        return points_per_cpu_s(service.pid, service.port, requests[connections:], connections)


def theirs(make: Callable[[], Any], bodies: list[bytes]) -> float:
    """A peer's rate."""
    with make() as (pid, port):
        requests = requests_of("/api/v1/write", bodies, KIND)
        connections = SERIES // BATCH
        load.run(port, requests[:connections], seconds=0, connections=connections)
        return points_per_cpu_s(pid, port, requests[connections:], connections)


def rates() -> dict[str, list[float]]:
    """Points per CPU-second of everybody, in turns, so that a noisy minute falls on all."""
    written = list(write_bodies(SERIES, SCRAPES, now_ms()))
    exported = list(otlp_bodies(SERIES, SCRAPES, now_ms()))
    found: dict[str, list[float]] = {"remote-write": [], "otlp": [], "victoria-metrics": [], "prometheus": []}
    for _ in range(RUNS):
        found["remote-write"].append(ours("/api/v1/write", written, KIND))
        found["victoria-metrics"].append(theirs(victoria, written))
        found["otlp"].append(ours("/v1/metrics", exported, OTLP))
        found["prometheus"].append(theirs(prometheus, written))
    return found


def ratio(name: str, way: str, found: dict[str, list[float]], note: str = "") -> Figure:
    """One figure: the middle of our rates by the middle of VictoriaMetrics'."""
    told = "; ".join(f"{who} {spread(found[who])}" for who in (way, "victoria-metrics", "prometheus"))
    detail = (
        f"points per CPU-second: {told}; {SERIES:,} series, {SCRAPES - 1} scrapes, {BATCH} points a request, "
        f"{SERIES // BATCH} in flight{note}"
    )
    value = middle(found[way]) / middle(found["victoria-metrics"])
    return Figure(name, value, "× VictoriaMetrics", 0.5, 1, "higher", detail)


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


def series_growth() -> Figure:
    """Bytes of memory per series of one customer, from 1,000 to 100,000 of them; CPU per point beside it."""
    steps, rows = (1_000, 10_000, 30_000, 100_000), []
    with server() as service:
        before = memory_bytes(service.pid)
        for step in steps:
            bodies = write_bodies(step, 3, now_ms())
            requests = requests_of("/api/v1/write", bodies, {**KIND, **service.bearer()})
            cpu = cpu_s(service.pid)
            load.run(service.port, requests, seconds=0, connections=1)
            time.sleep(3)
            rows.append((step, memory_bytes(service.pid), 1e6 * (cpu_s(service.pid) - cpu) / (3 * step)))
    growth = (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0])
    table = "; ".join(f"{step:,} series: {memory / 1e6:.0f} MB, {cpu:.1f} CPU-µs a point" for step, memory, cpu in rows)
    note = "each step sends three scrapes, its new series among them; bounds are our own"
    detail = f"empty {before / 1e6:.0f} MB; {table}; {note}"
    return Figure("series_100k", growth, "bytes per series", 4_000, 1_500, "lower", detail)


def measure() -> list[Figure]:
    """All figures of the group."""
    found = rates()
    note = "; the peers' versions in Debian know no OTLP and took the same points by remote-write"
    return [
        ratio("remote_write_points", "remote-write", found),
        ratio("otlp_points", "otlp", found, note),
        series_growth(),
    ]
