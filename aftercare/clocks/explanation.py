"""A clock told to people: when it is due and which stretches of time make that up."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aftercare.clocks.due import due, spent
from aftercare.clocks.models import Clock, ClockState
from aftercare.clocks.types import Segment
from aftercare.clocks.words import kind_name, why

SHOWN = 60  # stretches of one clock on a page; a clock of months has more, and its newest matter


@dataclass(frozen=True)
class Stretch:
    """One line of the explanation."""

    span: str
    seconds: float
    is_counted: bool
    is_ahead: bool
    why: str


@dataclass(frozen=True)
class Explanation:
    """A clock in words. `left_out` counts earlier stretches that are not among `stretches`."""

    clock: Clock
    name: str
    target_s: int
    spent_s: float
    is_running: bool
    is_paused: bool
    is_over: bool
    timezone: str
    stretches: list[Stretch]
    left_out: int


def explain(clock: Clock, now: datetime) -> Explanation:
    """What this clock has counted until now (or until it stopped), and what it still will until it is due."""
    policy = clock.held_to()
    spent_s, behind = explained(clock, now)
    zone = policy.hours.zone
    told = [told_of(segment, zone, is_ahead=False) for segment in behind]
    if clock.state == ClockState.RUNNING and spent_s < policy.target_s:
        ahead = due(max(now, clock.started_at), policy.target_s - spent_s, policy.hours, clock.paused()).segments
        told += [told_of(segment, zone, is_ahead=True) for segment in ahead]
    return Explanation(
        clock=clock,
        name=kind_name(clock.kind),
        target_s=policy.target_s,
        spent_s=spent_s,
        is_running=clock.state == ClockState.RUNNING,
        is_paused=clock.state == ClockState.PAUSED,
        is_over=clock.breached_at is not None or spent_s > policy.target_s,
        timezone=policy.hours.timezone,
        stretches=told[-SHOWN:],
        left_out=max(len(told) - SHOWN, 0),
    )


def explained(clock: Clock, now: datetime) -> tuple[float, list[Segment]]:
    """Seconds spent until it stopped (or now), and the segments that were counted and were not."""
    return spent(clock.started_at, clock.stopped_at or now, clock.held_to().hours, clock.paused())


def told_of(segment: Segment, zone: ZoneInfo, *, is_ahead: bool) -> Stretch:
    """One stretch, its times in the zone of the opening hours, where they read as the calendar says them."""
    start, end = segment.start.astimezone(zone), segment.end.astimezone(zone)
    shown_end = f"{end:%H:%M:%S}" if end.date() == start.date() else f"{end:%m-%d %H:%M:%S}"
    return Stretch(f"{start:%m-%d %H:%M:%S} – {shown_end}", segment.seconds, segment.is_counted, is_ahead, why(segment))
