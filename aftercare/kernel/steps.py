"""Timed work in steps, of which none holds up the others."""

from collections.abc import Callable, Iterable
from datetime import datetime

Step = Callable[[datetime], int]


def take(steps: Iterable[Step], now: datetime) -> int:
    """Take every step; returns how many things they did. One that raises is raised again once all were taken."""
    done, errors = 0, []
    for step in steps:
        try:
            done += step(now)
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return done
