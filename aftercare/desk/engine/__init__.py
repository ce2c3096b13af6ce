"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`."""

from datetime import datetime

from aftercare.desk.engine.inbound import work_on_inbound
from aftercare.desk.engine.keeping import wake_and_remind
from aftercare.desk.engine.searching import index_changed


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    return work_on_inbound(now) + wake_and_remind(now) + index_changed(now)
