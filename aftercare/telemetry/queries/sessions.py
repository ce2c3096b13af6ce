"""Finding media sessions: by who, where and with what; the worst or the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from aftercare.accounts.models import App
from aftercare.accounts.queries import user_hash
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import aware, epoch_ms_of, scope
from aftercare.telemetry.store.rollups import SESSION_COLUMNS
from aftercare.telemetry.store.steps import rolled_through

Order = Literal["worst", "newest"]
Session = dict[str, Any]

# What a session can be found by; "user" is the plain identifier, hashed here where the customer's keys hash.
FACTS = (
    "session",
    "stream",
    "call",
    "user",
    "role",
    "country",
    "province",
    "carrier",
    "network",
    "device",
    "os",
    "sdk",
    "sdk_version",
    "app_version",
    "edge",
    "cdn",
    "domain",
    "protocol",
)
SHOWN = tuple(name for name in SESSION_COLUMNS if name != "keep_days")
# Time a viewer lost: stalls, a start beyond one second, ten seconds for each error.
START_GRACE_MS, ERROR_COSTS_MS = 1000, 10_000
LONGEST_SESSION = timedelta(days=1)
PER_PAGE = 50


@dataclass(frozen=True)
class Found:
    """One page of sessions and how many there are in all."""

    rows: list[Session]
    total: int


def lost_ms(column: str = "{}") -> str:
    """SQL: the milliseconds a session's viewer lost."""
    stall, first, errors = (column.format(name) for name in ("stall_ms", "first_frame_ms", "errors"))
    slow = f"greatest(toInt64({first}) - {START_GRACE_MS}, 0)"
    return f"{stall} + {slow} + {errors} * {ERROR_COSTS_MS}"


def worst_sessions(
    app: App, start: datetime, end: datetime, limit: int = 10, filters: Mapping[str, str] | None = None
) -> list[Session]:
    """The sessions that lost most time in a span, worst first; those that lost nothing are left out.

    Times are aware UTC datetimes, durations milliseconds; `region` is "country province" as far as known.
    """
    return find(app, start, end, checked_facts(filters), "worst", limit, 0, only_bad=True)


