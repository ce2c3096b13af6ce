"""What the raw rows of the last days say of things: the book as it was before a restart."""

from collections import defaultdict
from typing import Any

from aftercare.ingest.keys import Key
from aftercare.ingest.presence.book import PRESENCE, Book, ThingId
from aftercare.ingest.presence.notices import decode
from aftercare.ingest.presence.pairing import sessions_of
from aftercare.ingest.presence.telling import Telling, telling_of
from aftercare.ingest.presence.things import Thing
from aftercare.ingest.samples import Facts
from aftercare.telemetry.schema.columns import FACTS
from aftercare.telemetry.store.client import ClientPool

HOOKS = "hooks/"
"""How the sources of notices begin."""
# What is older than a week is not taken, and what nobody ended is followed for as long.
BACK_S = 8 * 86_400
NOTICES = (
    "SELECT customer, app, detail, max(keep_days), any(source), max(line), "
    "toUnixTimestamp64Milli(max(received)), "
    + ", ".join(f"argMax({fact}, commit)" for fact in FACTS)
    + " FROM samples WHERE ts > toDateTime64({since:Float64}, 3) AND startsWith(source, {hooks:String}) "
    "AND detail != '' GROUP BY customer, app, detail ORDER BY max(commit)"
)
TOLD = (
    "SELECT customer, app, session, sum(interval_ms), sum(bytes) FROM samples "
    "WHERE ts > toDateTime64({since:Float64}, 3) AND source = {presence:String} GROUP BY customer, app, session"
)


def read_back(book: Book, pool: ClientPool, now_s: float) -> None:
    """Fill a book at the start.

    A commit holds notices and all that follows from them, so what was told of a session is what would be told of it
    now, but for how far its presence had come: that is the sum of its slices, from its begin on.
    """
    since = now_s - BACK_S
    things: dict[ThingId, Thing] = {}
    for customer, app, detail, keep_days, source, line, received, *facts in pool.rows(
        NOTICES, {"hooks": HOOKS, "since": since}
    ):
        notice = decode(detail)
        key = Key("", customer, app, keep_days, 0, None)
        thing = things.setdefault((customer, app, notice.thing), Thing(key, source))
        thing.facts = Facts(*facts)
        thing.notices.append(notice)
        thing.touched_ms = max(thing.touched_ms, int(received))
        if line:
            book.hold_line(app, line, now_s)
    sums: dict[tuple[int, int], dict[str, tuple[int, int]]] = defaultdict(dict)
    rows: Any = pool.rows(TOLD, {"presence": PRESENCE, "since": since}) if things else []
    for customer, app, session, length, count in rows:
        sums[customer, app][session] = (int(length), int(count))
    now_ms = int(now_s * 1000)
    for identity, thing in things.items():
        for span in sessions_of(thing.notices):
            wanted = telling_of(span, now_ms)
            length, count = sums[identity[:2]].get(span.name, (0, 0))
            until = wanted.begin + length if wanted.begin else 0
            thing.told[span.name] = Telling(wanted.begin, until, count, wanted.happenings)
        thing.thin()
        book.hold(identity, thing, now_ms)
