"""Raw rows and rollups agree, whatever was interrupted."""

from typing import Any

import pytest

from aftercare.telemetry.store.commits import Commits
from aftercare.telemetry.store.journal import Journal, sealed
from aftercare.telemetry.store.rollups import FEEDS
from aftercare.telemetry.store.steps import Steps

ROWS = [
    {"customer": 1, "app": 1, "session": f"s{i}", "country": f"C{i % 3}", "stall_ms": 10 * i, "interval_ms": 5000}
    for i in range(20)
]


def totals(telemetry: Any) -> list[tuple[int, int]]:
    raw = telemetry.pool.rows("SELECT count(), sum(stall_ms) FROM samples")[0]
    found = [tuple(raw)]
    for rollup in ("r10s", "r1m", "r1h"):
        for cut in ("", "country"):
            sql = f"SELECT sum(reports), sum(stall_ms) FROM {rollup} WHERE cut = '{cut}'"
            found.append(tuple(telemetry.pool.rows(sql)[0]))
    found.append(tuple(telemetry.pool.rows("SELECT sum(reports), sum(stall_ms) FROM sessions")[0]))
    return found


def test_it_works(telemetry: Any) -> None:
    telemetry.add(ROWS)
    telemetry.add(ROWS)
    assert set(totals(telemetry)) == {(40, 3800)}


@pytest.mark.parametrize("wrote", [True, False])
def test_repairs_a_step_that_was_begun_and_not_ended(telemetry: Any, wrote: bool) -> None:
    telemetry.add(ROWS)
    telemetry.add(ROWS, roll=False)
    steps, journal = telemetry.steps, telemetry.steps.journal
    for place, feed in enumerate(FEEDS):
        first, last = journal.built(place), journal.state.committed
        journal.begin(place, first, last)
        if wrote:
            steps._insert(feed.into, f"commit > {first} AND commit <= {last}")
    again = Journal(journal.path)
    Steps(telemetry.pool, again).recover()
    assert set(totals(telemetry)) == {(40, 3800)}
    telemetry.steps.journal = telemetry.commits.journal = again


def test_removes_raw_rows_that_were_never_acknowledged(telemetry: Any) -> None:
    telemetry.add(ROWS)
    journal = telemetry.commits.journal
    before = journal.state.committed
    telemetry.add(ROWS, roll=False)
    torn = journal.path.read_bytes()[: -len(sealed(1, 0, 0, 0))]
    journal.path.write_bytes(torn + b"torn")
    again = Journal(journal.path)
    assert again.state.committed == before
    commits = Commits(telemetry.pool, again)
    assert commits.recover() == 20
    assert set(totals(telemetry)) == {(20, 1900)}
    telemetry.steps.journal = telemetry.commits.journal = again
    telemetry.commits._next = commits._next


def test_a_part_written_of_a_failed_group_goes(telemetry: Any, monkeypatch: Any) -> None:
    telemetry.add(ROWS)
    real = type(telemetry.pool.client().__enter__()).insert_arrow

    def fails_after_writing(client: Any, *args: Any, **kwargs: Any) -> None:
        real(client, *args, **kwargs)
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("clickhouse_connect.driver._chdbclient.ChdbClient.insert_arrow", fails_after_writing)
        try:
            telemetry.add(ROWS)
        except OSError:
            pass
        else:
            raise AssertionError("the failure was swallowed")
    assert set(totals(telemetry)) == {(20, 1900)}
    telemetry.add(ROWS)
    assert set(totals(telemetry)) == {(40, 3800)}
