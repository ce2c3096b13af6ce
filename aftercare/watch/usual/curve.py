"""What a series' own past says of one moment: the usual value, and how far from it chance alone goes.

Pure: arrays in, a band out; the same past gives the same band, whatever order it came in. Time is in slots of ten
minutes; a day has 144 of them, a week 1,008.

1. Each slot of the day has a usual value: the weighted median of the same slot (and its two neighbours) of the last
   four weeks' days, the same weekday counting most. A median, so that past faults, holidays and gaps do not bend it.
2. The newest past moves it up or down as a whole (`level`): growth, a holiday, a launch.
3. The spread of what is left, robustly (median, and the 95th percentile where tails are heavy), is how far chance goes;
   a window with less volume than a slot has more of it (`noise` per volume).
"""

from dataclasses import dataclass

import numpy as np

from aftercare.watch.usual.scales import Bools, Floats, Scale

SLOT_S = 600
SLOTS_A_DAY = 86_400 // SLOT_S
DAYS = 28
# Below these nothing is usual yet: two hours of slots; from three days on there is a season of day.
FEWEST_SLOTS = 12
FEWEST_DAYS = 3
SAME_WEEKDAY, SAME_KIND, OTHER_KIND = 3.0, 1.0, 0.4
RECENCY = 0.98  # a day counts this much of the next one
NORMAL = 1.4826  # the standard deviation of a normal spread by its median absolute deviation
TAIL = 1.96  # and by its 95th percentile
FAR = 3.0
SHORT = 12
# Within these many slots (two hours) before and after the time of day the spread is taken.
NEAR = 12
# No series is ever known better than this: on the scale, about 2% of an amount, and 0.1 points of a share at 1%.
LEAST_SPREAD = {True: 0.004, False: 0.02}
HOLIDAY = 7
FREE = (5, 6, HOLIDAY)


@dataclass(frozen=True)
class Past:
    """A series' slots up to the newest closed one: `values` on the metric's scale, nan where nothing was seen.

    `end` is the number of the first slot that is not in it (epoch seconds / SLOT_S); both arrays end there.
    """

    end: int
    values: Floats
    volumes: Floats


@dataclass(frozen=True)
class Usual:
    """What one slot should bring, on the scale: its centre, its spread between like slots, its noise per volume."""

    centre: float
    spread: float
    noise: float
    slots: int
    days: int


def usual_at(past: Past, slot: int, scale: Scale, weekdays: Floats) -> Usual | None:
    """What is usual in this slot; None where the past is too short to say.

    `weekdays` are of the days before the slot, its own first: 0 (Monday) to 6, or HOLIDAY.
    """
    known = np.isfinite(past.values)
    if int(known.sum()) < FEWEST_SLOTS:
        return None
    days = day_rows(past, slot)
    weights = weights_of(weekdays)
    has_day = np.isfinite(days).any(axis=1)
    if int(has_day.sum()) < FEWEST_DAYS:
        return young(past, known, scale)
    profile = weighted_medians(smooth(days), weights)
    left = days - profile
    # Day rows run backwards in time; put what is left in order, newest last, to follow its level.
    line = left[::-1].reshape(-1)
    level = levels(line, scale.level_slots)
    rest = (line - level).reshape(days.shape)[::-1]
    newest = newest_level(line, scale.level_slots)
    near = rest[:, -1 - NEAR :]
    seen = near[np.isfinite(near)]
    if seen.size < FEWEST_SLOTS or not np.isfinite(profile[-1]):
        return young(past, known, scale)
    noise = scale.noise if scale.noise is not None else noise_of(past)
    volume = float(np.nanmedian(past.volumes[known]))
    spread = spread_of(seen, noise / max(volume, 1.0), least=LEAST_SPREAD[scale.is_share])
    return Usual(float(profile[-1]) + newest, spread, noise, int(known.sum()), int(has_day.sum()))


def day_rows(past: Past, slot: int) -> Floats:
    """The past by days before the slot: row d holds the 144 slots that end with the slot's own time, d days ago."""
    length = DAYS * SLOTS_A_DAY
    line = np.full(length + SLOTS_A_DAY, np.nan)
    last = past.end - 1 - slot  # where the newest slot lies, the slot itself being 0
    size = min(len(past.values), length + SLOTS_A_DAY + last)
    if size > 0:
        line[length + SLOTS_A_DAY + last - size : length + SLOTS_A_DAY + last] = past.values[-size:]
    return line.reshape(DAYS + 1, SLOTS_A_DAY)[::-1]


