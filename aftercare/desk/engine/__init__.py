"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`."""

from datetime import datetime

from aftercare.desk.engine.files import forget_files
from aftercare.desk.engine.inbound import work_on_inbound
from aftercare.desk.engine.life import remind_of_calls, take_life_steps


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    return work_on_inbound(now) + take_life_steps(now) + remind_of_calls(now) + forget_files(now)
