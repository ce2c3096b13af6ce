"""How far a log has been sent: on disk after every answer, so that a restart neither loses nor repeats a line."""

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from aftercare.kernel.errors import Refused

# A log is known by its inode and by how it begins: an inode is used again, and a copy has another.
HEAD = 1024


@dataclass(frozen=True)
class Position:
    """A place in a file. All before `offset` is kept by the server; up to `sending` it may be."""

    device: int
    inode: int
    offset: int
    head_size: int
    head: str
    sending: int = 0

    def is_in(self, descriptor: int) -> bool:
        """Whether an open file begins as the one of this position did, and reaches as far."""
        found = os.fstat(descriptor)
        if not self.head_size:
            return (found.st_dev, found.st_ino) == (self.device, self.inode)
        return found.st_size >= self.offset and head_of(descriptor, self.head_size) == self.head


def head_of(descriptor: int, size: int) -> str:
    """A fingerprint of an open file's first bytes."""
    return hashlib.sha256(os.pread(descriptor, size, 0)).hexdigest()[:32]


def position_in(descriptor: int, offset: int, sending: int = 0) -> Position:
    """The position at `offset` of an open file."""
    found = os.fstat(descriptor)
    size = min(offset, HEAD)
    return Position(found.st_dev, found.st_ino, offset, size, head_of(descriptor, size), sending)


class PositionFile:
    """The file that holds the position, and the lock that keeps a second reader of the same log away."""

    def __init__(self, folder: Path, log: Path, address: str) -> None:
        name = hashlib.sha256(f"{log.absolute()}\n{address}".encode()).hexdigest()[:16]
        # Not named like what a rotation makes of the log: the folder may be the log's own.
        self.path = folder / f"tail-{name}.json"
        self._lock: IO[str] | None = None

    def __enter__(self) -> "PositionFile":
        """Raises Refused where the folder cannot be used, or another process reads this log."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = self.path.with_suffix(".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another `aftercare tail` sends this log to this server already") from None
        except OSError as error:
            folder = self.path.parent
            raise Refused(f"the folder {folder} cannot be used ({error.strerror}); name one with --state") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    def load(self) -> Position | None:
        """The position as it was saved, None where there is none. Raises Refused for a file that is none of ours."""
        try:
            return Position(**json.loads(self.path.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise Refused(f"the position in {self.path} cannot be read ({error}); remove it to begin anew") from None

    def save(self, position: Position) -> None:
        """Put a position on disk, whole or not at all."""
        draft = self.path.with_suffix(".new")
        with draft.open("w") as file:
            json.dump(asdict(position), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
