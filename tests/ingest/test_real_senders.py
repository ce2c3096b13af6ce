"""Debian's Prometheus and vmagent, configured as the documentation says: what they say they sent is what is stored."""

import json
import math
import shlex
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.documented import block
from tests.exporters import node_exporter, running
from tests.service import Service, free_port

STORED = """
SELECT s.name, toString(s.labels), toUnixTimestamp64Milli(p.ts), any(p.value) FROM points AS p
INNER JOIN (SELECT DISTINCT id, name, labels FROM series) AS s ON p.series = s.id
WHERE s.labels['sender'] = '{sender}' GROUP BY ALL
"""
Samples = dict[tuple[str, str, int], float]


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


def sums(metrics: str, name: str) -> float:
    """The sum over all series of this name in an exposition."""
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line.startswith((f"{name}{{", f"{name} "))
    )


def scraping(sender: str, targets: dict[str, str], *, interval: str = "1s") -> str:
    """The part of a configuration that says what is scraped."""
    jobs = "".join(
        f"  - job_name: {job}\n    static_configs:\n      - targets: ['{host}']\n        labels: {{sender: {sender}}}\n"
        for job, host in targets.items()
    )
    return f"global: {{scrape_interval: {interval}}}\nscrape_configs:\n{jobs}"


def shown(labels: dict[str, str]) -> str:
    """Labels as the store writes them."""
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in labels.items() if value}
    return "{" + ",".join(f"'{name}':'{quoted[name]}'" for name in sorted(quoted)) + "}"


def own_samples(base: str, sender: str) -> Samples:
    """Every sample that a Prometheus has of this sender's jobs, but for the marks at the end of series."""
    asked = quote(f'{{sender="{sender}"}}[1h]')
    found = json.loads(get(f"{base}/api/v1/query?query={asked}"))["data"]["result"]
    samples: Samples = {}
    for series in found:
        labels = dict(series["metric"])
        name = labels.pop("__name__")
        for at_s, value in series["values"]:
            samples[name, shown(labels), round(at_s * 1000)] = float(value)
    return samples


def stored(service: Service, sender: str) -> Samples:
    rows = service.telemetry(STORED.format(sender=sender))
    return {(name, labels, at): math.inf if value is None else value for name, labels, at, value in rows}


def settled(base: str) -> str:
    """The sender's own metrics, once nothing of it waits to be sent."""
    ends = time.monotonic() + 60
    last = -1.0
    while time.monotonic() < ends:
        metrics = get(f"{base}/metrics")
        told = sums(metrics, "prometheus_remote_storage_samples_total")
        if told == last and sums(metrics, "prometheus_remote_storage_samples_pending") == 0:
            return metrics
        last = told
        time.sleep(6)  # a sender waits up to 5 s for a batch to fill
    raise AssertionError("it never had sent everything")


@pytest.mark.long
@pytest.mark.timeout(300)
def test_what_prometheus_says_it_sent_is_stored(service: Service, tmp_path: Path) -> None:
    port = free_port()
    base, config = f"http://127.0.0.1:{port}", tmp_path / "prometheus.yml"
    written = block("prometheus.md", "yaml", service=service)
    command = [
        *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle"),
    ]
    with node_exporter() as node:
        hosts = {"self": f"127.0.0.1:{port}", "node": node.split("/")[2]}
        config.write_text(written + scraping("prometheus", hosts))
        with running(command, f"{base}/-/ready", log=tmp_path / "log"):
            time.sleep(20)
            service.kill()  # it goes on sending what we did not acknowledge
            time.sleep(3)
            service.start()
            time.sleep(10)
            config.write_text(written)  # nothing is scraped any more, and what was is sent
            urllib.request.urlopen(urllib.request.Request(f"{base}/-/reload", method="POST")).close()  # noqa: S310
            metrics = settled(base)
            theirs = own_samples(base, "prometheus")
    sent = {name: sums(metrics, f"prometheus_remote_storage_samples_{name}_total") for name in ("failed", "retried")}
    taken = sums(metrics, "prometheus_remote_storage_samples_total") - sum(sent.values())
    assert sent["failed"] == sums(metrics, "prometheus_remote_storage_samples_dropped_total") == 0
    service.stop()
    ours = stored(service, "prometheus")
    known = {key: value for key, value in theirs.items() if not math.isnan(value)}
    assert len(known) > 20_000 and ours == known
    # Beside these it sent what is no number: quantiles of nothing, and a mark at the end of a series.
    ended = taken - len(theirs)
    assert 0 <= ended <= len({(name, labels) for name, labels, _ in theirs}), (taken, len(theirs), len(ours))
    service.start()


@pytest.mark.long
@pytest.mark.timeout(120)
def test_what_vmagent_says_it_sent_is_stored(service: Service, tmp_path: Path) -> None:
    if shutil.which("vmagent") is None:
        pytest.skip("this system's packages have no vmagent")
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    told = block("prometheus.md", "sh", service=service).replace("\\\n", " ").replace("prometheus.yml", "agent.yml")
    command = [*shlex.split(told), f"-httpListenAddr=127.0.0.1:{port}", f"-remoteWrite.tmpDataPath={tmp_path}/data"]
    config = tmp_path / "agent.yml"
    command = [part.replace("=agent.yml", f"={config}") for part in command]
    with node_exporter() as node:
        config.write_text(scraping("vmagent", {"node": node.split("/")[2]}))
        with running(command, f"{base}/metrics", log=tmp_path / "log"):
            time.sleep(10)
            config.write_text(scraping("vmagent", {}).replace("scrape_configs:\n", "scrape_configs: []\n"))
            get(f"{base}/-/reload")
            time.sleep(8)
            metrics = get(f"{base}/metrics")
    assert sums(metrics, "vmagent_remotewrite_packets_dropped_total") == 0
    sent = sums(metrics, "vmagent_remotewrite_global_rows_pushed_before_relabel_total")
    service.stop()
    ours: Any = stored(service, "vmagent")
    series = len({(name, labels) for name, labels, _ in ours})
    assert series > 300 and len(ours) <= sent <= len(ours) + 2 * series, (sent, len(ours), series)
    service.start()
