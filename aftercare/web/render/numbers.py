"""Numbers with their units; unknown is a state of its own and never 0."""

import math
from decimal import Decimal
from typing import TypeAlias

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Number: TypeAlias = int | float | Decimal
NO_BREAK = "\u00a0"
# Written against the number in both languages.
TIGHT_UNITS = frozenset({"%", "‰", "°", "×"})
FIRST_CHINESE = "\u4e00"


def is_known(value: Number | None) -> bool:
    """Whether there is a value at all: None and NaN are no data."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def number(value: Number, digits: int | None = None) -> str:
    """Grouped digits: `12,480`, `98.42`. Without `digits`, whole numbers stay whole and fractions get two."""
    if digits is None:
        digits = 0 if float(value) == int(value) else 2
    return f"{value:,.{digits}f}"


def compact(value: Number) -> str:
    """Three significant digits: `12.5k`, `3.21M`; in Chinese by ten thousands: `1.25 万`, `3.2 亿`."""
    chinese = (get_language() or "").startswith("zh")
    steps = ((1e8, " 亿"), (1e4, " 万")) if chinese else ((1e9, "B"), (1e6, "M"), (1e3, "k"))
    rounded = float(f"{float(value):.3g}")
    for size, letter in steps:
        if abs(rounded) >= size:
            scaled = rounded / size
            return f"{scaled:.{max(0, 2 - int(math.log10(abs(scaled))))}f}{letter}"
    return number(value, None if float(value) == int(value) else 1)


def with_unit(text: str, unit: str) -> str:
    """The number with its unit, by a space that does not break unless the unit is written tight."""
    return f"{text}{space_between(text, unit)}{unit}"


def space_between(text: str, unit: str) -> str:
    """What stands between a number and its unit: nothing before a sign, nor between two Chinese words."""
    if not unit or unit in TIGHT_UNITS:
        return ""
    return "" if text[-1:] >= FIRST_CHINESE and unit[0] >= FIRST_CHINESE else NO_BREAK


def amount(value: Number | None, unit: str = "", digits: int | None = None, short: bool = False) -> SafeString:
    """The value as the page shows it, or the unknown state."""
    if value is None or not is_known(value):
        return unknown()
    text = compact(value) if short else number(value, digits)
    tail = format_html('{}<span class="unit">{}</span>', space_between(text, unit), unit) if unit else ""
    return format_html('<span class="num">{}{}</span>', text, tail)


def unknown() -> SafeString:
    """The unknown state: a dash and the words."""
    return format_html('<span class="no-data"><span aria-hidden="true">—</span> {}</span>', _("no data"))


def rate(
    value: Number | None, volume: Number | None, *, unit: str, digits: int, noun: str, floor: Number | None
) -> SafeString:
    """A rate with its volume under it; below `floor` it is shown without verdict and says so."""
    if not is_known(value) or not volume:
        return format_html('<span class="rate">{}</span>', unknown())
    thin = floor is not None and volume < floor
    count = with_unit(compact(volume), noun)
    note = _("{count}, too few for a verdict").format(count=count) if thin else count
    return format_html(
        '<span class="rate{}">{}<span class="rate-volume">{}</span></span>',
        " rate-thin" if thin else "",
        amount(value, unit, digits),
        note,
    )
