"""Bandwidth as bills count it: from five-minute slots, over all of an app's traffic."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aftercare.accounts.models import App
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import epoch_s, instant, reading

SLOT_S = 300


@dataclass(frozen=True)
class BilledBandwidth:
    """Megabits per second; None without any slot. `slots` were reported in of the `possible` ones."""

    p95_mbps: float | None
    mean_of_daily_peaks_mbps: float | None
    peak_mbps: float | None
    slots: int
    possible: int


def billed_bandwidth(app: App, start: datetime, end: datetime, *, zone: tzinfo, now: datetime) -> BilledBandwidth:
    """The 95th percentile (the highest slot after the top 5% are dropped) and the mean of the daily peaks.

    A slot nobody reported in counts as no traffic: bills are about what was sent. Slots from before the app was
    taken on do not count at all. Days are those of `zone`.
    Minutes are kept for 35 days; `start` may not be older.
    """
    source = reading(app, start, end, filters=None, now=now, table="r1m")
    rows = ask(
        "telemetry.bandwidth",
        f"SELECT {source.stepped(SLOT_S)} AS slot, sum(bytes) FROM {source.table} WHERE {source.where} GROUP BY slot "
        "HAVING sum(bytes) > 0",
        source.parameters,
    )
    slots = {int(at): float(total) * 8 / SLOT_S / 1e6 for at, total in rows}
    begun = max(epoch_s(start), min([epoch_s(app.created_at), *slots]))
    possible = max((epoch_s(end) - begun) // SLOT_S, 1)
    if not slots:
        return BilledBandwidth(None, None, None, 0, possible)
    daily: dict[str, float] = defaultdict(float)
    for at, mbps in slots.items():
        day = instant(at).astimezone(zone).date().isoformat()
        daily[day] = max(daily[day], mbps)
    return BilledBandwidth(
        p95_mbps=percentile_95(list(slots.values()), possible),
        mean_of_daily_peaks_mbps=sum(daily.values()) / len(daily),
        peak_mbps=max(daily.values()),
        slots=len(slots),
        possible=possible,
    )


def percentile_95(values: list[float], possible: int) -> float:
    """The highest of all possible slots once the top 5% are dropped; missing slots are zeros."""
    dropped = math.floor(possible * 0.05)
    ordered = sorted(values, reverse=True)
    return ordered[dropped] if dropped < len(ordered) else 0.0
