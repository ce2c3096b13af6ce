"""One run of one target as it goes on: its steps, told as they are done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aftercare.probe.guard import Guard
from aftercare.probe.types import Seen, Step, Target


class Run:
    """The target, the guard of its addresses, the clock that began with it, and what was seen so far.

    `tell` hears of every step at once, so that the waterfall of a run that has to be killed is known.
    """

    def __init__(
        self,
        target: Target,
        guard: Guard,
        *,
        tell: Callable[[Step], None] = lambda step: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target = target
        self.guard = guard
        self.seen = Seen()
        self._tell = tell
        self._clock = clock
        self._begun = clock()

    @property
    def ms(self) -> int:
        """Milliseconds since the run began."""
        return round((self._clock() - self._begun) * 1000)

    @contextmanager
    def step(self, code: str) -> Iterator[None]:
        """Measures a step; one that raises is told as failed."""
        begun = self.ms
        try:
            yield
        except Exception:
            self._tell(Step(code, begun, self.ms - begun, failed=True))
            raise
        self._tell(Step(code, begun, self.ms - begun))

    def done(self, code: str, since_ms: int) -> None:
        """A step that ended now and began at `since_ms`."""
        self._tell(Step(code, since_ms, max(self.ms - since_ms, 0)))

    def reached(self, event: str, status: str = "") -> None:
        """What the run was for came now."""
        self.seen.event = event  # type: ignore[assignment]
        self.seen.status = status
        self.seen.elapsed_ms = max(self.ms, 1)
