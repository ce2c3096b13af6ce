"""Wall-clock times as instants, where a zone's clocks leap: one that is skipped, one that comes twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive local time: its first occurrence, or the end of the gap it falls into."""
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early
    return end_of_gap(zone, local.replace(tzinfo=zone, fold=1).astimezone(UTC), early)


def end_of_gap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second at which the zone's offset is the later one."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
