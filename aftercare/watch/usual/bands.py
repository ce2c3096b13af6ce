"""The band in which a value is usual, and what lies outside it."""

import math
from dataclasses import dataclass
from typing import Any

from aftercare.watch.usual.curve import Usual
from aftercare.watch.usual.scales import Scale

# How many times the usual deviation is too far. Six is one look in a thousand million where deviations are normal; they
# are not, and there are thousands of looks an hour.
TIMES = {"low": 8.0, "normal": 6.0, "high": 4.5}
# The sentence names the band that holds nearly all of what is usual, not the one that wakes somebody.
SHOWN_TIMES = 2.576


@dataclass(frozen=True)
class Band:
    """What is usual for a value that rests on this much volume, all in the metric's own unit.

    Outside `low` to `high` it is too far; from `shown_low` to `shown_high` lie 99 of 100. `days` is how many days of
    the past say so, 0 while there is no season yet.
    """

    usual: float
    low: float
    high: float
    shown_low: float
    shown_high: float
    days: int

    def as_dict(self) -> dict[str, Any]:
        """As an alert keeps it."""
        names = ("usual", "low", "high", "shown_low", "shown_high")
        return {"kind": "anomaly", **{name: round(getattr(self, name), 6) for name in names}, "days": self.days}


def band_of(usual: Usual, scale: Scale, volume: float, times: float) -> Band:
    """The band at this volume; never so narrow that a change of no weight lies outside."""
    deviation = deviation_of(usual, volume)
    middle = scale.back(usual.centre)
    low, high = (scale.back(usual.centre + sign * times * deviation) for sign in (-1, 1))
    shown = [scale.back(usual.centre + sign * SHOWN_TIMES * deviation) for sign in (-1, 1)]
    return Band(
        usual=middle,
        low=min(low, scale.lenient(middle, above=False)),
        high=max(high, scale.lenient(middle, above=True)),
        shown_low=shown[0],
        shown_high=shown[1],
        days=usual.days,
    )


def deviation_of(usual: Usual, volume: float) -> float:
    """One standard deviation on the scale for a value of this volume: between like slots, and of counting."""
    return math.sqrt(usual.spread**2 + usual.noise / max(volume, 1.0))


def between(first: Usual, second: Usual, part: float) -> Usual:
    """What is usual between the middles of two slots, `part` of the way from the first to the second."""
    centre = first.centre + (second.centre - first.centre) * part
    return Usual(centre, max(first.spread, second.spread), first.noise, first.slots, min(first.days, second.days))
