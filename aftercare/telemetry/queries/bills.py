"""Bandwidth as bills count it: calendar months in five-minute slots, over all of an app's traffic.

What the two figures mean stands in schema/monthly.py.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from aftercare.accounts.models import App
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import epoch_s, floored, instant, reading

SLOT_S = 300


@dataclass(frozen=True)
class Month:
    """A calendar month of a zone; `first` is its first day."""

    first: date
    zone: tzinfo

    @property
    def name(self) -> str:
        """The month as addresses write it: 2026-11."""
        return f"{self.first:%Y-%m}"

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant of the next one."""
        return midnight((self.first + timedelta(days=32)).replace(day=1), self.zone)

    @property
    def before(self) -> "Month":
        """The month before it."""
        return Month((self.first - timedelta(days=1)).replace(day=1), self.zone)


@dataclass(frozen=True)
class BilledBandwidth:
    """Megabits per second; None where nothing can be said.

    `slots` had traffic, of the `possible` ones; `days` are the whole ones in the mean of the daily peaks.
    """

    p95_mbps: float | None
    mean_of_daily_peaks_mbps: float | None
    peak_mbps: float | None
    slots: int
    possible: int
    days: int


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day of a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def months_kept(now: datetime, zone: tzinfo) -> list[Month]:
    """The months that can be billed: this one and the last. Minutes are kept for 70 days."""
    this = Month(now.astimezone(zone).date().replace(day=1), zone)
    return [this, this.before]


def billed_bandwidth(app: App, month: Month, *, now: datetime) -> BilledBandwidth:
    """The month's figures, until now while it goes on.

    A slot or day nobody reported in counts as no traffic: bills are about what was sent. Those from before the app was
    taken on do not count at all.
    """
    until = floored(min(month.end, now), SLOT_S)
    slots = slots_of(app, month, until, now)
    if not slots:
        return BilledBandwidth(None, None, None, 0, 0, 0)
    begun = max(month.start, floored(min(app.created_at, instant(min(slots))), SLOT_S))
    possible = (epoch_s(until) - epoch_s(begun)) // SLOT_S
    peaks = daily_peaks(slots, begun, until, month.zone)
    return BilledBandwidth(
        p95_mbps=percentile_95(list(slots.values()), possible),
        mean_of_daily_peaks_mbps=sum(peaks) / len(peaks) if peaks else None,
        peak_mbps=max(slots.values()),
        slots=len(slots),
        possible=possible,
        days=len(peaks),
    )


def slots_of(app: App, month: Month, until: datetime, now: datetime) -> dict[int, float]:
    """Megabits per second of each slot with traffic, by its start in epoch seconds."""
    source = reading(app, month.start, until, filters=None, now=now, table="r1m")
    rows = ask(
        "telemetry.bandwidth",
        f"SELECT {source.stepped(SLOT_S)} AS slot, sum(bytes) FROM {source.table} WHERE {source.where} GROUP BY slot "
        "HAVING sum(bytes) > 0",
        source.parameters,
    )
    return {int(at): float(total) * 8 / SLOT_S / 1e6 for at, total in rows}


def daily_peaks(slots: dict[int, float], begun: datetime, until: datetime, zone: tzinfo) -> list[float]:
    """The highest slot of each day of the zone that has ended, from the day of `begun` on; 0 where nothing was sent."""
    first = begun.astimezone(zone).date()
    ended = (until.astimezone(zone).date() - first).days
    peaks = dict.fromkeys((first + timedelta(days=number) for number in range(ended)), 0.0)
    for at, mbps in slots.items():
        day = instant(at).astimezone(zone).date()
        if day in peaks:
            peaks[day] = max(peaks[day], mbps)
    return list(peaks.values())


def percentile_95(values: list[float], possible: int) -> float:
    """The highest of all possible slots once the top 5% are dropped; missing slots are zeros."""
    dropped = math.floor(possible * 0.05)
    ordered = sorted(values, reverse=True)
    return ordered[dropped] if dropped < len(ordered) else 0.0