def weights_of(weekdays: Floats) -> Floats:
    """How much each day says about the first: the same weekday most, then days of the same kind; older ones less."""
    first = weekdays[0]
    is_free = np.isin(weekdays, FREE)
    kinds = np.where(is_free == is_free[0], SAME_KIND, OTHER_KIND)
    weights = np.where(weekdays == first, SAME_WEEKDAY, kinds)
    return np.asarray(weights * RECENCY ** np.arange(len(weekdays)))


def smooth(days: Floats) -> Floats:
    """Each slot as the mean of itself and its neighbours on either side, of those that are known."""
    line = days[::-1].reshape(-1)
    padded = np.concatenate(([np.nan], line, [np.nan]))
    stacked = np.stack((padded[:-2], padded[1:-1], padded[2:]))
    known = np.isfinite(stacked)
    sums, counts = np.where(known, stacked, 0).sum(axis=0), known.sum(axis=0)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return np.asarray(means.reshape(days.shape)[::-1])


def weighted_medians(days: Floats, weights: Floats) -> Floats:
    """The weighted median of every column over the rows; nan where a column is empty."""
    order = np.argsort(days, axis=0)  # nan last
    values = np.take_along_axis(days, order, axis=0)
    heavy = np.where(np.isfinite(values), weights[order], 0.0)
    summed = np.cumsum(heavy, axis=0)
    half = summed[-1] / 2
    place = np.argmax(summed >= np.maximum(half, 1e-12), axis=0)
    found = values[place, np.arange(days.shape[1])]
    return np.asarray(np.where(summed[-1] > 0, found, np.nan))


def levels(line: Floats, width: int) -> Floats:
    """For each slot how far the `width` slots before it lie off, of those known; 0 where none is."""
    return running_medians(line, width) if width <= SHORT else running_means(line, width)


def running_medians(line: Floats, width: int) -> Floats:
    """The median of the `width` slots before each: follows a jump at once, and no single slot moves it."""
    padded = np.concatenate((np.full(width, np.nan), line[:-1]))
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)  # nan last
    counts = np.isfinite(windows).sum(axis=1)
    rows = np.arange(len(line))
    low, high = windows[rows, np.maximum(counts - 1, 0) // 2], windows[rows, np.minimum(counts // 2, width - 1)]
    return np.asarray(np.where(counts > 0, (low + high) / 2, 0.0))


def running_means(line: Floats, width: int) -> Floats:
    """The mean of the `width` slots before each; what lies far out counts as far as the edge of what is common, so that
    a fault does not move a day's mean.
    """
    known = np.isfinite(line)
    edge = FAR * NORMAL * float(np.median(np.abs(line[known]))) if known.any() else 0.0
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, np.clip(line, -edge, edge), 0.0))))
    counts = np.concatenate(([0], np.cumsum(known)))
    at = np.arange(len(line))
    first = np.maximum(at - width, 0)
    total, count = sums[at] - sums[first], counts[at] - counts[first]
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), 0.0))


def newest_level(line: Floats, width: int) -> float:
    """How far the newest known slots lie from their usual, as a median: what a fault of less than half of them did is
    not taken for a new level.
    """
    known = line[np.isfinite(line)]
    return float(np.median(known[-width:])) if known.size else 0.0


def noise_of(past: Past) -> float:
    """How large one unit of volume's variance is: from neighbouring slots, whose difference is chance alone."""
    steps = np.diff(past.values)
    volumes = past.volumes
    parts = 1 / np.maximum(volumes[1:], 1.0) + 1 / np.maximum(volumes[:-1], 1.0)
    squares = steps * steps / parts
    seen = squares[np.isfinite(squares)]
    # 0.455 is the median of a squared standard normal.
    return float(np.median(seen)) / 0.455 if seen.size else 0.0


def spread_of(seen: Floats, sampled: float, *, least: float) -> float:
    """The spread between like slots beyond what their own volume explains; never less than anyone may claim."""
    sizes = np.abs(seen - np.median(seen))
    # Tails that are heavy count, past faults of an hour or two in four weeks do not.
    spread = max(NORMAL * float(np.median(sizes)), float(np.quantile(sizes, 0.95)) / TAIL)
    return max(float(np.sqrt(max(spread * spread - sampled, 0.0))), least)


def young(past: Past, known: Bools, scale: Scale) -> Usual | None:
    """A series without a season yet: its last day as it lay, with twice its spread, for it may have a season."""
    newest = past.values[-SLOTS_A_DAY:]
    seen = newest[np.isfinite(newest)]
    if seen.size < FEWEST_SLOTS:
        return None
    noise = scale.noise if scale.noise is not None else noise_of(past)
    volume = float(np.nanmedian(past.volumes[known]))
    spread = 2 * spread_of(seen, noise / max(volume, 1.0), least=LEAST_SPREAD[scale.is_share])
    centre = float(np.median(seen[-scale.level_slots :]))
    return Usual(centre, spread, noise, int(known.sum()), 0)
