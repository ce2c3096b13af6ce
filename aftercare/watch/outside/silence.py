"""Closing alerts that their source has told nothing more of, for as long as it said that silence means an end."""

import logging
from datetime import datetime

from django.db import transaction

from aftercare.kernel.standing import StoodDown, require_current
from aftercare.watch.actions.told import close, open_of
from aftercare.watch.models import Alert, AlertSource, CloseReason

log = logging.getLogger(__name__)

BATCH = 50


def close_silent(now: datetime) -> int:
    """Close what is due, source by source; returns how many alerts were. Safe to run in several processes.

    A source that just tells something is left to the next time: its word may be that the alert goes on.
    """
    due = Alert.objects.filter(closes_at__lte=now, closed_at=None, source__isnull=False)
    closed = 0
    for pk in list(due.order_by().values_list("source", flat=True).distinct()[:BATCH]):
        try:
            closed += close_of(pk, now)
        except StoodDown:
            raise
        except Exception:
            log.exception("silent alerts of source %s could not be closed; the next look tries again", pk)
    return closed


@transaction.atomic
def close_of(pk: int, now: datetime) -> int:
    """Close what is due of one source."""
    require_current()
    source = AlertSource.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    return close(open_of(source).filter(closes_at__lte=now), CloseReason.UNSEEN, now) if source else 0
