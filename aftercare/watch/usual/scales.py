"""The scale on which a metric's deviations are alike whatever its level: where noise is as large at 1% as at 50%.

Shares are turned by the arcsine (Anscombe 1948: the variance of asin(sqrt(p)) is 1/(4n) whatever p is), amounts by the
logarithm, since they grow and fall by factors.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aftercare.telemetry.schema.catalog import Metric

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scale:
    """How a metric's values are turned. `noise` is the variance that one unit of volume would have; None: learned.

    `level_slots` is over how much of the newest past the level is taken, `least` the least change that matters: of a
    share its odds, of an amount itself, as a factor; `least_points` of a share in percentage points.
    """

    is_share: bool
    noise: float | None
    level_slots: int
    least: float
    least_points: float = 0.0

    def turn(self, values: Floats) -> Floats:
        """Metric values onto the scale; unknown (nan) stays so."""
        if self.is_share:
            return np.asarray(np.arcsin(np.sqrt(np.clip(values / 100, 0, 1))))
        return np.asarray(np.log(np.maximum(values, 0) + self.offset))

    def back(self, turned: float) -> float:
        """A value on the scale as the metric's."""
        if self.is_share:
            return float(100 * np.sin(np.clip(turned, 0, np.pi / 2)) ** 2)
        return max(0.0, float(np.exp(turned)) - self.offset)

    @property
    def offset(self) -> float:
        """What keeps an amount of 0 finite."""
        return 1.0

    def lenient(self, usual: float, *, above: bool) -> float:
        """The nearest value that is a change worth a word, from the usual one."""
        if not self.is_share:
            return usual * self.least if above else usual / self.least
        points = usual + self.least_points if above else usual - self.least_points
        # The odds of the bad side: at 98% that is the other 2%.
        share = min(max(usual / 100, 1e-9), 1 - 1e-9)
        odds = share / (1 - share) * (self.least if above else 1 / self.least)
        by_odds = 100 * odds / (1 + odds)
        return max(points, by_odds) if above else min(points, by_odds)


# A day of ten-minute slots: a fault of an hour does not become what is usual, a new level does within half a day.
DAY, HOUR = 144, 6


def scale_of(metric: Metric) -> Scale:
    """The scale of a metric of the catalog."""
    if metric.unit == "%":
        is_of_events = bool(metric.denominator) and not metric.denominator.endswith("_ms")
        return Scale(True, 0.25 if is_of_events else None, DAY, least=1.3, least_points=0.3)
    if not metric.denominator and not metric.cells:
        # How many there are follows the last hour: holidays, galas and launches are slow beside a crash.
        return Scale(False, 0.0 if metric.per_bucket or metric.distinct else 1.0, HOUR, least=1.2)
    return Scale(False, None, DAY, least=1.15)
