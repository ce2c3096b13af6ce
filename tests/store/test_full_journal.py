"""A disk that fills up between an insert and its journal record, or in the middle of a step and of its repair."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from aftercare.telemetry.store import journal as journals
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.tests.test_steps import ROWS, totals


def full(*_arguments: Any) -> None:
    """What every write does on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal")
    journal.commit(1)
    with monkeypatch.context() as patch:
        write = os.write
        patch.setattr(journals.os, "write", lambda file, record: write(file, record[:7]))
        with pytest.raises(OSError, match="No space left"):
            journal.commit(2)
        patch.setattr(journals.os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.commit(2)
    journal.commit(3)
    journal.close()
    assert journal.state.committed == 3
    assert Journal(tmp_path / "journal").state.committed == 3


def test_what_the_journal_could_not_take_is_not_kept(telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.add(ROWS)
    with monkeypatch.context() as patch:
        patch.setattr(journals.os, "fdatasync", full)
        with pytest.raises(OSError, match="No space left"):
            telemetry.add(ROWS)
    assert set(totals(telemetry)) == {(20, 1900)}
    telemetry.add(ROWS)
    assert set(totals(telemetry)) == {(40, 3800)}


@pytest.mark.parametrize("fails", ["_insert", "_rebuild"])
def test_a_step_whose_repair_failed_is_repaired_later(
    telemetry: Any, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    telemetry.add(ROWS)
    telemetry.add(ROWS, roll=False)
    steps = telemetry.steps
    insert = steps._insert

    def stops_after_writing(*arguments: Any) -> None:
        insert(*arguments)
        full()

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(steps, "_insert", stops_after_writing)
            if fails == "_rebuild":
                patch.setattr(steps, "_rebuild", full)
            with pytest.raises(OSError, match="No space left"):
                steps.run_due(force=True)
        telemetry.add(ROWS, roll=False)
    while steps.run_due(force=True):
        pass
    assert set(totals(telemetry)) == {(80, 7600)}


def test_a_journal_that_cannot_be_ended_repairs_its_step(telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.add(ROWS, roll=False)
    with monkeypatch.context() as patch:
        patch.setattr(telemetry.steps.journal, "end", full)
        with pytest.raises(OSError, match="No space left"):
            telemetry.steps.run_due(force=True)
    while telemetry.steps.run_due(force=True):
        pass
    assert set(totals(telemetry)) == {(20, 1900)}
