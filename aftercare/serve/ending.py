"""One deadline for everything that going down waits for, and the end of the process where something keeps it."""

import logging
import os
import threading
import time

log = logging.getLogger(__name__)
WITHIN_S = 9.0
# What the embedded PostgreSQL gets in any case: a fast shutdown takes a moment, a killed one a recovery.
LAST_S = 2.0
STUCK = 70


class Ending:
    """Counts from the first signal. Each wait takes what is left of the shared time, and no more than its own share."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._ends: float | None = None
        self._watchdog = threading.Timer(within_s, self._give_up)
        self._watchdog.daemon = True

    def begin(self) -> None:
        """Begin to count; once it has begun, further calls change nothing."""
        if self._ends is None:
            self._ends = time.monotonic() + self._within_s
            self._watchdog.start()

    @property
    def has_begun(self) -> bool:
        """Whether the process is going down."""
        return self._ends is not None

    def left_s(self, most_s: float, *, keep_s: float = LAST_S) -> float:
        """The seconds a step may wait: at most its own share, and what is left but for `keep_s`, never negative."""
        if self._ends is None:
            return most_s
        return max(min(most_s, self._ends - keep_s - time.monotonic()), 0.0)

    def end(self) -> None:
        """All is down: nobody needs to be cut off."""
        self._watchdog.cancel()

    def _give_up(self) -> None:
        # As after kill -9: what was acknowledged is on disk, and the kernel ends the PostgreSQL whose starter is gone.
        log.error(
            "something keeps the process from ending: cut off after %.0f s; the next start repairs", self._within_s
        )
        os._exit(STUCK)
