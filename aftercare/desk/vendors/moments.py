"""Vendors' time stamps."""

from datetime import UTC, datetime, timedelta

# Where a stamp is only what somebody else's server says, one older than this is no time of a chat.
OLDEST = timedelta(days=5)


def moment(value: object, now: datetime, *, per_s: int = 1, oldest: timedelta | None = None) -> datetime:
    """The instant of a time stamp with `per_s` to the second, never in the future.

    `now` where there is none that makes sense, or it lies further back than `oldest`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return now
    try:
        at = datetime.fromtimestamp(float(value) / per_s, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    if at.timestamp() <= 0 or (oldest is not None and at < now - oldest):
        return now
    return min(at, now)
