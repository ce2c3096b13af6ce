"""Units as senders write them (UCUM's case-sensitive codes, which OpenTelemetry prescribes) as people read them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

SYMBOLS = {
    "1": "",
    "us": "µs",
    "By": "B",
    "kBy": "kB",
    "MBy": "MB",
    "GBy": "GB",
    "KiBy": "KiB",
    "MiBy": "MiB",
    "GiBy": "GiB",
    "Cel": "°C",
}
# Units that are shown larger or smaller as the values are: how many of them one shown is.
SCALES: dict[str, tuple[tuple[str, float], ...]] = {
    "s": (("s", 1), ("ms", 1e-3), ("µs", 1e-6)),
    "ms": (("s", 1e3), ("ms", 1), ("µs", 1e-3)),
    "By": (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1)),
    "bit": (("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3), ("bit", 1)),
}
# What names end with where the sender tells no unit: Prometheus' naming of base units.
ENDINGS = {
    "_seconds": "s",
    "_milliseconds": "ms",
    "_bytes": "By",
    "_bits": "bit",
    "_percent": "%",
    "_celsius": "Cel",
    "_hertz": "Hz",
    "_volts": "V",
    "_watts": "W",
}
PER_SECOND = "/s"
# A sender may write anything there; what is longer than this is no unit.
LONGEST = 60


@dataclass(frozen=True)
class Shown:
    """How values are written: the unit, how many of the series' own one of it is, and digits after the point."""

    unit: str
    size: float
    digits: int

    def value(self, value: float | None) -> float | None:
        """The value in this unit."""
        return None if value is None else value / self.size


def unit_of(unit: str, name: str) -> str:
    """The sender's unit; where there is none, what the name says by Prometheus' convention, else ""."""
    if unit:
        return unit[:LONGEST]
    stem = name.removesuffix("_total").removesuffix("_sum")
    return next((code for ending, code in ENDINGS.items() if stem.endswith(ending)), "")


def readable(unit: str, noun: Callable[[str], str] = str) -> str:
    """The unit in letters that people know: `By/s` as B/s, `{request}` as its noun, `1` as nothing."""
    return "/".join(symbol(part, noun) for part in unit.split("/"))


def symbol(code: str, noun: Callable[[str], str]) -> str:
    """One part of a unit; what UCUM puts in braces is a word."""
    before, brace, rest = code.partition("{")
    if brace and not before.strip("1"):
        return noun(rest.removesuffix("}"))
    return SYMBOLS.get(before, before)


def shown_in(unit: str, most: float, noun: Callable[[str], str] = str) -> Shown:
    """How values of a unit up to `most` are written: seconds and bytes in the size that fits, the rest as they are."""
    code, slash, per = unit.partition("/")
    scale = SCALES.get(code, ())
    text, size = next((step for step in scale if most >= step[1]), scale[-1] if scale and most > 0 else ("", 1.0))
    if not text:
        return Shown(readable(unit, noun), 1.0, digits_for(most))
    return Shown(text + slash + readable(per, noun), size, digits_for(most / size))


def digits_for(most: float) -> int:
    """Three figures of the largest value, but at most four digits after the point."""
    return 2 if most <= 0 else min(max(2 - math.floor(math.log10(most)), 0), 4)
