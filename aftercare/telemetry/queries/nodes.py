"""Who is on which node: what sessions named as their edge, CDN or domain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import aware, epoch_s, floored

# The cut that names a resource, and the kinds of resource it may name.
CUT_KINDS: dict[str, tuple[str, ...]] = {
    "edge": ("edge", "cluster"),
    "cdn": ("cluster",),
    "domain": ("cdn_domain", "api_service"),
}
PRESENT_S = 60
# What the provider's own nodes report belongs to no customer and is no session on a node.
PROVIDER = 0
OWN_LOOK_BACK = timedelta(days=1)
MOST_NODES = 50_000


@dataclass(frozen=True)
class Node:
    """One name that the sessions of one app gave."""

    customer: int
    app: int
    cut: str
    name: str
    last_seen_at: datetime
    concurrent: float


def seen_nodes(start: datetime, end: datetime) -> list[Node]:
    """All names given in a span, by app; `last_seen_at` to the hour, `concurrent` the mean over the span."""
    rows = ask(
        "telemetry.nodes_seen",
        "SELECT customer, app, cut, value, max(bucket), sum(interval_ms) FROM r1h "
        "WHERE bucket >= toDateTime({start:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC') "
        f"AND customer != {PROVIDER} AND cut IN {{cuts:Array(String)}} AND value != '' "
        f"GROUP BY customer, app, cut, value LIMIT {MOST_NODES}",
        {"start": epoch_s(floored(start, 3600)), "end": epoch_s(end), "cuts": list(CUT_KINDS)},
    )
    span_ms = (end - floored(start, 3600)).total_seconds() * 1000
    return [
        Node(customer, app, cut, value, min(max(hour_end(aware(at)), start), end), total / span_ms)
        for customer, app, cut, value, at, total in rows
    ]


def hour_end(bucket: datetime) -> datetime:
    """The last instant an hour's bucket may have been reported in."""
    return floored(bucket, 3600).replace(minute=59, second=59)


def present_nodes(names: Collection[str], now: datetime) -> dict[tuple[int, str, str], float]:
    """Sessions on at once in the last full minute, by (app, cut, name), for these names."""
    if not names:
        return {}
    end = floored(now, 10)
    rows = ask(
        "telemetry.nodes_present",
        "SELECT app, cut, value, sum(interval_ms) FROM r10s "
        "WHERE bucket >= toDateTime({start:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC') "
        f"AND customer != {PROVIDER} AND cut IN {{cuts:Array(String)}} AND value IN {{names:Array(String)}} "
        "GROUP BY app, cut, value",
        {"start": epoch_s(end) - PRESENT_S, "end": epoch_s(end), "cuts": list(CUT_KINDS), "names": sorted(names)},
    )
    return {(app, cut, value): total / (PRESENT_S * 1000) for app, cut, value, total in rows}


def own_report_at(name: str, now: datetime) -> datetime | None:
    """The minute of the newest report that the resource of this name sent with a key of its own; None in a day."""
    rows = ask(
        "telemetry.node_reports",
        f"SELECT max(bucket), count() FROM r1m WHERE customer = {PROVIDER} AND app = 0 "
        "AND bucket >= toDateTime({start:UInt32}, 'UTC') AND cut IN ('edge', 'domain') AND value = {name:String}",
        {"start": epoch_s(now - OWN_LOOK_BACK), "name": name},
    )
    return aware(rows[0][0]) if rows[0][1] else None
