"""How many users were beyond a limit: each counted once, however many of several limits they were beyond."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import BY_NAME, AppLike, Reading, checked_filters, raw_reading
from aftercare.telemetry.schema.catalog import METRICS, Metric

# A question about hours of a large customer's raw rows may take so long, no longer, and leaves the other cores to those
# who wait for an answer.
LONGEST_S = 20
# Where a metric cannot be told of one session, whoever lost something counts.
LOST = ("stall_ms", "errors", "starts_failed")


@dataclass(frozen=True)
class Beyond:
    """One limit over one span: sessions on one side of it were hit. `is_above` says on which."""

    metric: str
    limit: float
    is_above: bool
    start: datetime
    end: datetime
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Affected:
    """Of `watched` sessions, `sessions` were beyond a limit, of `users` people; who told no user counts for one."""

    users: int
    sessions: int
    watched: int


def affected_users(app: AppLike, limits: Sequence[Beyond]) -> Affected | None:
    """Whom these limits found in raw rows of the app (all apps of the customer where its number is 0).

    A session is hit where the metric, reckoned of it alone within the span, is beyond the limit: a share or a mean of
    its own, one wait of a percentile's. Where the metric has no value of one session (how many are present), where it
    lost time, failed to start or had an error. Times are aware, `limit` in the metric's unit. None where no row is
    there: unknown is not zero.
    """
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    for number, limit in enumerate(limits):
        if limit.metric not in METRICS:
            continue
        checked = checked_filters(limit.filters)
        source = raw_reading(app, limit.start, limit.end, checked, with_probes="role" in checked)
        parts.append(named_apart(sql_of(METRICS[limit.metric], source, limit), number))
        parameters |= {f"n{number}_{name}": value for name, value in source.parameters.items()}
        parameters[f"n{number}_limit"] = float(limit.limit)
    if not parts:
        return None
    ((users, sessions, watched),) = ask(
        "telemetry.affected",
        "SELECT uniqExactIf(who, hit), uniqExactIf(session, hit), uniqExact(session) "
        f"FROM ({' UNION ALL '.join(parts)})",
        parameters,
        {"max_execution_time": LONGEST_S, "max_threads": 1},
    )
    return Affected(int(users), int(sessions), int(watched)) if watched else None


def sql_of(metric: Metric, source: Reading, limit: Beyond) -> str:
    """SQL: each session of the span, who it was, and whether it was hit."""
    columns, hit = hit_of(metric, ">" if limit.is_above else "<")
    who = "if(max(user) = '', session, max(user))"
    grouped = (
        f"SELECT session, {who} AS who, {columns} FROM samples WHERE {source.where} AND session != '' GROUP BY session"
    )
    return f"SELECT session, who, {hit} AS hit FROM ({grouped})"


def hit_of(metric: Metric, sign: str) -> tuple[str, str]:
    """SQL: what is needed of each session, and the condition on it. `sign` says on which side of the limit hurts."""
    if metric.cells:  # a percentile of waits: whoever waited that long
        waits = f"event = '{metric.cells}' AND elapsed_ms > 0 AND elapsed_ms {sign} {{limit:Float64}}"
        return f"countIf({waits}) AS m_0", "m_0 > 0"
    if metric.denominator and not (metric.per_bucket or metric.distinct):
        columns = f"{BY_NAME[metric.numerator].raw} AS m_0, {BY_NAME[metric.denominator].raw} AS m_1"
        return columns, f"m_1 > 0 AND {metric.scale} * m_0 / m_1 {sign} {{limit:Float64}}"
    columns = ", ".join(f"{BY_NAME[name].raw} AS m_{place}" for place, name in enumerate(LOST))
    return columns, "(" + " OR ".join(f"m_{place} > 0" for place in range(len(LOST))) + ")"


def named_apart(sql: str, number: int) -> str:
    """The question with parameters of its own, so that several stand in one."""
    return re.sub(r"\{(\w+):", rf"{{n{number}_\1:", sql)
