"""Scrape targets, pulled by a real server: what a target says is what is stored, whatever happens meanwhile."""

import itertools
import os
import signal
import time
import urllib.request
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.exporters import OPENMETRICS, Exporter, exporter, node_exporter
from tests.service import Service
from tests.visitor import Visitor
from tests.world import PASSWORD

# What is stored of a name, as (value, labels), each point once.
STORED = """
SELECT DISTINCT toUnixTimestamp64Milli(p.ts) AS at, p.value, s.labels['{by}'], s.kind, p.customer, p.app
FROM points AS p INNER JOIN (SELECT DISTINCT id, name, kind, labels FROM series) AS s ON p.series = s.id
WHERE s.name = '{name}' AND s.labels['job'] = '{job}' ORDER BY ALL
"""


def stored(service: Service, name: str, job: str, by: str = "instance") -> list[list[Any]]:
    return service.telemetry(STORED.format(name=name, job=job, by=by))


class Console:
    """Somebody who looks after targets on the pages."""

    def __init__(self, service: Service, email: str) -> None:
        self.visitor = Visitor(service.port)
        assert self.visitor.sign_in(email, PASSWORD)

    def add(self, place: str, name: str, address: str, **more: str) -> str:
        """Have a target pulled every 5 s; the address of its page."""
        form = {"name": name, "address": address, "interval_s": "5", "timeout_s": "2", **more}
        answer = self.visitor.post(f"{place}/targets/new", **form)
        assert answer.status == 302, answer.text
        return answer.place

    def until(self, page: str, *words: str, wait_s: float = 20) -> str:
        """The page, as soon as it says so."""
        ends = time.monotonic() + wait_s
        while not all(word in (text := self.visitor.get(page).text) for word in words):
            assert time.monotonic() < ends, text
            time.sleep(0.1)
        return text


def counting(target: Any) -> list[int]:
    """Have a target count its scrapes: each tells a number of its own. Returns what it told."""
    told: list[int] = []
    numbers = itertools.count(1)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        told.append(next(numbers))
        body = f"# TYPE told counter\ntold {told[-1]}\n".encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain; version=0.0.4")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    target.answer = answer
    return told


