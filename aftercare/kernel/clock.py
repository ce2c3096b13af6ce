"""The one place that reads the wall clock; everything else is handed `now`."""

import os
import time
from datetime import UTC, datetime

# Seconds, may be negative: the tests' way to start a server whose clock has jumped.
OFFSET_S = float(os.environ.get("AFTERCARE_CLOCK_OFFSET_S", "0"))


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