def search_sessions(
    app: App,
    *,
    start: datetime,
    end: datetime,
    filters: Mapping[str, str] | None = None,
    text: str = "",
    order: Order = "worst",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Found:
    """One page of the sessions that were on between `start` and `end`, and their number.

    `filters` maps facts to values ("user" takes the plain identifier); `text` is a session, user, stream or call id.
    Raises Refused for a fact that does not exist.
    """
    facts = checked_facts(filters)
    rows = find(app, start, end, facts, order, per_page, (max(page, 1) - 1) * per_page, text=text)
    if len(rows) < per_page and (rows or page <= 1):
        return Found(rows, (max(page, 1) - 1) * per_page + len(rows))
    return Found(rows, count_sessions(app, start, end, facts, text))


def checked_facts(filters: Mapping[str, str] | None) -> dict[str, str]:
    """The filters, all of them known facts. Raises Refused with a sentence that names the stranger."""
    facts = dict(filters or {})
    for fact in facts:
        if fact not in FACTS:
            raise Refused(_("Sessions cannot be found by “%(name)s”.") % {"name": fact[:40]})
    return facts


def find(
    app: App,
    start: datetime,
    end: datetime,
    facts: Mapping[str, str],
    order: Order,
    limit: int,
    offset: int,
    *,
    text: str = "",
    only_bad: bool = False,
) -> list[Session]:
    """The sessions in order. Two steps: the few that are asked for are picked by few columns, then told in full."""
    conditions, parameters = conditions_of(app, start, end, facts, text)
    if only_bad:
        conditions.append("lost_ms > 0")
    by = "lost_ms DESC, started_at DESC" if order == "worst" else "started_at DESC"
    needed = {"started_at", "ended_at", "stall_ms", "errors", "first_frame_ms", *facts, *(TEXT_FACTS if text else ())}
    picked = ask(
        "telemetry.sessions",
        f"SELECT session FROM ({grouped(sorted(needed - {'session'}))}) WHERE {' AND '.join(conditions)} "
        f"ORDER BY {by}, session LIMIT {int(limit)} OFFSET {int(offset)}",
        parameters,
    )
    names = [row[0] for row in picked]
    told = {row["session"]: row for row in tell(app, start, end, names)}
    return [told[name] for name in names if name in told]


def count_sessions(app: App, start: datetime, end: datetime, facts: Mapping[str, str], text: str) -> int:
    """How many sessions there are."""
    conditions, parameters = conditions_of(app, start, end, facts, text)
    needed = {"started_at", "ended_at", *facts, *(TEXT_FACTS if text else ())} - {"session"}
    rows = ask(
        "telemetry.sessions_count",
        f"SELECT count() FROM ({grouped(sorted(needed), lost=False)}) WHERE {' AND '.join(conditions)}",
        parameters,
    )
    return int(rows[0][0])


def tell(app: App, start: datetime, end: datetime, names: Sequence[str]) -> list[Session]:
    """All that is kept of these sessions."""
    if not names:
        return []
    columns = [name for name in SHOWN if name != "session"]
    rows = ask(
        "telemetry.sessions_told",
        f"SELECT session, {', '.join(columns)}, lost_ms "
        f"FROM ({grouped(columns, also='session IN {names:Array(String)}')})",
        {**base(app, start, end), "names": list(names)},
    )
    return [session_of(dict(zip(["session", *columns, "lost_ms"], row, strict=True))) for row in rows]


def session_of(row: dict[str, Any]) -> Session:
    """The row with the fields that people ask for by other names."""
    region = " ".join(part for part in (row["country"], row["province"]) if part)
    spans = {name: aware(row[name]) for name in ("started_at", "ended_at")}
    return {**row, **spans, "region": region}


TEXT_FACTS = ("user", "stream", "call")


def grouped(columns: Sequence[str], *, also: str = "", lost: bool = True) -> str:
    """SQL: one row per session with these columns, from the session table and the raw rows it does not hold yet."""
    narrowed = f" AND {also}" if also else ""
    merged = ", ".join(f"{merge_of(name)}(p_{name}) AS {name}" for name in columns)
    kept = ", ".join(f"{name} AS p_{name}" for name in columns)
    raw = ", ".join(f"{SESSION_COLUMNS[name][1]} AS p_{name}" for name in columns)
    lost_column = f", {lost_ms()} AS lost_ms" if lost else ""
    return (
        f"SELECT session, {merged}{lost_column} FROM ("
        f"SELECT session, {kept} FROM sessions WHERE customer = {{customer:UInt32}} AND app = {{app:UInt32}} "
        f"AND day >= toDate({{first_day:String}}) AND day <= toDate({{last_day:String}}){narrowed} "
        f"UNION ALL SELECT session, {raw} FROM samples WHERE customer = {{customer:UInt32}} AND app = {{app:UInt32}} "
        f"AND ts >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC') "
        f"AND ts < fromUnixTimestamp64Milli({{until_ms:Int64}}, 'UTC') "
        f"AND commit > {{rolled:UInt64}} AND {{with_tail:UInt8}} = 1{narrowed} GROUP BY session"
        ") GROUP BY session"
    )


def merge_of(name: str) -> str:
    """The aggregate that adds up a column of the session table."""
    return SESSION_COLUMNS[name][0].removeprefix("SimpleAggregateFunction(").split(",")[0]


def base(app: App, start: datetime, end: datetime) -> dict[str, Any]:
    """Whose sessions, on which days, and from which commit on raw rows must answer.

    Where this process does not write, it does not know how far the table is built: then the table alone answers.
    """
    rolled = rolled_through("sessions")
    first, last = start - LONGEST_SESSION, end
    return {
        **scope(app),
        "first_day": first.strftime("%Y-%m-%d"),
        "last_day": last.strftime("%Y-%m-%d"),
        "from_ms": epoch_ms_of(first),
        "until_ms": epoch_ms_of(end),
        "rolled": rolled,
        "with_tail": int(rolled > 0),
    }


def conditions_of(
    app: App, start: datetime, end: datetime, facts: Mapping[str, str], text: str
) -> tuple[list[str], dict[str, Any]]:
    """What a session must be like, on its merged row: a part of it may not know a fact yet."""
    conditions = [
        "ended_at >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC')",
        "started_at < fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC')",
    ]
    parameters: dict[str, Any] = {**base(app, start, end), "start_ms": epoch_ms_of(start), "end_ms": epoch_ms_of(end)}
    for fact, value in facts.items():
        if fact == "user":
            conditions.append("user IN {f_user:Array(String)}")
            parameters["f_user"] = identifiers(app, value)
        else:
            conditions.append(f"{fact} = {{f_{fact}:String}}")
            parameters[f"f_{fact}"] = value
    if text:
        conditions.append(
            "(session = {text:String} OR stream = {text:String} OR call = {text:String} "
            "OR user IN {text_user:Array(String)})"
        )
        parameters |= {"text": text, "text_user": identifiers(app, text)}
    return conditions, parameters


def identifiers(app: App, identifier: str) -> list[str]:
    """What a user may be stored as: the plain identifier, or its hash under the customer's secret."""
    return [identifier, user_hash(app.customer, identifier).hex()]
