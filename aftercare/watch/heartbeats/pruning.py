"""How long the history of where heartbeats stood is kept; of pings themselves the last hundred each."""

from datetime import datetime, timedelta

from aftercare.watch.models import HeartbeatChange

KEEP = timedelta(days=90)
EVERY = timedelta(hours=1)
BATCH = 5000

_last: list[datetime] = []


def forget_old_changes(now: datetime) -> int:
    """Delete changes older than KEEP, once an hour and a batch at a time; returns how many went."""
    if _last and timedelta() <= now - _last[0] < EVERY:
        return 0
    _last[:] = [now]
    old = HeartbeatChange.objects.filter(at__lt=now - KEEP).values("pk")[:BATCH]
    deleted, _ = HeartbeatChange.objects.filter(pk__in=old).delete()
    return deleted