# Names as bluenviron/mediamtx documents them (docs: "Extract metrics"), livekit/livekit defines them
# (pkg/telemetry/prometheus) and ossrs/srs writes them (its exporter).
MEDIAMTX = b"""# metrics of every path
paths{name="live/room",state="ready"} 1
paths_bytes_received{name="live/room",state="ready"} 1234
paths_bytes_sent{name="live/room",state="ready"} 4321
paths_readers{name="live/room",state="ready"} 2
"""
LIVEKIT = b"""# TYPE livekit_room_total gauge
livekit_room_total{node_id="n1"} 3
# TYPE livekit_participant_total gauge
livekit_participant_total{node_id="n1"} 7
# TYPE livekit_packet_total counter
livekit_packet_total{node_id="n1",direction="incoming",transmission="rtp",country=""} 900
"""
SRS = b"""# HELP srs_streams The number of SRS concurrent streams.
# TYPE srs_streams gauge
srs_streams 2
# TYPE srs_send_bytes_total counter
srs_send_bytes_total 4096
# TYPE srs_clients gauge
srs_clients 5
"""
DOUBLES = {
    "mediamtx": (MEDIAMTX, "paths_bytes_received", 1234.0, "gauge"),
    "livekit": (LIVEKIT, "livekit_packet_total", 900.0, "counter"),
    "srs": (SRS, "srs_send_bytes_total", 4096.0, "counter"),
}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_targets_say_is_what_is_stored(service: Service) -> None:
    zhao, lin = Console(service, "zhao@starlight.example"), Console(service, "lin@provider.example")
    app = f"/apps/{service.seeded['show_app_ref']}"
    edge = lin.visitor.post("/resources/new", kind="edge", name="edge-sh-01").place
    with node_exporter() as address, exporter() as down, exporter() as told_target, exporter() as strange:
        lin.add(edge, "node", address, labels="region=cn-east")
        doubles = {name: Exporter(body) for name, (body, *_) in DOUBLES.items()}
        pages = [zhao.add(app, name, made.address) for name, made in doubles.items()]
        told = counting(told_target)
        counted = zhao.add(app, "counted", told_target.address)
        down.body = b"a 1\n"
        failing = zhao.add(app, "failing", down.address)
        strange.body = b'good{x="1"} 1\nbad line here\ngood{x="2"} 2\nup 7\n# EOF\n'
        strange.headers["Content-Type"] = OPENMETRICS
        odd = zhao.add(app, "odd", strange.address)

        zhao.until(odd, "good{x=&quot;1&quot;}", "2 lines: ")
        zhao.until(failing, "Up</span>")
        down.status = 503
        zhao.until(failing, "Failing</span>", "It answers with an error (HTTP 503)")
        down.status = 200
        assert "HTTP 503" not in zhao.until(failing, "Up</span>")
        for page in pages:
            zhao.until(page, "Up</span>")

        before = len(told)
        service.kill()  # at any moment, perhaps in the middle of a pull
        service.start()
        ends = time.monotonic() + 20
        while len(told) < before + 2 and time.monotonic() < ends:
            time.sleep(0.1)
        told_by_node = {
            line.split('mode="')[1].split('"')[0] + line.split('cpu="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1])
            for line in urllib.request.urlopen(address).read().decode().splitlines()  # noqa: S310 - loopback
            if line.startswith("node_cpu_seconds_total{")
        }
        assert "Up</span>" in zhao.visitor.get(counted).text
        service.stop()
        for made in doubles.values():
            made.close()

    rows = stored(service, "told", "counted")
    assert [row[1] for row in rows] == sorted({row[1] for row in rows}), "each scrape is there once"
    assert {row[1] for row in rows} <= set(told) and len(rows) >= len(told) - 2, "the kill cost what was under way"
    assert {row[3] for row in rows} == {"counter"}
    assert {(row[4], row[5]) for row in rows} == {(service.seeded["show"], service.seeded["show_app"])}
    for name, (_, series, value, kind) in DOUBLES.items():
        assert {(row[1], row[3]) for row in stored(service, series, name)} == {(value, kind)}, name
        assert {row[1] for row in stored(service, "up", name)} == {1.0}
    assert {row[1] for row in stored(service, "up", "failing")} == {0.0, 1.0}
    assert {row[1] for row in stored(service, "up", "odd")} == {1.0}, "a name of ours is not the target's to give"
    assert {(row[1], row[2]) for row in stored(service, "good", "odd", by="x")} == {(1.0, "1"), (2.0, "2")}
    assert {row[1] for row in stored(service, "scrape_samples_scraped", "srs")} == {3.0}
    refused = "SELECT DISTINCT line, reason, excerpt FROM rejects WHERE source = 'scrape' ORDER BY line"
    assert [(row[0], row[2]) for row in service.telemetry(refused)] == [(2, "bad"), (4, "up")]

    cpu = stored(service, "node_cpu_seconds_total", "node", by="mode")
    assert cpu and {row[4] for row in cpu} == {0} and {row[3] for row in cpu} == {"counter"}
    newest = {}
    for _, value, mode, *_ in cpu:
        newest[mode] = max(newest.get(mode, 0), value)
    for mode, value in newest.items():
        assert 0 <= max(said for key, said in told_by_node.items() if key.startswith(mode)) - value < 60, mode
    load = "SELECT sum(load_ms), countIf(memory_pct > 0), countIf(cpu_pct > 0) FROM samples WHERE edge = 'edge-sh-01'"
    (load_ms, memory, busy) = service.telemetry(load)[0]
    assert load_ms > 5000 and memory and busy


@pytest.mark.long
def test_goes_on_after_the_database_was_away_and_the_clock_was_set_back(service: Service) -> None:
    service.start()
    zhao = Console(service, "zhao@starlight.example")
    with exporter() as target:
        told = counting(target)
        page = zhao.add(f"/apps/{service.seeded['show_app_ref']}", "steady", target.address)
        zhao.until(page, "Up</span>")
        postmaster = service.folder / "postgresql" / "postmaster.pid"
        os.kill(int(postmaster.read_text().split("\n", 1)[0]), signal.SIGKILL)
        before = len(told)
        service.wait_until(lambda: len(told) > before or bool(time.sleep(0.1)))
        zhao.until(page, "Up</span>")
        service.kill()
        service.environment["AFTERCARE_CLOCK_OFFSET_S"] = "-3600"
        service.start()
        before = len(told)
        service.wait_until(lambda: len(told) > before + 1 or bool(time.sleep(0.1)))
        del service.environment["AFTERCARE_CLOCK_OFFSET_S"]
        service.stop()
    values = [row[1] for row in stored(service, "told", "steady")]
    assert sorted(values) == sorted(set(values)) and set(values) <= set(told) and len(values) >= len(told) - 3
