"""What the clocks tell the rooms above."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ClockReached:
    """A running clock used up so much of its target that a step of its policy is due; 100 percent is the breach."""

    clock_id: int
    kind: str
    subject_ref: str
    step: str
    percent: int
    at: datetime


@dataclass(frozen=True)
class ClockBreached:
    """The target is used up and what was promised has not happened."""

    clock_id: int
    kind: str
    subject_ref: str
    at: datetime


@dataclass(frozen=True)
class ClockStopped:
    """What was promised happened; `breached` says whether too late."""

    clock_id: int
    kind: str
    subject_ref: str
    breached: bool
    spent_s: float
    at: datetime
