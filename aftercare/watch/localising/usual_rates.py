"""How much trouble is usual in each leaf, from the minutes before: for a ratio of counts."""

import numpy as np

from aftercare.watch.localising.types import Floats

# A leaf's own rate counts as much as that of all from this volume on.
TRUSTED = 50.0
# Where no trouble was ever seen there may be some all the same: half of one.
UNSEEN = 0.5
# Minutes before in which the whole was this many times worse than in their middle one had trouble of their own.
ALREADY_BAD = 2.0


def expected_of(bad: Floats, volume: Floats, now: Floats) -> Floats:
    """What each leaf's volume `now` would usually bring; `bad` and `volume` are leaves × earlier minutes.

    Rates are sums by sums, drawn to that of all where a leaf was seen little. Without a past, that of all, now.
    """
    totals = bad.sum(axis=0) / np.maximum(volume.sum(axis=0), 1.0)
    kept = totals <= ALREADY_BAD * np.median(totals) if totals.size else np.zeros(0, dtype=bool)
    counted, seen = bad[:, kept].sum(axis=1), volume[:, kept].sum(axis=1)
    of_all = (float(counted.sum()) + UNSEEN) / max(float(seen.sum()), 1.0)
    return np.asarray(now * (counted + TRUSTED * of_all) / (seen + TRUSTED))
