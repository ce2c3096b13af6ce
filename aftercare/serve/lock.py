"""One `serve` per data folder, said in a sentence rather than in an engine's stack trace."""

import fcntl
import os
from pathlib import Path

from aftercare.kernel.errors import Refused


class FolderLock:
    """An advisory lock on the data folder, held for the life of the process and freed by the kernel at its death."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = data_dir / "serve.lock"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> None:
        """Take the lock. Raises Refused naming the process that has it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 32, 0).decode().strip() or "unknown"
            raise Refused(
                f"Aftercare already serves the folder {self._path.parent} (process {holder}). "
                "Stop that one first, or give this one a folder of its own with --data."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Free the lock."""
        os.close(self._file)


def is_served(data_dir: Path) -> bool:
    """Whether a living process holds the folder."""
    path = data_dir / "serve.lock"
    if not path.exists():
        return False
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
