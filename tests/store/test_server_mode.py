"""Telemetry in a ClickHouse server: the same code through clickhouse-connect's HTTP client.

The server is tests/store/listener.py, one chDB behind ClickHouse's HTTP interface. No cluster of several nodes was run.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from clickhouse_connect.driver import create_client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.httpclient import HttpClient

from aftercare.telemetry.queries import (
    headline,
    metric_series,
    search_sessions,
    session_timeline,
    split,
    worst_sessions,
)
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.queries.user_rows import erase_day, rows_of_day
from aftercare.telemetry.queries.values import dimension_values
from aftercare.telemetry.store import engine
from aftercare.telemetry.store.client import Address, ClientPool, address_of
from aftercare.telemetry.store.commits import SCHEMA, Commits, as_array
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import migrate, pending
from aftercare.telemetry.store.rollups import FEEDS
from aftercare.telemetry.store.steps import Steps
from aftercare.telemetry.tests.made import crowd, playback
from aftercare.telemetry.tests.test_steps import ROWS, totals
from tests.service import Service, now_ms
from tests.store.server import clickhouse
from tests.telemetry import Telemetry, value_of
from tests.world import World

THREE = {"province": "广东", "os": "iOS", "carrier": ""}  # no cut holds these together: raw rows are asked


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    """A server for this file."""
    with clickhouse() as url:
        yield address_of(clickhouse_url=url, data_dir=Path("/nowhere"))


class Server(Telemetry):
    """The `telemetry` fixture's ways on a server."""

    def __init__(self, address: Address, folder: Path) -> None:
        self.pool = ClientPool(address, 3)
        migrate(self.pool)
        journal = Journal(folder / "journal")
        self.commits = Commits(self.pool, journal)
        self.steps = Steps(self.pool, journal)


@pytest.fixture
def server(address: Address, tmp_path: Path) -> Iterator[Server]:
    """Empty tables on the server."""
    server = Server(address, tmp_path)
    server.clear()
    yield server
    server.pool.close()


