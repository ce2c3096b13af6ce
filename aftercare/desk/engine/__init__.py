"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`."""

from datetime import datetime

from aftercare.desk.actions.prepared import give_up_unsent
from aftercare.desk.engine.archive import pull_archives
from aftercare.desk.engine.inbound import work_on_inbound
from aftercare.desk.engine.service_pulls import ask_without_being_told


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    asked = pull_archives(now) + ask_without_being_told(now)
    return asked + work_on_inbound(now) + give_up_unsent(now)
