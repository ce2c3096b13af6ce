"""How long it is kept what was sent."""

from datetime import datetime, timedelta

from aftercare.notify.engine.callee_limits import forget_old_rings
from aftercare.notify.models import SETTLED, Delivery
from aftercare.notify.queries import needed_deliveries

# A quarter: who was told what, and when, is asked while a report of that quarter is still being argued about.
KEEP = timedelta(days=90)
EVERY = timedelta(minutes=1)
# What one pass deletes holds no lock for longer than a page can wait; a day of such passes is over a million rows.
SLICE = 1000

_last: list[datetime] = []


def forget_old_deliveries(now: datetime) -> int:
    """Delete a slice of what was settled and is older than KEEP, once a minute; returns how many rows went.

    What another room still needs stays (`queries.needed_by`): an open page keeps what went out about it.
    """
    if _last and timedelta() <= now - _last[0] < EVERY:
        return 0
    _last[:] = [now]
    forget_old_rings(now)
    old = Delivery.objects.filter(state__in=SETTLED, created_at__lt=now - KEEP)
    for needed in needed_deliveries():
        old = old.exclude(pk__in=needed)
    oldest = list(old.order_by("created_at").values_list("pk", flat=True)[:SLICE])
    _all, by_model = Delivery.objects.filter(pk__in=oldest).delete()
    return by_model.get("notify.Delivery", 0)
