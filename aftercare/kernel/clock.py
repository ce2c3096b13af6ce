"""The one place that reads the wall clock; everything else is handed `now`."""

import os
import time
from datetime import UTC, datetime, timedelta

# Seconds, may be negative: the tests' way to start a server whose clock has jumped.
OFFSET_S = float(os.environ.get("AFTERCARE_CLOCK_OFFSET_S", "0"))
# Clocks of machines that keep time together differ by less.
CLOCKS_DIFFER = timedelta(seconds=15)


def epoch_s() -> float:
    """The present instant in seconds since the epoch."""
    return time.time() + OFFSET_S


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.fromtimestamp(epoch_s(), UTC)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime."""
    return int(at.timestamp() * 1000)


def from_epoch_ms(ms: int) -> datetime:
    """The aware UTC datetime of a millisecond timestamp; raises OverflowError or ValueError when out of range."""
    return datetime.fromtimestamp(ms / 1000, UTC)


class SetBack:
    """Notices that the clock was set back since it was last looked at."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def is_seen(self, now: datetime) -> bool:
        """Whether it was, by more than CLOCKS_DIFFER; also at the first look, since it may have been before that."""
        last, self._last = self._last, now
        return last is None or now < last - CLOCKS_DIFFER
