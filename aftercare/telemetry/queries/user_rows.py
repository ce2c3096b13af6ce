"""Everything stored about one end user, by the names it is stored under."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.schema.columns import COLUMN_TYPES
from aftercare.telemetry.store import engine
from aftercare.telemetry.store.room import require_room

# What the sender told, and when it came; our own bookkeeping (keys, commits, counting marks) is not about the user.
TOLD = tuple(
    name for name in COLUMN_TYPES if name not in ("customer", "keep_days", "commit", "batch", "line", "sign", "opened")
)
# A row is the user's by its name, or, where it does not say, by a session that the user was in.
OF_DAY = (
    "customer = {customer:UInt32} AND ts >= toDateTime64({day:String}, 3, 'UTC') "
    "AND ts < toDateTime64({next:String}, 3, 'UTC')"
)
MINE = "(user IN {names:Array(String)} OR (user = '' AND session IN {sessions:Array(String)}))"


def days_of(customer: int, names: Sequence[str]) -> list[str]:
    """The days (UTC, ISO) on which this user was seen."""
    rows = ask(
        "telemetry.user_days",
        "SELECT DISTINCT toString(toDate(ts)) AS day FROM samples "
        "WHERE customer = {customer:UInt32} AND user IN {names:Array(String)} ORDER BY day",
        {"customer": customer, "names": list(names)},
    )
    return [row[0] for row in rows]


def plain_users(customer: int) -> list[str]:
    """The customer's stored users that are not hashes."""
    rows = ask(
        "telemetry.plain_users",
        "SELECT DISTINCT user FROM samples WHERE customer = {customer:UInt32} AND user != '' "
        "AND NOT match(user, '^[0-9a-f]{32}$')",
        {"customer": customer},
    )
    return [row[0] for row in rows]


def of_day(customer: int, names: Sequence[str], day: str) -> dict[str, Any]:
    """The parameters that pick the user's rows of a day, the user's sessions among them."""
    following = (datetime.fromisoformat(day) + timedelta(days=1)).strftime("%Y-%m-%d")
    parameters = {"customer": customer, "names": list(names), "day": day, "next": following}
    rows = ask(
        "telemetry.user_sessions",
        f"SELECT DISTINCT session FROM samples WHERE {OF_DAY} AND user IN {{names:Array(String)}}",
        parameters,
    )
    return {**parameters, "sessions": [row[0] for row in rows]}


def rows_of_day(customer: int, names: Sequence[str], day: str) -> Iterator[str]:
    """The user's raw rows of a day as JSON lines, in time's order; columns that say nothing are left out."""
    rows = ask(
        "telemetry.user_rows",
        f"SELECT {', '.join(TOLD)} FROM samples WHERE {OF_DAY} AND {MINE} ORDER BY ts, session",
        of_day(customer, names, day),
    )
    for row in rows:
        told = {name: value for name, value in zip(TOLD, row, strict=True) if says_something(value)}
        yield json.dumps(told, ensure_ascii=False, default=str)


def says_something(value: Any) -> bool:
    """Whether a value is neither empty, nor zero, nor unknown (NaN)."""
    return bool(value) and value == value


def erase_day(customer: int, names: Sequence[str], day: str) -> int:
    """Remove the user's raw rows and session rows of a day; returns how many raw rows went."""
    parameters = of_day(customer, names, day)
    count = int(ask("telemetry.user_count", f"SELECT count() FROM samples WHERE {OF_DAY} AND {MINE}", parameters)[0][0])
    pool = engine.pool()
    require_room(pool)
    waiting = "SETTINGS lightweight_deletes_sync = 2"
    pool.command(f"DELETE FROM {pool.address.stored('samples')} WHERE {OF_DAY} AND {MINE} {waiting}", parameters)
    pool.command(
        f"DELETE FROM {pool.address.stored('sessions')} WHERE customer = {{customer:UInt32}} "
        f"AND day = toDate({{day:String}}) AND {MINE} {waiting}",
        parameters,
    )
    return count
