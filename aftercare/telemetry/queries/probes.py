"""What probes saw of their targets: one row per target and place that an agent stands at.

A run is a session `probe/<target>/<run>`; its last row is the event `leave` with "ok" or what went wrong as its code,
and the waterfall as its detail. Runs are few and lie together in the table's order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aftercare.kernel.clock import from_epoch_ms
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import epoch_ms_of

PLACE = "country, province, carrier, network"
RUNS = (
    "customer IN {customers:Array(UInt32)} AND ts >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC') "
    "AND ts < fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC') AND session >= 'probe/' AND session < 'probe0' "
    "AND splitByChar('/', session)[2] IN {targets:Array(String)} "
    "AND role = 'probe' AND event = 'leave' AND sign = 1"
)


@dataclass(frozen=True)
class ProbePlace:
    """A target as seen from one place. Times are aware UTC and None where it never happened in the span asked for.

    `failing_since` is the first failure after the last success. Waterfalls are JSON as the agent wrote it.
    """

    customer_id: int
    app_id: int
    target: str
    place: tuple[str, str, str, str]
    runs: int
    good_runs: int
    last_at: datetime
    code: str
    last_good_at: datetime | None
    good_ms: int | None
    failing_since: datetime | None
    last_failure_at: datetime | None
    failure_code: str
    failure: str
    success: str


def probe_places(
    customers: Collection[int], targets: Collection[str], start: datetime, end: datetime
) -> list[ProbePlace]:
    """Every place that looked at one of these targets between `start` and `end`, in the order of its names."""
    if not customers or not targets:
        return []
    rows = ask(
        "telemetry.probe_places",
        f"SELECT customer, app, target, {PLACE}, count(), countIf(is_good), toUnixTimestamp64Milli(max(ts)), "
        "argMax(code, ts), toUnixTimestamp64Milli(maxIf(ts, is_good)), argMaxIf(elapsed_ms, ts, is_good), "
        "toUnixTimestamp64Milli(minIf(ts, ts > last_good)), toUnixTimestamp64Milli(maxIf(ts, NOT is_good)), "
        "argMaxIf(code, ts, NOT is_good), argMaxIf(detail, ts, NOT is_good), argMaxIf(detail, ts, is_good) FROM ("
        f"SELECT customer, app, splitByChar('/', session)[2] AS target, {PLACE}, ts, code, elapsed_ms, detail, "
        f"code = 'ok' AS is_good, maxIf(ts, code = 'ok') OVER (PARTITION BY customer, app, target, {PLACE}) "
        f"AS last_good FROM samples WHERE {RUNS}) GROUP BY customer, app, target, {PLACE} ORDER BY target, {PLACE}",
        {
            "customers": sorted(customers),
            "targets": sorted(targets),
            "start_ms": epoch_ms_of(start),
            "end_ms": epoch_ms_of(end),
        },
    )
    return [place_of(*row) for row in rows]


def place_of(
    customer: int,
    app: int,
    target: str,
    country: str,
    province: str,
    carrier: str,
    network: str,
    runs: int,
    good_runs: int,
    last: int,
    code: str,
    good: int,
    good_ms: int,
    since: int,
    failed: int,
    failure_code: str,
    failure: str,
    success: str,
) -> ProbePlace:
    """A row of the engine's; a time of 0 there is none."""
    return ProbePlace(
        customer_id=int(customer),
        app_id=int(app),
        target=target,
        place=(country, province, carrier, network),
        runs=int(runs),
        good_runs=int(good_runs),
        last_at=from_epoch_ms(int(last)),
        code=code,
        last_good_at=known(good),
        good_ms=int(good_ms) or None,
        failing_since=known(since),
        last_failure_at=known(failed),
        failure_code=failure_code,
        failure=failure,
        success=success,
    )


def known(ms: int) -> datetime | None:
    """An instant, None for the engine's empty one."""
    return from_epoch_ms(int(ms)) if ms else None
