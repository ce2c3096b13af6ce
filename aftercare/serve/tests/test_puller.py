"""The puller: a slow target holds nobody up, and what happens while database or store are away costs no state."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.utils import OperationalError

from aftercare.ingest.committer import Committer
from aftercare.ingest.points.recognised import is_recognised
from aftercare.ingest.points.series import Registry
from aftercare.kernel.clock import epoch_s
from aftercare.serve.scraping import puller as puller_module
from aftercare.serve.scraping.fetching import Call, Fetched, Unfetched
from aftercare.serve.scraping.puller import Puller
from aftercare.telemetry.models import ScrapeTarget
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.reading import floored
from tests.world import World

Pull = Callable[[Call], Fetched]


class Machine:
    """A puller on a real store and an event loop of its own; `answers` says what targets tell by their host."""

    def __init__(self, telemetry: Any, world: World) -> None:
        self.world, self.telemetry = world, telemetry
        self.answers: dict[str, Callable[[], bytes]] = {}
        self.called: list[str] = []
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.committer = Committer(telemetry.pool, telemetry.commits, clock=epoch_s)
        self.committer.start()
        self.puller = Puller(Registry(is_recognised=is_recognised), self.committer, pull=self.pull)
        self.puller.begin(self.loop)

    def pull(self, call: Call) -> Fetched:
        host = call.address.split("/")[2]
        self.called.append(host)
        return Fetched(self.answers[host](), "text/plain")

    def target(self, host: str, answer: Callable[[], bytes], *, app: Any = None, **more: Any) -> ScrapeTarget:
        self.answers[host] = answer
        times = {"created_at": self.world.now, "next_at": self.world.now, "interval_s": 15, "timeout_s": 10}
        owner = app or self.world.show_app
        return ScrapeTarget.objects.create(app=owner, name=host, address=f"http://{host}/metrics", **times, **more)

    def run(self, now: datetime, until: Callable[[], bool] = lambda: False) -> None:
        ends = time.monotonic() + 10
        while True:
            self.puller.process_due(now)
            if not self.puller._flying or until():
                return
            assert time.monotonic() < ends

    def stored(self, name: str) -> list[float]:
        rows = self.telemetry.pool.rows(
            "SELECT p.value FROM points AS p JOIN (SELECT DISTINCT id, name FROM series) AS s ON s.id = p.series "
            f"WHERE s.name = '{name}' ORDER BY p.ts, p.value"
        )
        return [row[0] for row in rows]

    def stop(self) -> None:
        self.committer.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def machine(telemetry: Any, world: World) -> Iterator[Machine]:
    made = Machine(telemetry, world)
    yield made
    made.stop()


def test_it_works(machine: Machine) -> None:
    target = machine.target("a:9100", lambda: b"told 5\n")
    machine.run(machine.world.now)
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert (target.up_since is not None, target.samples, machine.called) == (True, 1, ["a:9100"])
    assert (machine.stored("told"), machine.stored("up")) == ([5.0], [1.0])


def test_a_slow_target_holds_up_nobody_else(machine: Machine) -> None:
    gate = threading.Event()

    def hang() -> bytes:
        gate.wait(20)
        return b"late 1\n"

    for n in range(10):
        machine.target(f"slow{n}:9100", hang)
    quick = machine.target("quick:9100", lambda: b"told 1\n", app=machine.world.social_app)

    def is_in() -> bool:
        quick.refresh_from_db()
        return quick.up_since is not None

    try:
        machine.run(machine.world.now, until=is_in)
        assert is_in() and sum(host.startswith("slow") for host in machine.called) == 4
    finally:
        gate.set()
    machine.run(machine.world.now)
    assert len(machine.stored("late")) >= 10 and len(set(machine.called)) == 11


def test_what_was_pulled_while_the_database_was_away_is_told_later(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = machine.target("a:9100", lambda: b"told 5\n")
    real = puller_module.record_pulls

    def away(pulls: Any) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(puller_module, "record_pulls", away)
    with pytest.raises(OperationalError):
        machine.run(machine.world.now)
    assert machine.stored("told") == [5.0], "the measurements do not wait for it"
    monkeypatch.setattr(puller_module, "record_pulls", real)
    machine.run(machine.world.now + timedelta(seconds=1))
    target.refresh_from_db()
    assert (target.up_since is not None, len(machine.called)) == (True, 1)
    assert target.up_since < machine.world.now + timedelta(seconds=1), "when it was pulled, not when that was told"


def test_what_the_store_does_not_take_is_said_and_told_anew(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    target = machine.target("a:9100", lambda: b"told 5\n")
    with monkeypatch.context() as patched:
        patched.setattr(machine.committer, "submit", lambda batch: False)
        machine.run(machine.world.now)
    target.refresh_from_db()
    assert target.trouble == "What it answered could not be kept" and "too much waits" in target.trouble_detail
    machine.run(machine.world.now + timedelta(seconds=30))
    target.refresh_from_db()
    assert (target.trouble, machine.stored("told")) == ("", [5.0]), "its series were written down with the later pull"


def test_tells_of_a_target_that_is_down(machine: Machine) -> None:
    def down() -> bytes:
        raise Unfetched("No connection", "Connection refused")

    target = machine.target("a:9100", down)
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert (target.failing_since is not None, target.trouble_detail) == (True, "Connection refused")
    assert (machine.stored("up"), machine.stored("scrape_samples_scraped")) == ([0.0], [0.0])


def test_takes_nothing_of_an_answer_with_too_many_samples(machine: Machine) -> None:
    target = machine.target("a:9100", lambda: b"".join(b'told{n="%d"} 1\n' % n for n in range(20_001)))
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert "more than 20,000 samples" in target.trouble_detail
    assert (machine.stored("told"), machine.stored("up")) == ([], [0.0])


def test_keeps_the_series_already_known_when_a_customer_has_too_many(machine: Machine) -> None:
    machine.puller._registry._most = 5
    target = machine.target("a:9100", lambda: b"one 1\ntwo 2\nthree 3\n")
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert (target.samples, target.refused) == (2, 1) and "new series today" in target.trouble_detail
    machine.run(machine.world.now + timedelta(seconds=30))
    assert (machine.stored("two"), machine.stored("three")) == ([2.0, 2.0], [])


def test_a_token_that_can_no_longer_be_read_is_asked_for_again(machine: Machine) -> None:
    target = machine.target("a:9100", lambda: b"told 5\n", auth="bearer", secret="sealed under another key")
    machine.run(machine.world.now)
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert "give it again" in target.trouble and machine.called == []


def test_an_error_of_ours_ends_neither_the_loop_nor_the_target(machine: Machine) -> None:
    def broken() -> bytes:
        raise RuntimeError("a defect")

    target = machine.target("a:9100", broken)
    machine.run(machine.world.now)
    target.refresh_from_db()
    assert "its log says why" in target.trouble
    machine.answers["a:9100"] = lambda: b"told 5\n"
    machine.run(machine.world.now + timedelta(seconds=30))
    target.refresh_from_db()
    assert target.trouble == ""


def test_another_customer_gets_a_series_of_its_own(machine: Machine) -> None:
    for app in (machine.world.show_app, machine.world.social_app):
        machine.target("a:9100", lambda: b'told{customer="1"} 5\n', app=app)
    machine.run(machine.world.now)
    owners = "SELECT DISTINCT customer, app, id FROM series WHERE name = 'told'"
    found = machine.telemetry.pool.rows(owners)
    assert len({row[2] for row in found}) == 2
    assert {row[0] for row in found} == {machine.world.show.pk, machine.world.social.pk}


def node(busy_s: float, idle_s: float) -> bytes:
    return (
        "# TYPE node_cpu_seconds_total counter\n"
        f'node_cpu_seconds_total{{cpu="0",mode="idle"}} {idle_s}\n'
        f'node_cpu_seconds_total{{cpu="0",mode="user"}} {busy_s}\n'
        "node_memory_MemTotal_bytes 1000\nnode_memory_MemAvailable_bytes 250\n"
    ).encode()


def test_what_the_catalog_knows_becomes_its_metrics(machine: Machine) -> None:
    start = floored(machine.world.now, 60)
    counted = iter([node(100, 1000), node(103, 1012), node(106, 1024)])
    machine.target("a:9100", lambda: next(counted))
    ScrapeTarget.objects.update(next_at=start)
    for n in range(3):
        machine.run(start + timedelta(seconds=30 * n))
    machine.telemetry.steps.run_due(force=True)
    for metric, expected in (("server_cpu", 20.0), ("server_memory", 75.0)):
        found = metric_series(machine.world.show_app, metric, start, start + timedelta(minutes=1), step_s=60)
        assert found[0][1] == pytest.approx(expected), metric
        other = metric_series(machine.world.social_app, metric, start, start + timedelta(minutes=1), step_s=60)
        assert other[0][1] is None
