"""The journal: which commits are acknowledged and how far each rollup is built, fsynced record by record.

A ClickHouse insert and a rollup step are not one transaction, so this file is what says which of them counts:
raw rows of a commit that is not here were never acknowledged and are removed at start; a step that was begun here but
not ended is repaired at start.
"""

import errno
import os
import struct
import threading
import zlib
from dataclasses import dataclass, field
from pathlib import Path

RECORD = struct.Struct("<BBQQ")
CHECKED = RECORD.size + 4
COMMIT, BEGIN, END = 1, 2, 3
# The writer's number sits above these bits of a commit number.
WRITER_SHIFT = 48


@dataclass
class JournalState:
    """What the records add up to. Rollups are known by their feed's place in `rollups.FEEDS`."""

    committed: int = 0
    built: dict[int, int] = field(default_factory=dict)
    begun: dict[int, tuple[int, int]] = field(default_factory=dict)

    def take(self, kind: int, rollup: int, first: int, last: int) -> None:
        """Apply one record."""
        if kind == COMMIT:
            self.committed = max(self.committed, last)
        elif kind == BEGIN:
            self.begun[rollup] = (first, last)
        elif kind == END:
            self.built[rollup] = last
            self.begun.pop(rollup, None)


class Journal:
    """An append-only file of checked records. One process writes it: its commits and its steps."""

    def __init__(self, path: Path, *, writer: int = 0) -> None:
        self.path = path
        self.base = writer << WRITER_SHIFT
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.state = JournalState(committed=self.base)
        for record in read_records(path):
            self.state.take(*record)
        self._compact()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._lock = threading.Lock()
        self._whole = os.fstat(self._file).st_size
        self._is_torn = False

    def commit(self, number: int) -> None:
        """Acknowledge a commit: when this returns, it survives a power cut."""
        self._append(COMMIT, 0, 0, number)

    def begin(self, rollup: int, first: int, last: int) -> None:
        """Say that the rollup takes commits after `first` up to `last`, before anything of it is written."""
        self._append(BEGIN, rollup, first, last)

    def end(self, rollup: int, last: int) -> None:
        """Say that the rollup holds all commits up to `last`."""
        self._append(END, rollup, 0, last)

    def built(self, rollup: int) -> int:
        """The last commit that the rollup holds."""
        return self.state.built.get(rollup, self.base)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, kind: int, rollup: int, first: int, last: int) -> None:
        with self._lock:
            # What a full disk left of a record goes before the next one: nothing behind a tear is ever read.
            if self._is_torn:
                os.ftruncate(self._file, self._whole)
            self._is_torn = True
            if os.write(self._file, sealed(kind, rollup, first, last)) != CHECKED:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fdatasync(self._file)
            self._is_torn = False
            self._whole += CHECKED
            self.state.take(kind, rollup, first, last)

    def _compact(self) -> None:
        """Rewrite the file as its sum, so that it never grows beyond one run's records."""
        state = self.state
        records = [sealed(COMMIT, 0, 0, state.committed)]
        records += [sealed(END, rollup, 0, last) for rollup, last in state.built.items()]
        records += [sealed(BEGIN, rollup, first, last) for rollup, (first, last) in state.begun.items()]
        draft = self.path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(b"".join(records))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def sealed(kind: int, rollup: int, first: int, last: int) -> bytes:
    """A record with its checksum."""
    body = RECORD.pack(kind, rollup, first, last)
    return body + struct.pack("<I", zlib.crc32(body))


def read_records(path: Path) -> list[tuple[int, int, int, int]]:
    """The whole records of a journal, up to the first torn one: what follows a tear was never acknowledged."""
    if not path.exists():
        return []
    data = path.read_bytes()
    records = []
    for start in range(0, len(data) - CHECKED + 1, CHECKED):
        body, check = data[start : start + RECORD.size], data[start + RECORD.size : start + CHECKED]
        if struct.pack("<I", zlib.crc32(body)) != check:
            break
        records.append(RECORD.unpack(body))
    return records
