"""A log that is open: whole lines from a place on, and whether it is still the file of its name."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

from aftercare.tail.position import Position, position_in

MOST_LINES = 1_000
MOST_BYTES = 1 << 20
# The server refuses longer ones; a file without line ends must not be gathered in memory.
LONGEST_LINE = 64 * 1024


@dataclass(frozen=True)
class Chunk:
    """The lines of a log from one place to another; `too_long` counts those left out."""

    start: int
    end: int
    lines: tuple[bytes, ...] = ()
    too_long: int = 0

    @property
    def body(self) -> bytes:
        """What is sent."""
        return b"\n".join(self.lines) + b"\n"


class LogFile:
    """One file, kept open though its name may go to another."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.position = position_in(self._descriptor, offset)

    @classmethod
    def at(cls, path: Path, position: Position) -> "LogFile | None":
        """The file at `path` where `position` is in it, else None."""
        try:
            opened = cls(path)
        except OSError:
            return None
        if not position.is_in(opened._descriptor):
            opened.close()
            return None
        opened.position = position
        return opened

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)

    @property
    def lag(self) -> int:
        """Bytes in it that the server does not have yet."""
        return max(os.fstat(self._descriptor).st_size - self.position.offset, 0)

    def is_truncated(self) -> bool:
        """Whether it was cut, or written anew: what was read of it is no longer its beginning."""
        return not self.position.is_in(self._descriptor)

    def is_named(self) -> bool:
        """Whether its name is still its own; a name that is gone for now is."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return True
        mine = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)

    def is_same(self, other: "LogFile") -> bool:
        """Whether both are one file."""
        return os.path.sameopenfile(self._descriptor, other._descriptor)

    def read(self, *, is_over: bool) -> Chunk:
        """The next lines. One without its end waits for it, unless the file is over.

        Where the position says that lines were being sent, exactly those again: they have a name at the server.
        """
        start, until = self.position.offset, self.position.sending
        data = os.pread(self._descriptor, until - start if until > start else MOST_BYTES, start)
        is_end = is_over and start + len(data) >= os.fstat(self._descriptor).st_size
        whole = len(data) if is_end or until > start else data.rfind(b"\n") + 1
        if not whole:
            return self._without_end(start, data)
        lines = io.BytesIO(data[:whole]).readlines()
        lines = lines if until > start else lines[:MOST_LINES]
        texts = [line.strip() for line in lines]
        kept = tuple(text for text in texts if 0 < len(text) <= LONGEST_LINE)
        return Chunk(start, start + sum(map(len, lines)), kept, sum(len(text) > LONGEST_LINE for text in texts))

    def _without_end(self, start: int, data: bytes) -> Chunk:
        """Nothing, or a step over a line that is longer than any may be."""
        if len(data) < MOST_BYTES:
            return Chunk(start, start)
        return Chunk(start, start + len(data), too_long=1)

    def name_of(self, chunk: Chunk) -> str:
        """A name for these lines that is the same whenever they are sent: file, places, content."""
        digest = hashlib.sha256(chunk.body).hexdigest()[:16]
        return f"{self.position.device:x}-{self.position.inode:x}-{chunk.start}-{chunk.end}-{digest}"

    def move(self, offset: int, sending: int = 0) -> Position:
        """Go on to another place."""
        self.position = position_in(self._descriptor, offset, sending)
        return self.position
