"""Results on disk until the server has them: one file a run, fsynced before it counts, the oldest dropped first."""

import contextlib
import fcntl
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from aftercare.kernel.errors import Refused
from aftercare.kernel.ids import new_ref

SUFFIX = ".ndjson"
MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Batch:
    """One run's lines, whose key they are for (its fingerprint), and the name under which they count once."""

    path: Path
    key: str
    name: str

    def body(self) -> bytes:
        """The lines."""
        return self.path.read_bytes()


class Spool:
    """A folder of batches, held by one agent. `dropped` is how many were lost to the bound since it was opened.

    A file's name is its number, its Idempotency-Key and its key's fingerprint: a batch that is sent again after a
    crash is known by the server.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.dropped = 0
        self._most_bytes = most_bytes
        self._changes = threading.Lock()
        self._owner = (folder / "lock").open("w")
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"another probe uses the queue in {folder}: give this one its own with --queue") from None
        for draft in folder.glob(".draft-*"):
            draft.unlink()
        waiting = self.batches()
        self._number = int(waiting[-1].path.name.partition("-")[0]) + 1 if waiting else 0
        self._bytes = sum(batch.path.stat().st_size for batch in waiting)

    def add(self, key: str, body: bytes) -> Batch:
        """Keep a batch; when this returns it is on disk. Raises OSError where it cannot be."""
        with self._changes:
            batch = self._kept(key, body)
            self._number += 1
            self._bytes += len(body)
            while self._bytes > self._most_bytes and len(waiting := self.batches()) > 1:
                self._forget(waiting[0])
                self.dropped += 1
        return batch

    def _kept(self, key: str, body: bytes) -> Batch:
        """The batch written whole or not at all."""
        name = new_ref()
        path = self.folder / f"{self._number:012d}-{name}-{key}{SUFFIX}"
        draft = self.folder / f".draft-{name}"
        with draft.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        self._sync()
        return Batch(path, key, name)

    def batches(self) -> list[Batch]:
        """What waits, oldest first."""
        found = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            parts = path.name.removesuffix(SUFFIX).split("-")
            if len(parts) == 3 and parts[0].isdecimal():
                found.append(Batch(path, parts[2], parts[1]))
        return found

    def remove(self, batch: Batch) -> None:
        """Forget a batch that the server has, or will never take."""
        with self._changes:
            self._forget(batch)

    def _forget(self, batch: Batch) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._bytes -= batch.path.stat().st_size
            batch.path.unlink()

    def _sync(self) -> None:
        """Make the folder's names durable too."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
