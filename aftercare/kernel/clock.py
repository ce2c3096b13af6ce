"""The one place that reads the wall clock; everything else is handed `now`."""

import os
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The present instant, aware, in UTC.

    `AFTERCARE_CLOCK_OFFSET_S` shifts it (seconds, may be negative): the tests' way to jump a running server's clock.
    """
    offset_s = float(os.environ.get("AFTERCARE_CLOCK_OFFSET_S", "0"))
    return datetime.now(UTC) + timedelta(seconds=offset_s)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime."""
    return int(at.timestamp() * 1000)


def from_epoch_ms(ms: int) -> datetime:
    """The aware UTC datetime of a millisecond timestamp; raises OverflowError or ValueError when out of range."""
    return datetime.fromtimestamp(ms / 1000, UTC)
