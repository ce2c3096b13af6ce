"""Which day of the week, or holiday, each of the last days was for a customer."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from aftercare.watch.usual.curve import DAYS, HOLIDAY, SLOT_S
from aftercare.watch.usual.scales import Floats


@lru_cache(maxsize=512)
def weekdays_before(slot: int, zone: str, off: frozenset[date], made_up: frozenset[date]) -> Floats:
    """The weekday of the slot's day and of the DAYS before it, in this zone: 0 (Monday) to 6, or HOLIDAY.

    A make-up working day (调休) is a Monday, whatever its weekday.
    """
    day = datetime.fromtimestamp(slot * SLOT_S, UTC).astimezone(ZoneInfo(zone)).date()
    days = [day - timedelta(days=back) for back in range(DAYS + 1)]
    return np.array([kind_of(one, off, made_up) for one in days], dtype=np.float64)


def kind_of(day: date, off: Collection[date], made_up: Collection[date]) -> float:
    """What kind of day it is."""
    if day in made_up:
        return 0.0
    return float(HOLIDAY if day in off else day.weekday())
