"""Cuts: the ways a rollup is sliced. One row of a rollup is one bucket of one cut's value of one app."""

from aftercare.telemetry.schema.columns import DIMENSIONS

TOTAL = ""
PAIRS = ("province+carrier",)
# `sdk` alone says little beside `sdk_version`, `scenario` is the app's own: neither is worth its rows.
CUTS: tuple[str, ...] = (TOTAL, *(d for d in DIMENSIONS if d not in ("sdk", "scenario")), *PAIRS)

# Stands between the two values of a pair; no sender's text can hold it, control characters are refused at the door.
JOINT = "\x1f"


def cut_columns(cut: str) -> tuple[str, ...]:
    """The raw columns of a cut: none for the total, two for a pair."""
    return tuple(cut.split("+")) if cut else ()


def cut_for(dimensions: set[str]) -> str | None:
    """The cut that holds exactly these dimensions, or None when no rollup does (raw rows must answer)."""
    for cut in CUTS:
        if set(cut_columns(cut)) == dimensions:
            return cut
    return None
