"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`."""

from datetime import datetime

from aftercare.desk.actions.presence import end_forgotten
from aftercare.desk.engine.inbound import work_on_inbound


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    return work_on_inbound(now) + end_forgotten(now=now)
