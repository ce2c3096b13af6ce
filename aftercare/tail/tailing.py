"""The loop of `aftercare tail`: read lines, send them, note how far, follow the log over its rotations."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aftercare.kernel.errors import Refused
from aftercare.tail.log_file import MOST_LINES, Chunk, LogFile
from aftercare.tail.position import Position, PositionFile
from aftercare.tail.rotation import files_since
from aftercare.tail.sending import Sender, Told, pause_s

POLL_S = 0.25
# A few lines are sent together: each batch waits for a commit of the server.
GATHER_S = 1.0
# After a log was renamed its writer goes on in the old file until it is told to open the new one.
LINGER_S = 5.0
# When of so many lines at the start none is taken, the mistake is ours, and nothing may be passed over.
STRANGE_LINES = 20


@dataclass
class Totals:
    """What was done so far. `lag` is in bytes."""

    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    not_cmcd: int = 0
    lag: int = 0


class Tail:
    """One log, followed to one server.

    `wait(seconds)` is true when it is time to stop; `show(totals, trouble)` tells a person.
    """

    def __init__(
        self,
        log: Path,
        sender: Sender,
        positions: PositionFile,
        *,
        wait: Callable[[float], bool],
        show: Callable[[Totals, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._sender = sender
        self._positions = positions
        self._wait = wait
        self._show = show
        self._clock = clock
        self._files: deque[LogFile] = deque()
        self._renamed_at: float | None = None
        self.totals = Totals()

    def run(self, *, once: bool, from_end: bool) -> None:
        """Send until told to stop, or with `once` until the log's end. Raises Refused."""
        self._open(from_end=from_end)
        gathered_at = self._clock()
        try:
            while True:
                chunk = self._next(is_over=once or len(self._files) > 1)
                is_full = chunk is not None and len(chunk.lines) >= MOST_LINES
                if chunk is not None and (is_full or once or self._clock() - gathered_at >= GATHER_S):
                    if not self._send(chunk):
                        return
                    gathered_at = self._clock()
                elif (chunk is None and once) or self._wait(POLL_S):
                    return
        finally:
            for file in self._files:
                file.close()

    def _open(self, *, from_end: bool) -> None:
        position = self._positions.load()
        if position is not None:
            self._find(position)
            if self._files:
                self._positions.save(self._files[0].position)
        elif self._log.exists():
            opened = LogFile(self._log)
            self._files.append(opened)
            self._positions.save(opened.move(opened.lag) if from_end else opened.position)
        if not self._files and not self._log.parent.is_dir():
            raise Refused(f"there is no {self._log}, nor a folder in which it could come to be")

    def _next(self, *, is_over: bool) -> Chunk | None:
        """The next lines, from whichever file has them; None where there are none now."""
        while self._files:
            if self._files[0].is_truncated():
                self._find_rest()
                continue
            chunk = self._files[0].read(is_over=is_over)
            if chunk.end > chunk.start:
                return chunk
            if len(self._files) == 1 and not self._turn_over():
                return None
            if len(self._files) > 1 and not self._files[0].read(is_over=True).lines:
                self._files.popleft().close()
                self._positions.save(self._files[0].position)
            is_over = is_over or len(self._files) > 1
        if self._log.exists():
            self._files.append(LogFile(self._log))
            self._positions.save(self._files[0].position)
        return None

    def _find_rest(self) -> None:
        """Of a log that was cut, the copy in which the rest stands, and what was written since."""
        cut = self._files.popleft()
        cut.close()
        while self._files:
            self._files.pop().close()
        self._find(cut.position)

    def _find(self, position: Position) -> None:
        """What is still to be read from a position on."""
        files, is_whole = files_since(self._log, position)
        self._files.extend(files)
        if not is_whole:
            self._show(self.totals, "the file that was read last is gone; what was not sent of it is lost")

    def _turn_over(self) -> bool:
        """Whether the log that was read to its end was renamed, and what comes after it is at hand now."""
        file = self._files[0]
        if file.is_named():
            self._renamed_at = None
            return False
        self._renamed_at = self._renamed_at or self._clock()
        if self._clock() - self._renamed_at < LINGER_S:
            return False
        self._renamed_at = None
        files, _ = files_since(self._log, file.position)
        for later in files:
            if later.is_same(file):
                later.close()
            else:
                self._files.append(later)
        return len(self._files) > 1

    def _send(self, chunk: Chunk) -> bool:
        """Send until the server has it; False when it is time to stop before."""
        file, tries = self._files[0], 0
        self.totals.rejected += chunk.too_long
        if chunk.lines:
            # What is being sent is noted first: after a crash exactly these lines are sent again, under their name.
            self._positions.save(file.move(chunk.start, chunk.end))
            while not (told := self._sender.send(chunk.body, file.name_of(chunk))).is_kept:
                tries += 1
                self._show(self.totals, told.sentence)
                if self._wait(pause_s(told, tries)):
                    return False
            self._count(chunk, told)
        self._positions.save(file.move(chunk.end))
        self.totals.lag = sum(each.lag for each in self._files)
        self._show(self.totals, "")
        return True

    def _count(self, chunk: Chunk, told: Told) -> None:
        """Add a batch to the totals. Raises Refused where the log looks to be of another format altogether."""
        body = told.body
        if "error" in body and not self.totals.accepted and len(chunk.lines) >= STRANGE_LINES:
            raise Refused(f"the server takes none of {len(chunk.lines)} lines, is --format right? {told.sentence}")
        self.totals.sent += len(chunk.lines)
        if "error" in body:
            self.totals.rejected += len(chunk.lines)
            self._show(self.totals, told.sentence)
            return
        for name in ("accepted", "duplicates", "rejected", "not_cmcd"):
            setattr(self.totals, name, getattr(self.totals, name) + int(body.get(name, 0)))
        if body.get("rejected"):
            self._show(self.totals, f"{body['rejected']} lines of a batch were refused, the first: {told.sentence}")
