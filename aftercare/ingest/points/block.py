"""The points of one request, on their way to the commit."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aftercare.ingest.points.series import Defined, Series

Ids = NDArray[np.uint64]
Times = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """A histogram of one series at one time; `counts` has one entry more than `bounds`. NaN is unknown."""

    series: int
    ts: int
    count: float
    sum: float
    bounds: list[float]
    counts: list[float]
    least: float = math.nan
    most: float = math.nan
    start: int = 0
    """When counting began, in milliseconds; 0 where nobody told."""


@dataclass(frozen=True)
class Recognised:
    """A point that the catalog has a meaning for, with its series."""

    series: Series
    ts: int
    value: float = math.nan
    distribution: Distribution | None = None


@dataclass
class Points:
    """Numbers as columns, since there may be many thousands; histograms one by one."""

    ids: list[Ids] = field(default_factory=list)
    times: list[Times] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    distributions: list[Distribution] = field(default_factory=list)
    recognised: list[Recognised] = field(default_factory=list)
    defined: list[Defined] = field(default_factory=list)
    unknown: int = 0
    """Points that say "not known" (NaN, stale): taken, and nothing kept."""

    def add(self, ids: Ids, times: Times, values: Values) -> None:
        """Add numbers, leaving out those that are none."""
        known = ~np.isnan(values)
        if not known.all():
            self.unknown += int(len(values) - known.sum())
            ids, times, values = ids[known], times[known], values[known]
        self.ids.append(ids)
        self.times.append(times)
        self.values.append(values)

    @property
    def count(self) -> int:
        """How many numbers and histograms there are."""
        return sum(map(len, self.ids)) + len(self.distributions)
