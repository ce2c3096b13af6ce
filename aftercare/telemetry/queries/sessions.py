"""Finding media sessions: by who, where and with what; the worst or the newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from aftercare.accounts.models import App
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import aware
from aftercare.telemetry.queries.session_sql import (
    KEPT,
    LOSSES,
    TAIL,
    TEXT_FACTS,
    base,
    checked_facts,
    conditions_of,
    grouped,
    having,
    merge_of,
)
from aftercare.telemetry.store.rollups import SESSION_COLUMNS

Order = Literal["worst", "newest"]
Session = dict[str, Any]

# What lists of sessions and tickets show; a column that nobody sees would be read from every part all the same.
SHOWN = (
    *("started_at", "ended_at", "stream", "country", "province", "carrier", "network", "device", "sdk", "sdk_version"),
    *("play_ms", "stall_ms", "stall_count", "video_frozen_600_ms", "audio_frozen_200_ms", "errors", "first_frame_ms"),
)
PER_PAGE = 50
MERGES: dict[str, Callable[[tuple[Any, Any]], Any]] = {"min": min, "max": max, "sum": sum}


@dataclass(frozen=True)
class Found:
    """One page of sessions and how many there are in all."""

    rows: list[Session]
    total: int


def worst_sessions(
    app: App, start: datetime, end: datetime, limit: int = 10, filters: Mapping[str, str] | None = None
) -> list[Session]:
    """The sessions that lost most time in a span, worst first; those that lost nothing are left out.

    Times are aware UTC datetimes, durations milliseconds; `region` is "country province" as far as known.
    """
    return find(app, start, end, checked_facts(filters), "worst", limit, 0, only_bad=True).rows


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
    offset = (max(page, 1) - 1) * per_page
    found = find(app, start, end, facts, order, per_page, offset, text=text)
    if found.rows or not offset:
        return found
    return Found([], find(app, start, end, facts, order, 1, 0, text=text).total)


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
) -> Found:
    """The sessions in order. Two steps: the few that are asked for are picked by few columns, then told in full."""
    span, told_facts, parameters = conditions_of(app, start, end, facts, text)
    conditions = [*span, *told_facts, *(["lost_ms > 0"] if only_bad else [])]
    # Counting all of them costs as much again as finding the worst: only a search that pages does.
    total = "0" if only_bad else "count() OVER ()"
    by = "lost_ms DESC, started_at DESC" if order == "worst" else "started_at DESC"
    needed = {"started_at", "ended_at", *LOSSES, *facts, *(TEXT_FACTS if text else ())}
    rows = grouped(sorted(needed - {"session"}), having(told_facts))
    picked = ask(
        "telemetry.sessions",
        f"SELECT session, in_tail, lost_ms, {total} FROM ({rows}) WHERE {' AND '.join(conditions)} "
        f"ORDER BY {by}, session LIMIT {int(limit)} OFFSET {int(offset)}",
        parameters,
    )
    names = [row[0] for row in picked]
    told = tell(app, start, end, names, with_tail=any(row[1] for row in picked))
    found = [session_of(told[name], lost) for name, _tail, lost, _total in picked if name in told]
    return Found(found, int(picked[0][3]) if picked else 0)


def tell(app: App, start: datetime, end: datetime, names: Sequence[str], *, with_tail: bool) -> dict[str, Session]:
    """What is shown of these sessions. Their few rows are put together here: planning the SQL takes longer."""
    if not names:
        return {}
    parameters = {**base(app, start, end), "names": list(names)}
    of_names = "session IN {names:Array(String)}"
    kept = f"SELECT session, {', '.join(SHOWN)} FROM sessions WHERE {KEPT} AND {of_names}"
    rows = list(ask("telemetry.sessions_told", kept, parameters))
    if with_tail:
        raw = ", ".join(SESSION_COLUMNS[name][1] for name in SHOWN)
        tail = f"SELECT session, {raw} FROM samples WHERE {TAIL} AND {of_names} GROUP BY session"
        rows += ask("telemetry.sessions_tail", tail, parameters)
    told: dict[str, Session] = {}
    for row in rows:
        part = dict(zip(("session", *SHOWN), row, strict=True))
        whole = told.setdefault(part["session"], part)
        if whole is not part:
            whole.update({name: MERGES[merge_of(name)]((whole[name], part[name])) for name in SHOWN})
    return told


def session_of(row: Session, lost_ms: int) -> Session:
    """The row with the fields that people ask for by other names."""
    region = " ".join(part for part in (row["country"], row["province"]) if part)
    spans = {name: aware(row[name]) for name in ("started_at", "ended_at")}
    return {**row, **spans, "region": region, "lost_ms": lost_ms}