def test_it_works(server: Server) -> None:
    assert not server.pool.address.is_embedded
    assert pending(server.pool) == []
    assert migrate(server.pool) == []
    server.add(ROWS)
    server.add(ROWS)
    assert set(totals(server)) == {(40, 3800)}


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", False])
def test_every_packing_carries_rows_both_ways(server: Server, compress: str | bool) -> None:
    client = create_client(dsn=server.pool.address.url, compress=compress)
    table = table_of(ROWS)
    client.insert_arrow("samples", table)
    texts = [["广东"], ["a\tb'\\"], ["x" * 300_000]]
    client.command("CREATE TABLE IF NOT EXISTS texts (text String) ENGINE = Memory")
    client.command("TRUNCATE TABLE texts")
    client.insert("texts", texts, ["text"])
    assert sorted(client.query("SELECT text FROM texts").result_rows) == sorted((text,) for (text,) in texts)
    assert client.query("SELECT count(), sum(stall_ms) FROM samples").result_rows == [(20, 1900)]
    asked = client.query("SELECT {text:String}, {number:Int64}", {"text": "a'b\\\n\t广", "number": -5})
    assert asked.result_rows == [("a'b\\\n\t广", -5)]
    client.close()


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as `Commits` sends them."""
    filled = [{**row, "commit": 1} for row in rows]
    return pa.table([as_array([value_of(row, f) for row in filled], f.type) for f in SCHEMA], schema=SCHEMA)


def test_errors_come_back_as_the_engine_tells_them(server: Server) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as error:
        server.pool.rows("SELECT 1 FROM nowhere")
    assert error.value.code == 60
    wrong = server.pool.address.url.replace("aftercare:", "somebody:")
    with pytest.raises(DatabaseError, match="Authentication failed"):
        ClientPool(Address(wrong), 1)


def test_a_failed_group_and_a_lost_commit_go_by_lightweight_delete(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add(ROWS)
    real = HttpClient.insert_arrow

    def fails_after_writing(client: Any, *arguments: Any, **named: Any) -> None:
        real(client, *arguments, **named)
        raise OSError("the connection broke")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="the connection broke"):
        patch.setattr(HttpClient, "insert_arrow", fails_after_writing)
        server.add(ROWS)
    assert set(totals(server)) == {(20, 1900)}
    before = server.commits.journal.path.read_bytes()
    server.add(ROWS, roll=False)
    server.commits.journal.path.write_bytes(before)
    again = Journal(server.commits.journal.path)
    assert Commits(server.pool, again).recover() == 20
    assert set(totals(server)) == {(20, 1900)}


def test_a_step_cut_off_is_repaired(server: Server) -> None:
    server.add(ROWS)
    server.add(ROWS, roll=False)
    journal = server.steps.journal
    for place in range(2):
        journal.begin(place, journal.built(place), journal.state.committed)
    server.steps._insert(FEEDS[0].into, f"commit > {journal.built(0)}")
    assert Steps(server.pool, Journal(journal.path)).recover() == 2
    assert set(totals(server)) == {(40, 3800)}


def answers(world: World, start: datetime, end: datetime) -> dict[str, Any]:
    """What the pages ask, of whichever engine is open."""
    app, now = world.show_app, world.now
    timeline = session_timeline(app, "s1", now=now)
    assert timeline is not None
    found = search_sessions(app, start=start, end=end, filters={"province": "广东"}, text="s2")
    return {
        "series": metric_series(app, "rebuffering_ratio", start, end, step_s=60),
        "raw": metric_series(app, "rebuffering_ratio", start, end, THREE, 60),
        "headline": [(h.value, h.volume) for h in headline(app, ["rebuffering_ratio", "users"], start, end, now=now)],
        "split": split(app, "rebuffering_ratio", "province", start, end, now=now),
        "worst": worst_sessions(app, start, end),
        "found": (found.total, [row["session"] for row in found.rows]),
        "timeline": replace(timeline, received_at=0),
        "values": dimension_values(app, ["province", "os"], start, end),
    }


def test_queries_answer_as_the_embedded_engine_does(
    server: Server, telemetry: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = floored(world.now - timedelta(minutes=30), 60)
    end = start + timedelta(minutes=2)
    rows = crowd(world.show_app, start, 4, province="广东", os="iOS", stall_ms=1000)
    rows += crowd(world.show_app, start, 4, prefix="b", province="上海", os="Android")
    telemetry.add(rows)
    embedded = answers(world, start, end)
    server.add(rows)
    monkeypatch.setattr(engine, "_pool", server.pool)
    assert answers(world, start, end) == embedded
    assert embedded["series"][0][1] and embedded["raw"][0][1]
    assert embedded["found"] == (1, ["s2"])
    assert len(embedded["split"]) == 2 and len(embedded["worst"]) == 4


def test_a_user_is_exported_and_erased(server: Server, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    start = floored(world.now - timedelta(minutes=30), 60)
    server.add([*playback(world.show_app, "mine", start, user="u1"), *playback(world.show_app, "other", start)])
    monkeypatch.setattr(engine, "_pool", server.pool)
    day = start.date().isoformat()
    assert len(list(rows_of_day(world.show.pk, ["u1"], day))) == 13
    assert erase_day(world.show.pk, ["u1"], day) == 13
    left = server.pool.rows("SELECT DISTINCT session FROM samples UNION DISTINCT SELECT session FROM sessions")
    assert left == [("other",)]


def test_serve_takes_samples_and_rolls_them_up() -> None:
    with clickhouse() as url, tempfile.TemporaryDirectory(prefix="aftercare-server-mode-") as place:
        service = Service(Path(place) / "data", AFTERCARE_CLICKHOUSE_URL=url)
        service.start()
        service.seed()
        pool = ClientPool(address_of(clickhouse_url=url, data_dir=Path(place)), 1)
        try:
            sent = [{"session": f"s{i % 3}", "ts": now_ms() - i, "interval_ms": 5000} for i in range(30)]
            good = {"Idempotency_Key": "once"}
            assert service.samples([*sent, b"{nonsense"], **good)[1]["accepted"] == 30
            assert service.samples([*sent], **good)[1]["duplicates"] == 30
            service.kill()
            service.start()
            assert service.samples(sent, **good)[1]["duplicates"] == 30
            ends = time.monotonic() + 30
            while pool.rows("SELECT sum(reports) FROM r10s WHERE cut = ''")[0][0] != 30:
                assert time.monotonic() < ends, "the samples were not rolled up"
                time.sleep(0.2)
            assert pool.rows("SELECT count() FROM samples WHERE source = 'native'") == [(30,)]
            assert pool.rows("SELECT count() FROM rejects") == [(1,)]
            assert service.stop() < 10
        finally:
            pool.close()
    assert not (Path(place) / "data" / "telemetry" / "engine").exists()
