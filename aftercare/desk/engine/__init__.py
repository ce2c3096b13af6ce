"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`."""

from datetime import datetime

from aftercare.desk.actions.logs import expire_logs
from aftercare.desk.actions.phone import remind_of_call_backs
from aftercare.desk.engine.inbound import work_on_inbound
from aftercare.desk.engine.routing import give_out, take_back


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    return work_on_inbound(now) + take_back(now) + give_out(now) + expire_logs(now) + remind_of_call_backs(now)
