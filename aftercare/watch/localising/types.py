"""What the search for causes takes and gives: leaves in, causes with their evidence out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Way(StrEnum):
    """Which departures from the expected are looked for."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


@dataclass(frozen=True)
class Leaves:
    """The finest groups that a metric has in one window; one row per group, in any order.

    `codes` is n × d: for each leaf and dimension a place in `values[dimension]`. `observed` (n) counts what went wrong,
    or is any additive value; `volume` (n) is what it is a share of (viewers, attempts, seconds), for a plain count the
    count itself or ones. What is usual comes from one of these, the first that is given:
    `expected` (n), a forecast of `observed`; `past_observed` and `past_volume` (n × windows before this one), whose
    rate per leaf is taken; or nothing, and the rate of the other leaves is what is usual. What is below nought, as a
    forecast may be, is taken as nought.

    `one` is what one event adds to `observed`, in its unit: 1 where events are counted, for stalled seconds a usual
    stall's length; 0 for a measure that no events add up to. Not told, it is 1 for whole numbers and else 0.
    """

    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Codes
    observed: Floats
    volume: Floats
    expected: Floats | None = None
    past_observed: Floats | None = None
    past_volume: Floats | None = None
    one: float | None = None

    @property
    def alone(self) -> bool:
        """Whether there is neither a forecast nor a past in which anything was seen."""
        return self.expected is None and (self.past_volume is None or not self.past_volume.any())

    def __post_init__(self) -> None:
        """ValueError for arrays that do not fit each other, and for what is no number: the caller's mistake."""
        n, d = len(self.observed), len(self.dimensions)
        rows = [self.volume, *(x for x in (self.expected, self.past_observed, self.past_volume) if x is not None)]
        fits = self.codes.shape == (n, d) and len(self.values) == d and all(len(row) == n for row in rows)
        pair = (self.past_observed, self.past_volume)
        same = all(x is None for x in pair) or (
            pair[0] is not None and pair[0].shape == getattr(pair[1], "shape", None)
        )
        if not fits or not same:
            raise ValueError("the leaves' columns do not fit each other")
        within = n == 0 or all(
            self.codes[:, at].min() >= 0 and self.codes[:, at].max() < len(self.values[at]) for at in range(d)
        )
        if not within:
            raise ValueError("the leaves' columns do not fit each other")
        if not all(np.isfinite(row).all() for row in (self.observed, *rows)):
            raise ValueError("what leaves hold is finite")
        for name in ("observed", "volume", "expected", "past_observed", "past_volume"):
            row = getattr(self, name)
            if row is not None:
                object.__setattr__(self, name, np.maximum(row, 0.0))


@dataclass(frozen=True)
class Side:
    """What leaves add up to; a rate or lift of nothing is None."""

    observed: float
    expected: float
    volume: float

    @property
    def rate(self) -> float | None:
        """Observed per volume."""
        return self.observed / self.volume if self.volume > 0 else None

    @property
    def lift(self) -> float | None:
        """Observed per expected."""
        return self.observed / self.expected if self.expected > 0 else None

    def as_dict(self) -> dict[str, Any]:
        """As an alert keeps it."""
        return {"observed": self.observed, "expected": self.expected, "volume": self.volume, "rate": self.rate}


@dataclass(frozen=True)
class Cause:
    """One combination of dimension values, with what proves it.

    `where` is all that its leaves share and not every leaf has; `least` the fewest of these that pick the same leaves.
    `inside` and `outside` are what lies within it and elsewhere; `remains` is what is left of the metric once this
    cause and those named before it are taken out. `share` is the part of the whole excess (observed less expected) that
    this cause explains beyond those before it; where the rest went the other way, of the first cause's excess. `gain`
    is the log likelihood ratio, in nats.
    """

    where: dict[str, str]
    least: dict[str, str]
    inside: Side
    outside: Side
    remains: Side
    share: float
    gain: float

    def as_dict(self) -> dict[str, Any]:
        """As an alert keeps it."""
        sides = {name: getattr(self, name).as_dict() for name in ("inside", "outside", "remains")}
        return {"where": self.where, "least": self.least, "share": self.share, "gain": self.gain, **sides}


@dataclass(frozen=True)
class Located:
    """The answer: `answers[0]` is the set of causes held for true, then others in order of what they explain.

    No answers and `everywhere`: the metric turned in all its parts alike. No answers and not: nothing stands out.
    """

    whole: Side
    answers: tuple[tuple[Cause, ...], ...]
    everywhere: bool = False

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The first answer's causes, the heaviest first; empty where there is none."""
        return self.answers[0] if self.answers else ()
