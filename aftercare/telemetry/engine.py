"""What this room does by itself: requests about end users' data, slice by slice, and the resource map."""

from datetime import datetime

from aftercare.telemetry.actions.learning import learn_when_due
from aftercare.telemetry.actions.user_data import purge_exports, work_on_next


def process_due(now: datetime) -> int:
    """One round: at most one slice of one request, old export files, the map; returns how much was done."""
    return work_on_next(now=now) + purge_exports(now=now) + learn_when_due(now=now)
