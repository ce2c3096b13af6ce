"""Due times and spent times, explained: pure functions of a start, opening hours and pauses.

Wall-clock rules, once for the whole system: a local time that daylight saving skips is the first instant that exists
after it; an hour that comes twice is one long hour, open or closed as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aftercare.clocks.types import DAY_S, Hours, Pause, Segment
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import end_of_gap

FURTHEST = timedelta(days=3660)  # a due time ten years ahead is a calendar that is hardly ever open


@dataclass(frozen=True)
class Due:
    """When the target is used up; `at` None while the clock stands in an open pause. `segments` lead up to it."""

    at: datetime | None
    segments: tuple[Segment, ...]


def due(started: datetime, target_s: float, hours: Hours, pauses: Sequence[Pause] = ()) -> Due:
    """When `target_s` open and unpaused seconds have gone by since `started`.

    Used up exactly at closing time is due at closing time, not at the next opening. Raises Refused when that is not
    within ten years.
    """
    left = float(target_s)
    told: list[Segment] = []
    for segment in stretches(started, hours, pauses):
        if segment.end - started > FURTHEST:
            raise Refused("With these opening hours the target is not used up within ten years.")
        if segment.is_counted and segment.seconds >= left:
            ends = segment.start + timedelta(seconds=left)
            return Due(ends, joined([*told, Segment(segment.start, ends, segment.why, segment.label)]))
        left -= segment.seconds if segment.is_counted else 0
        told.append(segment)
    return Due(None, joined(told))


def spent(
    started: datetime, until: datetime, hours: Hours, pauses: Sequence[Pause] = ()
) -> tuple[float, list[Segment]]:
    """Open and unpaused seconds from `started` to `until`, and the segments that make them up."""
    told: list[Segment] = []
    if until > started:
        for segment in stretches(started, hours, pauses):
            if segment.start >= until:
                break
            told.append(Segment(segment.start, min(segment.end, until), segment.why, segment.label))
            if segment.end >= until:
                break
    segments = list(joined(told))
    return sum(s.seconds for s in segments if s.is_counted), segments


def stretches(started: datetime, hours: Hours, pauses: Sequence[Pause]) -> Iterator[Segment]:
    """Everything after `started`, in order and without gaps; it ends only where a pause has no end."""
    waiting = sorted(pauses, key=lambda pause: pause.start)
    for segment in open_and_closed(started, hours):
        at = segment.start
        while at < segment.end:
            while waiting and waiting[0].end is not None and waiting[0].end <= at:
                waiting.pop(0)
            pause = waiting[0] if waiting else None
            if pause is None or pause.start >= segment.end:
                yield Segment(at, segment.end, segment.why, segment.label)
                break
            if pause.start > at:
                yield Segment(at, pause.start, segment.why, segment.label)
                at = pause.start
            if pause.end is None:
                return
            ends = min(pause.end, segment.end)
            yield Segment(at, ends, "paused", pause.reason)
            at = ends


def open_and_closed(started: datetime, hours: Hours) -> Iterator[Segment]:
    """Open and closed time from `started` on, for ever."""
    zone = hours.zone
    at = started.astimezone(UTC)
    local = at.astimezone(zone).date()
    while True:
        day = hours.day(local)
        closed = "holiday" if day.label and not day.blocks else "closed"
        for start_s, end_s in day.blocks:
            opens, closes = instant(zone, local, start_s), instant(zone, local, end_s, ends=True)
            if closes <= at:
                continue
            if opens > at:
                yield Segment(at, opens, closed, day.label)
                at = opens
            yield Segment(at, closes, "open", day.label)
            at = closes
        local += timedelta(days=1)
        midnight = instant(zone, local, 0)
        if midnight > at:
            yield Segment(at, midnight, closed, day.label)
            at = midnight


def instant(zone: ZoneInfo, local: date, second: int, *, ends: bool = False) -> datetime:
    """The instant of a wall-clock second of a day (86,400 is the next midnight).

    Of a time that comes twice it is the first; of one that is skipped, the first instant after the gap. Where a block
    `ends` inside an hour that comes twice, it is over when its last second has gone by for the second time.
    """
    if ends:
        wall = moment(zone, local, second - 1)
        again = wall.replace(fold=1).astimezone(UTC)
        if again > wall.astimezone(UTC):
            return again + timedelta(seconds=1)
    if second == DAY_S:
        local, second = local + timedelta(days=1), 0
    wall = moment(zone, local, second)
    first, other = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return end_of_gap(zone, other, first) if other < first else first  # skipped: the gap ends between the readings


def moment(zone: ZoneInfo, local: date, second: int) -> datetime:
    """A wall-clock time of a day."""
    return datetime.combine(local, time(second // 3600, second // 60 % 60, second % 60), tzinfo=zone)


def joined(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Neighbours of one reason as one segment; what has no length is left out."""
    told: list[Segment] = []
    for segment in segments:
        if segment.end <= segment.start:
            continue
        if told and (told[-1].why, told[-1].label, told[-1].end) == (segment.why, segment.label, segment.start):
            told[-1] = Segment(told[-1].start, segment.end, segment.why, segment.label)
        else:
            told.append(segment)
    return tuple(told)
