"""Targets with what agents saw of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aftercare.telemetry.queries import ProbePlace, probe_places
from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes.words import failure_name, place_name, step_name

# A target is looked at once a day at the least; jitter and sending take a little more.
SPAN = timedelta(hours=27)
# An agent that was silent for so many intervals, and so long, is not heard of any more.
SILENT_INTERVALS, SILENT_LEAST_S = 3, 180
MOST_STEPS = 40


@dataclass(frozen=True)
class Bar:
    """A step of a waterfall: where it begins and how long it is, in percent of the whole."""

    name: str
    x: float
    width: float
    took_ms: int
    failed: bool


@dataclass(frozen=True)
class Waterfall:
    """A run step by step. `further` is what else the agent told of it."""

    bars: list[Bar]
    took_ms: int
    reason: str
    further: dict[str, Any]


@dataclass(frozen=True)
class Look:
    """A target as seen from one place. `tone` is the design system's state: healthy, breached or unknown."""

    place: str
    tone: str
    seen: ProbePlace
    failure_name: str
    failure: Waterfall | None
    success: Waterfall | None


@dataclass(frozen=True)
class Row:
    """A target with every place that looked at it lately."""

    target: ProbeTarget
    looks: list[Look]

    @property
    def tone(self) -> str:
        """The worst of its places; unknown where nobody looks, neutral where it is paused."""
        if self.target.paused_at is not None:
            return "neutral"
        tones = {look.tone for look in self.looks}
        return next((tone for tone in ("breached", "healthy") if tone in tones), "unknown")


def look_at(targets: Sequence[ProbeTarget], now: datetime) -> list[Row]:
    """The targets in their order, each with what was seen of it in the last day."""
    by_ref: dict[str, list[Look]] = {target.ref: [] for target in targets}
    known = {target.ref: target for target in targets}
    customers = {target.customer_id for target in targets}
    for seen in probe_places(customers, list(by_ref), now - SPAN, now + timedelta(minutes=10)):
        target = known[seen.target]
        # A session's name is its sender's choice: what another app tells about this target is not about it.
        if (seen.customer_id, seen.app_id) == (target.customer_id, target.app_id):
            by_ref[seen.target].append(look_of(target, seen, now))
    return [Row(target, by_ref[target.ref]) for target in targets]


def look_of(target: ProbeTarget, seen: ProbePlace, now: datetime) -> Look:
    """One place's view."""
    tone = "healthy" if seen.code == "ok" else "breached"
    if now - seen.last_at > timedelta(seconds=max(target.every_s * SILENT_INTERVALS, SILENT_LEAST_S)):
        tone = "unknown"
    name = failure_name(seen.failure_code) if seen.failure_code else ""
    return Look(place_name(seen.place), tone, seen, name, waterfall_of(seen.failure), waterfall_of(seen.success))


def waterfall_of(text: str) -> Waterfall | None:
    """The waterfall in an agent's words; None where they are not what an agent of ours would say."""
    try:
        told = json.loads(text)
        steps = [(str(code), int(at), int(took), bool(bad)) for code, at, took, bad in told["steps"][:MOST_STEPS]]
        whole = max([int(told["took_ms"]), *(at + took for _, at, took, _ in steps), 1])
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    if any(at < 0 or took < 0 for _, at, took, _ in steps):
        return None
    bars = [
        Bar(step_name(code), round(at * 100 / whole, 2), round(max(took * 100 / whole, 0.6), 2), took, bad)
        for code, at, took, bad in steps
    ]
    further = {name: value for name, value in told.items() if name not in ("steps", "took_ms", "reason")}
    return Waterfall(bars, whole, str(told.get("reason", "")), further)
