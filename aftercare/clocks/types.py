"""What opening hours are, without a database: the same values in a table, in a snapshot and in a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aftercare.kernel.errors import Refused

DAY_S = 86_400
WEEKDAYS = 7

# Open seconds of one local day, each from its first second to the one after its last; 24:00 is 86,400.
Blocks = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Day:
    """A date that does not follow its weekday: a holiday (`blocks` empty), a make-up working day, a short day."""

    blocks: Blocks
    label: str = ""


@dataclass(frozen=True)
class Hours:
    """Opening hours in wall-clock time: seven weekdays, Monday first, and the dates that differ."""

    timezone: str
    week: tuple[Blocks, ...]
    days: Mapping[date, Day] = field(default_factory=dict)

    def day(self, local: date) -> Day:
        """What holds on this local date."""
        special = self.days.get(local)
        return special if special is not None else Day(self.week[local.weekday()])

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the wall clock hangs."""
        return ZoneInfo(self.timezone)

    @property
    def is_open_at_all(self) -> bool:
        """Whether any weekday has open hours; without, nothing would ever become due."""
        return any(self.week)

    def as_json(self) -> dict[str, Any]:
        """For a snapshot."""
        return {
            "timezone": self.timezone,
            "week": [[list(block) for block in blocks] for blocks in self.week],
            "days": {
                day.isoformat(): {"blocks": [list(block) for block in special.blocks], "label": special.label}
                for day, special in sorted(self.days.items())
            },
        }


ALWAYS = Hours("UTC", (((0, DAY_S),),) * WEEKDAYS)


def hours_of(kept: Mapping[str, Any]) -> Hours:
    """Hours out of a snapshot. Raises Refused where it is not one."""
    try:
        days = {
            date.fromisoformat(day): Day(checked_blocks(special["blocks"]), str(special.get("label", "")))
            for day, special in kept.get("days", {}).items()
        }
        week = tuple(checked_blocks(blocks) for blocks in kept["week"])
        hours = Hours(str(kept["timezone"]), week, days)
        _zone = hours.zone
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise Refused(f"These opening hours cannot be read: {error}") from None
    if len(week) != WEEKDAYS:
        raise Refused(f"Opening hours have seven weekdays, these have {len(week)}.")
    return hours


def checked_blocks(blocks: Any) -> Blocks:
    """Blocks in order. Raises ValueError where one ends before it begins, leaves the day, or overlaps another."""
    found: list[tuple[int, int]] = sorted((int(start), int(end)) for start, end in blocks)
    before = 0
    for start, end in found:
        if not before <= start < end <= DAY_S:
            raise ValueError(f"the block {start}-{end} overlaps another, is empty, or is not within one day")
        before = end
    return tuple(found)


@dataclass(frozen=True)
class Segment:
    """A stretch of time that a clock counted, or did not, and why: `open`, `closed`, `holiday`, `paused`."""

    start: datetime
    end: datetime
    why: str
    label: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether the clock ran."""
        return self.why == "open"

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True)
class Pause:
    """Time in which the clock stands; `end` None while it still does."""

    start: datetime
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """Something to do when so many hundredths of the target are used up."""

    percent: int
    name: str


@dataclass(frozen=True)
class Policy:
    """What a clock is held to: handed in by whoever starts it, and kept with the clock."""

    target_s: int
    hours: Hours = ALWAYS
    steps: tuple[Step, ...] = ()
    label: str = ""
