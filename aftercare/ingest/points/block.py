"""The points of one request, on their way to the commit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aftercare.ingest.points.arrays import Ids, Times, Values
from aftercare.ingest.points.series import Defined, Series


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

    def nothing(self) -> "Distribution":
        """The same histogram at its start."""
        return Distribution(self.series, self.start, 0.0, 0.0, self.bounds, [0.0] * len(self.counts))


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

    def recognise(self, known: Mapping[int, Series], wanted: Ids) -> None:
        """Set aside the points of series that the catalog knows; `wanted` are their identifiers, sorted."""
        if not known:
            return
        for ids, times, values in zip(self.ids, self.times, self.values, strict=True):
            found = wanted[np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)]
            for place in np.flatnonzero(found == ids):
                series = known[int(ids[place])]
                self.recognised.append(Recognised(series, int(times[place]), float(values[place])))
        for one in self.distributions:
            if one.series in known:
                self.recognised.append(Recognised(known[one.series], one.ts, distribution=one))

    @property
    def count(self) -> int:
        """How many numbers and histograms there are."""
        return sum(map(len, self.ids)) + len(self.distributions)
