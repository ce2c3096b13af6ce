"""Closing alerts that their source has told nothing more of, for as long as it said that silence means an end."""

from datetime import datetime

from django.db import transaction

from aftercare.watch.actions.told import close, open_of
from aftercare.watch.models import Alert, AlertSource, CloseReason

BATCH = 50


def close_silent(now: datetime) -> int:
    """Close what is due, source by source; returns how many alerts were. Safe to run in several processes.

    A source that just tells something is left to the next time: its word may be that the alert goes on.
    """
    due = Alert.objects.filter(closes_at__lte=now, closed_at=None, source__isnull=False)
    closed = 0
    for pk in list(due.order_by().values_list("source", flat=True).distinct()[:BATCH]):
        with transaction.atomic():
            held = AlertSource.objects.select_for_update(no_key=True, skip_locked=True)
            source = held.filter(pk=pk).first()
            if source is not None:
                closed += close(open_of(source).filter(closes_at__lte=now), CloseReason.UNSEEN, now)
    return closed
