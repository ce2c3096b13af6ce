"""The evaluation of every monitor, called every few seconds by whoever runs the process."""

from datetime import datetime

from aftercare.telemetry.store.engine import pool
from aftercare.watch.engine.evaluator import EVERY_S, Evaluator
from aftercare.watch.engine.history import forget_old_changes
from aftercare.watch.outside.silence import close_silent

__all__ = ["EVERY_S", "Evaluator", "process_due"]

_evaluator = Evaluator(pool)


def process_due(now: datetime) -> int:
    """Evaluate every monitor of every customer, and close what sources have gone silent about.

    Returns how many changed. To be called every EVERY_S seconds.

    Several processes may do this at once. Raises what the database raises; a failing telemetry engine is logged and
    changes nothing, since not being able to ask is not the same as no data.
    """
    changed = close_silent(now) + _evaluator.process_due(now)
    forget_old_changes(now)
    return changed
