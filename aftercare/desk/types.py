"""What rooms above hand to the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Targets:
    """Seconds within which each kind is promised, in business hours or around the clock; None is no promise."""

    first_response: int | None
    next_response: int | None
    update: int | None
    recovery: int | None
    around_the_clock: bool


# (customer's primary key, severity "P1" to "P4", at) -> what is promised then; None: the desk's defaults hold.
Plan = Callable[[int, str, datetime], Targets | None]
