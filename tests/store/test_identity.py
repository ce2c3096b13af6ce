"""Telemetry and the journal that says what of it counts belong together; with another's, nothing is removed."""

from pathlib import Path
from typing import Any

import pytest

from aftercare.kernel.errors import Refused
from aftercare.telemetry.store.commits import Commits
from aftercare.telemetry.store.identity import NAME, adopt, require_match
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.tests.made import row
from tests.world import World


@pytest.fixture
def own(telemetry: Any, tmp_path: Path) -> Journal:
    """A journal in a folder of its own that the engine was tied to while it was empty."""
    telemetry.pool.command(f"DROP TABLE IF EXISTS {NAME}")
    journal = Journal(tmp_path / "own" / "journal")
    require_match(telemetry.pool, journal, tmp_path / "own")
    return journal


def count(telemetry: Any) -> int:
    return int(telemetry.pool.rows("SELECT count() FROM samples")[0][0])


def store(telemetry: Any, world: World, journal: Journal) -> None:
    telemetry.add([row(world.show_app, "kept", world.now)], roll=False)
    journal.commit(telemetry.commits.journal.state.committed)


def test_it_works(telemetry: Any, world: World, own: Journal, tmp_path: Path) -> None:
    store(telemetry, world, own)
    require_match(telemetry.pool, own, tmp_path / "own")
    require_match(telemetry.pool, Journal(own.path), tmp_path / "own")
    assert Commits(telemetry.pool, Journal(own.path)).recover() == 0


@pytest.mark.parametrize("has_written", [False, True])
def test_rejects_another_folders_journal(
    telemetry: Any, world: World, own: Journal, tmp_path: Path, has_written: bool
) -> None:
    store(telemetry, world, own)
    other = Journal(tmp_path / "other" / "journal")
    if has_written:
        other.commit(5)
        (tmp_path / "other" / NAME).write_text("another")
    with pytest.raises(Refused, match="adopt-telemetry"):
        require_match(telemetry.pool, other, tmp_path / "other")
    assert count(telemetry) == 1


def test_rejects_a_lost_journal_until_it_is_adopted(telemetry: Any, world: World, own: Journal, tmp_path: Path) -> None:
    store(telemetry, world, own)
    own.path.unlink()
    lost = Journal(own.path)
    with pytest.raises(Refused, match="which of its rows were acknowledged"):
        require_match(telemetry.pool, lost, tmp_path / "own")
    adopt(telemetry.pool, lost, tmp_path / "own")
    require_match(telemetry.pool, lost, tmp_path / "own")
    assert Commits(telemetry.pool, lost).recover() == 0
    assert count(telemetry) == 1


def test_an_installation_from_before_the_check_is_tied(
    telemetry: Any, world: World, own: Journal, tmp_path: Path
) -> None:
    store(telemetry, world, own)
    telemetry.pool.command(f"TRUNCATE TABLE {NAME}")
    (tmp_path / "own" / NAME).unlink()
    require_match(telemetry.pool, own, tmp_path / "own")
    with pytest.raises(Refused):
        require_match(telemetry.pool, Journal(tmp_path / "new" / "journal"), tmp_path / "new")


def test_an_emptied_engine_is_taken(telemetry: Any, world: World, own: Journal, tmp_path: Path) -> None:
    own.commit(7)
    telemetry.pool.command(f"TRUNCATE TABLE {NAME}")
    require_match(telemetry.pool, own, tmp_path / "own")
