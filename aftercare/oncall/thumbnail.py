"""The small chart of a page: drawn on the server, so that a phone with one bar of signal shows it without scripts.

Whoever knows the figures hands them in as plain numbers (`actions.illustrate_page`); a hole in them stays a hole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.web.render.numbers import number, with_unit

WIDTH, HEIGHT = 320.0, 96.0
MOST_POINTS = 96
HEADROOM = 0.08  # above the highest and below the lowest, so that no line lies on the edge

Point = tuple[float, float | None]


@dataclass(frozen=True)
class Thumbnail:
    """What the template draws: polylines as SVG wants them, the limit's height, and the words around them."""

    lines: list[str]
    dots: list[tuple[str, str]]
    limit_y: str
    opened_x: str
    limit: str
    worst: str
    starts_at: datetime
    ends_at: datetime

    @property
    def said(self) -> str:
        """The picture in words, for who does not see it."""
        return _("Measured values: at worst %(worst)s, limit %(limit)s") % {"worst": self.worst, "limit": self.limit}


def thinned(points: Sequence[Point], is_above: bool) -> list[Point]:
    """At most MOST_POINTS points: of several neighbours the worst, so that no peak is lost; unknown only if all are."""
    step = -(-len(points) // MOST_POINTS) or 1
    thin: list[Point] = []
    for first in range(0, len(points), step):
        some = points[first : first + step]
        known = [value for _at, value in some if value is not None]
        thin.append((some[0][0], (max(known) if is_above else min(known)) if known else None))
    return thin


def thumbnail_of(chart: dict[str, Any]) -> Thumbnail | None:
    """The picture of what a page keeps; None without a single value. Words are in the present language."""
    points: list[Point] = [(at, value) for at, value in chart.get("points", [])]
    values = [value for _at, value in points if value is not None]
    if not values:
        return None
    limit, is_above = chart["limit"], chart["is_above"]
    low, high = min(*values, limit), max(*values, limit)
    low = min(low, 0.0) if is_above else low  # what is better small is judged from zero up
    start, end = points[0][0], max(points[-1][0], points[0][0] + 1)

    def place(at: float, value: float) -> tuple[str, str]:
        room = (high - low or 1) * HEADROOM
        y = (high + room - value) / (high - low + 2 * room or 1) * HEIGHT
        return f"{(at - start) / (end - start) * WIDTH:.1f}", f"{y:.1f}"

    runs = [[place(at, value) for at, value in run] for run in known_runs(points)]
    return Thumbnail(
        lines=[" ".join(",".join(xy) for xy in run) for run in runs if len(run) > 1],
        dots=[run[0] for run in runs if len(run) == 1],
        limit_y=place(start, limit)[1],
        opened_x=place(min(max(chart["opened_at"], start), end), limit)[0],
        limit=shown(limit, chart["unit"]),
        worst=shown(max(values) if is_above else min(values), chart["unit"]),
        starts_at=instant(start),
        ends_at=instant(end),
    )


def known_runs(points: Sequence[Point]) -> Iterator[list[tuple[float, float]]]:
    """The stretches without a hole."""
    run: list[tuple[float, float]] = []
    for at, value in points:
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def shown(value: float, unit: str) -> str:
    """A value with its unit, few digits: there is little room."""
    digits = 0 if abs(value) >= 100 or value == int(value) else 1
    return with_unit(number(value, digits), _(unit) if unit else "")


def instant(seconds: float) -> datetime:
    """Seconds since the epoch in the reader's zone."""
    return timezone.localtime(datetime.fromtimestamp(seconds, UTC))
