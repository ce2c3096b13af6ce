"""Sparklines: a small picture of a series, gaps where nothing was reported."""

from collections.abc import Sequence
from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftercare.web.render.numbers import Number, is_known, number, unknown, with_unit

WIDTH, HEIGHT, PAD = 120.0, 28.0, 3.0
Point = tuple[float, float]


def sparkline(
    values: Sequence[Number | None], *, unit: str = "", threshold: Number | None = None, tone: str = ""
) -> SafeString:
    """Inline SVG of the series, its last value as a dot and the threshold as a dashed line; unknown when empty.

    `tone` is a state's name and colours the last dot; the text alternative tells first, last, lowest and highest.
    """
    known = [float(v) for v in values if v is not None and is_known(v)]
    if not known:
        return unknown()
    low, high = bounds(known, threshold)
    points = [
        (x_of(i, len(values)), y_of(float(v), low, high)) if v is not None and is_known(v) else None
        for i, v in enumerate(values)
    ]
    runs = [[p for p in run if p] for present, run in groupby(points, key=lambda p: p is not None) if present]
    last = [p for p in points if p][-1]
    line = "".join(f"M{' L'.join(f'{x:.1f} {y:.1f}' for x, y in run)}{'h0' if len(run) == 1 else ''}" for run in runs)
    limit = ""
    if threshold is not None:
        y = y_of(float(threshold), low, high)
        limit = format_html('<path class="spark-limit" d="M0 {}H{}"/>', f"{y:.1f}", int(WIDTH))
    return format_html(
        '<svg class="spark{}" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}<path class="spark-line" d="{}"/><path class="spark-dot" d="M{} {}h0"/></svg>',
        f" spark-{tone}" if tone else "",
        int(WIDTH),
        int(HEIGHT),
        int(WIDTH),
        int(HEIGHT),
        spoken(known, unit),
        limit,
        line,
        f"{last[0]:.1f}",
        f"{last[1]:.1f}",
    )


def bounds(known: Sequence[float], threshold: Number | None) -> tuple[float, float]:
    """The lowest and highest value to fit, the threshold among them; a flat line sits in the middle."""
    seen = [*known, float(threshold)] if threshold is not None else list(known)
    low, high = min(seen), max(seen)
    return (low - 1, high + 1) if low == high else (low, high)


def x_of(index: int, count: int) -> float:
    """Across, evenly spaced."""
    return PAD + (WIDTH - 2 * PAD) * (index / (count - 1) if count > 1 else 0.5)


def y_of(value: float, low: float, high: float) -> float:
    """Down, the highest value on top."""
    return PAD + (HEIGHT - 2 * PAD) * (1 - (value - low) / (high - low))


def spoken(known: Sequence[float], unit: str) -> str:
    """`98.2% → 91.4% (91.4%–98.6%)`."""
    first, last, low, high = (with_unit(number(v, 1), unit) for v in (known[0], known[-1], min(known), max(known)))
    return f"{first} → {last} ({low}–{high})"
