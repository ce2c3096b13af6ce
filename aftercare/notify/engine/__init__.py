"""The sender: takes due rows out of the outbox and hands them to their channels.

`process_due(now)` is called on every `NOTIFY aftercare_outbox` and once a second; any number of processes may call it.
"""

from datetime import datetime

from aftercare.notify.engine.history import forget_old_deliveries
from aftercare.notify.engine.sender import Sender

_sender = Sender()


def process_due(now: datetime) -> int:
    """Send what is due with this process's sender, forget what is old; returns how many deliveries were claimed."""
    claimed = _sender.process_due(now)
    forget_old_deliveries(now)
    return claimed


def close(timeout_s: float = 6.0) -> None:
    """Wait for sends under way and record them; call it when the server stops."""
    _sender.close(timeout_s)
