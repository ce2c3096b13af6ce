"""Which values the dimensions of an app have, for filters to choose from."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import AppLike, epoch_s, floored, scope

PER_DIMENSION = 100


def dimension_values(app: AppLike, dimensions: Sequence[str], start: datetime, end: datetime) -> dict[str, list[str]]:
    """The values of each dimension that reported in the hours of a span, the most frequent first, in one query."""
    rows = ask(
        "telemetry.values",
        f"SELECT cut, value FROM r1h WHERE customer = {{customer:UInt32}} AND app = {{app:UInt32}} "
        "AND cut IN {cuts:Array(String)} AND bucket >= toDateTime({start:UInt32}, 'UTC') "
        "AND bucket < toDateTime({end:UInt32}, 'UTC') AND value != '' "
        f"GROUP BY cut, value ORDER BY cut, sum(reports) DESC LIMIT {PER_DIMENSION} BY cut",
        {**scope(app), "cuts": list(dimensions), "start": epoch_s(floored(start, 3600)), "end": epoch_s(end)},
    )
    values: dict[str, list[str]] = defaultdict(list)
    for cut, value in rows:
        values[cut].append(value)
    return dict(values)
