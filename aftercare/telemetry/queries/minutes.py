"""Many apps minute by minute, and their highest minute together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import (
    BY_NAME,
    MINUTE_AGE,
    AppLike,
    Totals,
    epoch_s,
    floored,
    instant,
    totals_of,
)
from aftercare.telemetry.schema.catalog import metric_named

MINUTE_S = 60
WHERE = (
    "customer IN {customers:Array(UInt32)} AND app IN {apps:Array(UInt32)} AND cut = '' "
    "AND bucket >= toDateTime({start:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC')"
)


@dataclass(frozen=True)
class Peak:
    """The highest minute of several apps together: sessions at once and Mbps, each with when its minute began.

    None where nothing was reported.
    """

    concurrent: float | None = None
    concurrent_at: datetime | None = None
    mbps: float | None = None
    mbps_at: datetime | None = None


def minutes_of(
    apps: Sequence[AppLike], metric_keys: Sequence[str], start: datetime, end: datetime
) -> dict[int, dict[datetime, Totals]]:
    """The measures of these metrics by app number and minute, in one query; a minute without reports is left out.

    Raises KeyError for an unknown metric. Distinct metrics are asked for one app at a time, not here.
    """
    names = frozenset().union(*(metric_named(key).measures for key in metric_keys))
    found: dict[int, dict[datetime, Totals]] = {app.pk: {} for app in apps}
    if not apps:
        return found
    rows = ask(
        "telemetry.minutes",
        f"SELECT app, toUnixTimestamp(bucket) AS minute, "
        f"{', '.join(f'{BY_NAME[name].merge} AS m_{name}' for name in sorted(names))} FROM r1m "
        f"WHERE {WHERE} GROUP BY app, bucket",
        parameters_of(apps, start, end),
    )
    for app, minute, *totals in rows:
        found[app][instant(int(minute))] = totals_of(names, totals)
    return found


def peak_of(apps: Sequence[AppLike], start: datetime, end: datetime, *, now: datetime) -> Peak:
    """The highest minute from `start` to `end`, as far back as minutes are kept (34 days), in one query."""
    if not apps:
        return Peak()
    concurrent, bandwidth = metric_named("concurrent"), metric_named("bandwidth")
    rows = ask(
        "telemetry.peak",
        "SELECT max(present), toUnixTimestamp(argMax(minute, present)), "
        "max(sent), toUnixTimestamp(argMax(minute, sent)) "
        f"FROM (SELECT bucket AS minute, {BY_NAME['interval_ms'].merge} AS present, {BY_NAME['bytes'].merge} AS sent "
        f"FROM r1m WHERE {WHERE} GROUP BY bucket) HAVING count() > 0",
        parameters_of(apps, max(start, now - MINUTE_AGE), end),
    )
    for present, present_at, sent, sent_at in rows:
        mbps = bandwidth.value({"bytes": sent}, span_s=MINUTE_S)
        return Peak(
            concurrent=concurrent.value({"interval_ms": present}, span_s=MINUTE_S),
            concurrent_at=instant(int(present_at)),
            mbps=mbps,
            mbps_at=None if mbps is None else instant(int(sent_at)),
        )
    return Peak()


def parameters_of(apps: Sequence[AppLike], start: datetime, end: datetime) -> dict[str, object]:
    """Whose rows, and of which whole minutes."""
    return {
        "customers": sorted({app.customer_id for app in apps}),
        "apps": sorted(app.pk for app in apps),
        "start": epoch_s(floored(start, MINUTE_S)),
        "end": epoch_s(floored(end, MINUTE_S)),
    }
