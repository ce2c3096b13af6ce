"""Short of room on the disk, the embedded engine is not asked to write: it would not notice that its writes fail."""

from pathlib import Path
from typing import Any

import pytest

from aftercare.telemetry.store import room
from aftercare.telemetry.store.client import Address, remove_empty_mutations
from aftercare.telemetry.store.deletes import delete_rows
from aftercare.telemetry.tests.test_steps import ROWS, totals


def test_it_works(telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.add(ROWS)
    with monkeypatch.context() as patch:
        patch.setattr(room, "free_bytes", lambda pool: room.LEAST_BYTES - 1)
        with pytest.raises(OSError, match="less than the 256 it needs"):
            telemetry.add(ROWS)
        with pytest.raises(OSError, match="MiB free"):
            delete_rows(telemetry.pool, "samples", "1", patience_s=1)
        assert telemetry.steps.run_due(force=True) == 0
    assert telemetry.pool.rows("SELECT count() FROM samples") == [(20,)]
    telemetry.add(ROWS)
    assert set(totals(telemetry)) == {(40, 3800)}


def test_a_commit_that_ran_short_of_room_is_not_believed(telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([room.LEAST_BYTES, room.LEAST_BYTES_AFTER - 1, room.LEAST_BYTES, room.LEAST_BYTES])
    with monkeypatch.context() as patch:
        patch.setattr(room, "free_bytes", lambda pool: next(left))
        with pytest.raises(OSError, match="MiB free"):
            telemetry.add(ROWS)
    assert telemetry.pool.rows("SELECT count() FROM samples") == [(0,)]


def test_merges_wait_for_room(telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    free = [room.LEAST_BYTES - 1]
    monkeypatch.setattr(room, "free_bytes", lambda pool: free[0])
    monkeypatch.setattr(type(telemetry.pool), "command", lambda pool, sql: said.append(sql))
    merges = room.Merges(telemetry.pool)
    assert [merges.may_work(), merges.may_work()] == [False, False]
    free[0] = room.LEAST_BYTES
    assert [merges.may_work(), merges.may_work()] == [True, True]
    assert said == ["SYSTEM STOP MERGES", "SYSTEM START MERGES"]


def test_a_server_looks_after_its_own_disks() -> None:
    class Pool:
        address = Address("http://host:8123")

    room.require_room(Pool())  # type: ignore[arg-type]


def test_what_a_full_disk_left_of_a_delete_is_cleared(tmp_path: Path) -> None:
    table = tmp_path / "store" / "94d" / "94de8397"
    table.mkdir(parents=True)
    (table / "mutation_4.txt").touch()
    (table / "mutation_5.txt").write_text("format version: 1\n")
    remove_empty_mutations(tmp_path)
    assert [path.name for path in table.iterdir()] == ["mutation_5.txt"]
