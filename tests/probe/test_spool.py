"""Results on disk: kept whole, in order, bounded, for one agent."""

import threading
from pathlib import Path

import pytest

from aftercare.kernel.errors import Refused
from aftercare.probe.spool import Spool


def test_it_works(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first, second = spool.add("key1", b"one"), spool.add("key2", b"two")
    assert [batch.body() for batch in spool.batches()] == [b"one", b"two"]
    assert (first.key, second.key) == ("key1", "key2") and first.name != second.name
    spool.remove(first)
    spool.remove(first)
    assert spool.batches() == [second]


def test_a_new_start_goes_on(tmp_path: Path) -> None:
    """A draft that was not finished is no result; a strange file is left alone."""
    spool = Spool(tmp_path)
    kept = spool.add("key", b"kept")
    spool._owner.close()
    (tmp_path / ".draft-x").write_bytes(b"half a li")
    (tmp_path / "notes.ndjson").write_text("mine")
    again = Spool(tmp_path)
    later = again.add("key", b"later")
    assert again.batches() == [kept, later] and not list(tmp_path.glob(".draft-*"))
    assert (tmp_path / "notes.ndjson").exists()


def test_the_oldest_are_dropped_and_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=100)
    for number in range(10):
        spool.add("key", f"{number:02}".encode() * 15)
    assert spool.dropped == 7
    assert [batch.body()[:2] for batch in spool.batches()] == [b"07", b"08", b"09"]
    spool.add("key", b"x" * 500)  # one that is larger than the bound is kept all the same
    assert [len(batch.body()) for batch in spool.batches()] == [500]


def test_rejects_a_second_agent(tmp_path: Path) -> None:
    held = Spool(tmp_path)
    with pytest.raises(Refused, match="its own with --queue"):
        Spool(tmp_path)
    held._owner.close()
    Spool(tmp_path)


def test_handles_many_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    threads = [threading.Thread(target=spool.add, args=("key", b"x")) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [batch.path.name.partition("-")[0] for batch in spool.batches()]
    assert len(set(numbers)) == 40
