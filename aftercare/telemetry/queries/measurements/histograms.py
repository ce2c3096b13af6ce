"""Quantiles of histograms whose bounds may differ: what is surely at most each bound, and lines in between."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cumulative:
    """How many of the values are at most each edge. Edges ascend; the last count is that of all values."""

    edges: Floats
    counts: Floats

    @property
    def total(self) -> float:
        """How many values there are."""
        return float(self.counts[-1]) if len(self.counts) else 0.0

    def quantile(self, share: float) -> float | None:
        """The value that this share (0 to 1) of all is at most; None of nothing.

        Within a bucket values are taken to lie evenly, as Prometheus' histogram_quantile does. In the open bucket above
        the highest bound it is that bound: more is not known.
        """
        if self.total <= 0:
            return None
        wanted = share * self.total
        place = int(np.searchsorted(self.counts, wanted, side="left"))
        above = float(self.edges[place])
        if place == 0:
            return above
        below, least, most = float(self.edges[place - 1]), float(self.counts[place - 1]), float(self.counts[place])
        return below + (above - below) * (wanted - least) / (most - least)


def merged(parts: Iterable[tuple[Sequence[float], Sequence[float]]]) -> Cumulative:
    """Histograms as (bounds, counts) added up over all their edges; counts may be negative, to take earlier ones off.

    Where one has no edge at another's, its values in that bucket are taken to lie evenly. What is negative in the end,
    by that or by a sender's mistake, counts as nothing.
    """
    told = [cumulative(bounds, counts) for bounds, counts in parts]
    if not told:
        return Cumulative(np.empty(0), np.empty(0))
    edges = np.unique(np.concatenate([one.edges for one in told]))
    total = np.zeros(len(edges))
    for one in told:
        total += np.interp(edges, one.edges, one.counts, left=0.0)
    return Cumulative(edges, np.maximum.accumulate(np.maximum(total, 0.0)))


def cumulative(bounds: Sequence[float], counts: Sequence[float]) -> Cumulative:
    """One histogram's counts up to its edges: its bounds, a floor below them, a hair above the highest.

    The floor is 0 where all bounds are above it, else the lowest bound; what lies above the highest is put right there.
    """
    finite = [bound for bound in bounds if math.isfinite(bound)]
    skipped = sum(1 for bound in bounds if bound == -math.inf)
    running = np.cumsum(np.asarray(counts, float))
    known = running[skipped : skipped + len(finite)]
    if not finite:
        return Cumulative(np.array([0.0]), running[-1:])
    top = math.nextafter(finite[-1], math.inf)
    floor = 0.0 if finite[0] > 0 else math.nextafter(finite[0], -math.inf)
    return Cumulative(np.array([floor, *finite, top]), np.concatenate([[0.0], known, running[-1:]]))


def parts_of(rows: Iterable[Sequence[Any]]) -> dict[tuple[Any, ...], tuple[list[tuple[Any, Any]], float]]:
    """Rows of (keys, bounds, counts, points) by their keys: the histograms to be merged, and their points in all."""
    found: dict[tuple[Any, ...], tuple[list[tuple[Any, Any]], float]] = {}
    for *keys, bounds, counts, points in rows:
        parts, so_far = found.get(tuple(keys), ([], 0.0))
        parts.append((bounds, counts))
        found[tuple(keys)] = (parts, so_far + points)
    return found
