"""A chart of what was measured, as an SVG of our own: for a page in either theme, and for paper."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 24
TICKS = 4

Point = Sequence[float | None]
Scale = Callable[[float], float]


def chart_svg(
    series: Sequence[Point], *, limit: float | None, unit: str, zone: str, marks: Sequence[datetime] = ()
) -> str:
    """The drawing of [[epoch ms, value, volume], …]; "" where nothing was measured.

    A gap is where nothing is known. `limit` is a dashed line, `marks` are upright ones; times stand in `zone`.
    """
    known = [(float(row[0] or 0), float(row[1])) for row in series if row[1] is not None]
    if len(known) < 2:
        return ""
    first, last = float(series[0][0] or 0), float(series[-1][0] or 0)
    high = max([value for _at, value in known] + ([limit] if limit else [])) * 1.1 or 1.0
    low = min(0.0, *(value for _at, value in known))

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at - first) / ((last - first) or 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / ((high - low) or 1))

    parts = [grid_line(y(value), label(value, unit)) for value in round_steps(low, high)]
    parts += [time_label(x(at), at, zone) for at in steps(first, last)]
    if limit is not None:
        parts.append(line("pm-limit", "#b42318", LEFT, y(limit), WIDTH - RIGHT, y(limit), dashed=True))
    for mark in marks:
        at = mark.timestamp() * 1000
        if first <= at <= last:
            parts.append(line("pm-mark", "#5b6472", x(at), TOP, x(at), HEIGHT - BOTTOM, dashed=True))
    parts.append(f'<path class="pm-line" fill="none" stroke="#2a5bd7" stroke-width="1.6" d="{path(series, x, y)}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pm-chart" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="Noto Sans SC, sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def path(series: Sequence[Point], x: Scale, y: Scale) -> str:
    """The course; it is broken where a value is unknown, and a value alone is a dot."""
    told, is_down = [], False
    for row in series:
        if row[1] is None:
            is_down = False
            continue
        at = f"{x(float(row[0] or 0)):.1f} {y(float(row[1])):.1f}"
        told.append(f"L{at}" if is_down else f"M{at}h0.1")
        is_down = True
    return "".join(told)


def steps(low: float, high: float) -> list[float]:
    """Even steps from one end to the other."""
    return [low + (high - low) * place / TICKS for place in range(TICKS + 1)]


def round_steps(low: float, high: float) -> list[float]:
    """Round values between both ends, five at most."""
    rough = (high - low) / TICKS or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [step * place for place in range(first, last + 1)]


def grid_line(y: float, words: str) -> str:
    """A line across with its value."""
    drawn = line("pm-grid", "#d9dde5", LEFT, y, WIDTH - RIGHT, y)
    return (
        f'{drawn}<text class="pm-text" fill="#5b6472" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'
    )


def time_label(x: float, at_ms: float, zone: str) -> str:
    """A time below."""
    said = f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)):%H:%M}"
    place = f'x="{min(x, WIDTH - 18):.1f}" y="{HEIGHT - 6}" text-anchor="middle"'
    return f'<text class="pm-text" fill="#5b6472" {place}>{said}</text>'


def line(name: str, colour: str, x1: float, y1: float, x2: float, y2: float, *, dashed: bool = False) -> str:
    """A straight line."""
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line class="{name}" stroke="{colour}"{dash} x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def label(value: float, unit: str) -> str:
    """A value at the side."""
    return escape(f"{value:.3g}{unit if unit == '%' else ''}")
