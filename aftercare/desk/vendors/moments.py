"""Vendors' time stamps."""

from datetime import UTC, datetime
from typing import Any


def moment(value: Any, now: datetime, *, per_s: int = 1) -> datetime:
    """The instant of a time stamp with `per_s` to the second, `now` where there is none that makes sense."""
    try:
        return datetime.fromtimestamp(float(value) / per_s, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return now
