"""When a figure that drifts will reach its limit, by a slope that outliers do not move, and how sure that is.

The slope is Theil's (1950) and Sen's (1968): the median of the slopes between all pairs of days. Where there are three
weeks or more, only days of the same weekday are paired (Hirsch, Slack & Smith 1982, the seasonal Kendall slope), so
that a Saturday's peak is no rise. Its bounds are Sen's: the slopes whose ranks lie z·√Var(S)/2 to both sides of the
median, Var(S) = Σ n(n-1)(2n+5)/18 over the seasons (Gilbert 1987, sections 16.4.2 and 17.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# 90% of the slopes that chance would give lie between the bounds (z of the normal distribution).
Z_90 = 1.645
WEEK = 7
# Fewer days say nothing about a direction; below three weeks a weekday has too few pairs.
LEAST_DAYS, SEASONAL_FROM = 5, 3 * WEEK
# No figure's drift is believed for longer than this: a year.
FURTHEST_DAYS = 365


@dataclass(frozen=True)
class Forecast:
    """Days from the last one until the limit is reached; 0 where it is, None where it will not be within FURTHEST_DAYS.

    `earliest` and `latest` come of the bounds of the slope (per day, 90%). `level` is the last day's figure, `days` how
    many days were known.
    """

    level: float
    slope: float
    slope_low: float
    slope_high: float
    days: int
    reached_in: float | None
    earliest: float | None
    latest: float | None


def forecast(days: Sequence[float | None], limit: float, *, falls: bool = False) -> Forecast | None:
    """What becomes of daily extremes, oldest first, gaps as None, held against a limit in the same unit.

    None where fewer than LEAST_DAYS are known, or the last day is not: unknown is no verdict. A limit that the last day
    has reached is reached, however few days are known.
    """
    sign = -1.0 if falls else 1.0
    values = np.array([math.nan if day is None else sign * day for day in days], dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    if not len(known) or known[-1] != len(values) - 1:
        return None
    level, ceiling = float(values[-1]), sign * limit
    if level >= ceiling:
        return Forecast(sign * level, 0.0, 0.0, 0.0, len(known), 0.0, 0.0, 0.0)
    if len(known) < LEAST_DAYS:
        return None
    seasonal = len(known) >= SEASONAL_FROM
    slope, low, high = slopes_of(known.astype(np.float64), values[known], WEEK if seasonal else 1)
    effects = weekday_effects(values, slope) if seasonal else np.zeros(WEEK)
    reached, latest, earliest = (reach(values, effects, one, ceiling) for one in (slope, low, high))
    bounds = sorted((sign * low, sign * high))
    return Forecast(sign * level, sign * slope, bounds[0], bounds[1], len(known), reached, earliest, latest)


def slopes_of(at: Floats, values: Floats, season: int) -> tuple[float, float, float]:
    """The median slope per day between days of one season (1: all days), and its lower and upper bound."""
    first, second = np.triu_indices(len(at), k=1)
    same = (at[second] - at[first]) % season == 0
    first, second = first[same], second[same]
    if not len(first):
        return 0.0, 0.0, 0.0
    found = np.sort((values[second] - values[first]) / (at[second] - at[first]))
    counts = np.unique(at % season, return_counts=True)[1].astype(np.float64)
    spread = Z_90 * math.sqrt(float(np.sum(counts * (counts - 1) * (2 * counts + 5))) / 18)
    last = len(found) - 1
    low = int(min(max(math.floor((len(found) - spread) / 2), 0), last))
    high = int(min(max(math.ceil((len(found) + spread) / 2), 0), last))
    return float(np.median(found)), float(found[low]), float(found[high])


def weekday_effects(values: Floats, slope: float) -> Floats:
    """By how much each of the seven days that follow each other lies above the trend: medians, the last day's first."""
    ages = np.arange(len(values) - 1, -1, -1)
    flat = values + slope * ages
    found = [flat[ages % WEEK == age] for age in range(WEEK)]
    medians = [float(np.median(one[np.isfinite(one)])) if np.isfinite(one).any() else math.nan for one in found]
    effects: Floats = np.nan_to_num(np.array(medians, dtype=np.float64) - float(np.nanmedian(flat)))
    return effects


def reach(values: Floats, effects: Floats, slope: float, ceiling: float) -> float | None:
    """Days until the first day whose expected figure is at the ceiling; None where none is within FURTHEST_DAYS.

    The trend goes on from the last seven days, each without what its weekday adds: their median, at their middle.
    """
    ages = np.arange(min(WEEK, len(values)))
    recent = values[::-1][: len(ages)] - effects[: len(ages)] + slope * ages
    base = float(np.nanmedian(recent)) if effects.any() else float(values[-1])
    ahead = np.arange(1, FURTHEST_DAYS + 1)
    expected = base + slope * ahead + effects[(-ahead) % WEEK]
    over = np.flatnonzero(expected >= ceiling)
    if not len(over):
        return None
    day = int(over[0])
    if effects.any() or slope <= 0:
        return float(ahead[day])
    return max((ceiling - base) / slope, 0.0)
