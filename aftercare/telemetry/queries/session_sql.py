"""The SQL of sessions: one row per session, from the session table and the raw rows it does not hold yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from aftercare.accounts.models import App
from aftercare.accounts.queries import user_hash
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries.reading import epoch_ms_of, scope
from aftercare.telemetry.store.rollups import SESSION_COLUMNS
from aftercare.telemetry.store.steps import rolled_through

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
# Identifiers belong to a few sessions, a device to some, a role to most.
FACTS_BY_RARITY = (
    *("session", "call", "user", "stream", "device", "edge", "province", "sdk_version", "app_version", "carrier"),
    *("network", "os", "cdn", "domain", "country", "sdk", "protocol", "role"),
)
# Time a viewer lost: stalls or freezes, a start beyond one second, ten seconds for each error or failure.
START_GRACE_MS, ERROR_COSTS_MS = 1000, 10_000
# One pause may be told as a stall, as frozen video and as frozen audio: the longest of the three is what was lost.
STANDSTILLS = ("stall_ms", "video_frozen_600_ms", "audio_frozen_200_ms")
LOSSES = (*STANDSTILLS, "errors", "first_frame_ms")
LONGEST_SESSION = timedelta(days=1)
# Data older than a week is refused at the door: raw rows that are not rolled yet cannot be older.
YOUNGEST_RAW = timedelta(days=8)

TEXT_FACTS = ("user", "stream", "call")
OWN = "customer = {customer:UInt32} AND app = {app:UInt32}"
KEPT = f"{OWN} AND day >= toDate({{first_day:String}}) AND day <= toDate({{last_day:String}})"
TAIL = (
    f"{OWN} AND ts >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC') "
    "AND ts < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC') AND commit > {rolled:UInt64} AND {with_tail:UInt8} = 1"
)


def lost_ms() -> str:
    """SQL: the milliseconds a session's viewer lost."""
    slow = f"greatest(toInt64(first_frame_ms) - {START_GRACE_MS}, 0)"
    return f"greatest({', '.join(STANDSTILLS)}) + {slow} + errors * {ERROR_COSTS_MS}"


def checked_facts(filters: Mapping[str, str] | None) -> dict[str, str]:
    """The filters, all of them known facts. Raises Refused with a sentence that names the stranger."""
    facts = dict(filters or {})
    for fact in facts:
        if fact not in FACTS:
            raise Refused(_("Sessions cannot be found by “%(name)s”.") % {"name": fact[:40]})
    return facts


def grouped(columns: Sequence[str], narrowed: str = "") -> str:
    """SQL: one row per session with these columns, from the session table and the raw rows it does not hold yet.

    `narrowed` is a condition (beginning with AND) that leaves out rows of sessions that are not asked for.
    """
    merged = "".join(f", {merge_of(name)}(p_{name}) AS {name}" for name in columns)
    kept = "".join(f", {name} AS p_{name}" for name in columns)
    raw = "".join(f", {SESSION_COLUMNS[name][1]} AS p_{name}" for name in columns)
    return (
        f"SELECT session, max(tail) AS in_tail{merged}, {lost_ms()} AS lost_ms FROM ("
        f"SELECT session, 0 AS tail{kept} FROM sessions WHERE {KEPT}{narrowed} "
        f"UNION ALL SELECT session, 1 AS tail{raw} FROM samples WHERE {TAIL}{narrowed} GROUP BY session"
        ") GROUP BY session"
    )


def having(told: Sequence[str]) -> str:
    """SQL: the session is one of those with a row that tells these facts, so that few sessions are put together.

    Facts may stand on different rows of a session: one of them is enough here, the merged row is asked for all.
    """
    if not told:
        return ""
    like = told[0]
    names = f"SELECT session FROM sessions WHERE {KEPT} AND {like} UNION ALL SELECT session FROM samples WHERE {TAIL}"
    return f" AND session IN ({names} AND {like})"


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
        "from_ms": epoch_ms_of(max(first, utc_now() - YOUNGEST_RAW)),
        "until_ms": epoch_ms_of(end),
        "rolled": rolled,
        "with_tail": int(rolled > 0),
    }


def conditions_of(
    app: App, start: datetime, end: datetime, facts: Mapping[str, str], text: str
) -> tuple[list[str], list[str], dict[str, Any]]:
    """What a session must be like, on its merged row: a part of it may not know a fact yet.

    Gives the condition on its time, those on its facts with the rarest first, and their parameters.
    """
    span = [
        "ended_at >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC')",
        "started_at < fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC')",
    ]
    parameters: dict[str, Any] = {**base(app, start, end), "start_ms": epoch_ms_of(start), "end_ms": epoch_ms_of(end)}
    told: list[str] = []
    for fact, value in sorted(facts.items(), key=lambda item: FACTS_BY_RARITY.index(item[0])):
        if fact == "user":
            told.append("user IN {f_user:Array(String)}")
            parameters["f_user"] = identifiers(app, value)
        else:
            told.append(f"{fact} = {{f_{fact}:String}}")
            parameters[f"f_{fact}"] = value
    if text:
        told.insert(
            0,
            "(session = {text:String} OR stream = {text:String} OR call = {text:String} "
            "OR user IN {text_user:Array(String)})",
        )
        parameters |= {"text": text, "text_user": identifiers(app, text)}
    return span, told, parameters


def identifiers(app: App, identifier: str) -> list[str]:
    """What a user may be stored as: the plain identifier, or its hash under the customer's secret."""
    return [identifier, user_hash(app.customer, identifier).hex()]
