"""What was held back: nothing keeps such a record yet."""

from datetime import datetime


def held_back_between(start: datetime, end: datetime) -> int | None:
    """How many alerts were held back from `start` until before `end`; None: it is not known."""
    return None
