"""What the raw rows of the last days say of things: the book as it was before a restart."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from aftercare.ingest.keys import Key
from aftercare.ingest.presence.book import PRESENCE, Book, ThingId
from aftercare.ingest.presence.notices import decode
from aftercare.ingest.presence.pairing import sessions_of
from aftercare.ingest.presence.telling import Telling, telling_of
from aftercare.ingest.presence.things import KEPT_MS, Thing
from aftercare.ingest.samples import Facts
from aftercare.telemetry.schema.columns import FACTS
from aftercare.telemetry.store.client import ClientPool

HOOKS = "hooks/"
"""How the sources of notices begin."""
# What is older than a week is not taken, and what nobody ended is followed for as long.
BACK_S = 8 * 86_400
DAY_S = 86_400
# Sessions asked for at once.
SOME = 5_000
OF_HOOKS = "ts > toDateTime64({since:Float64}, 3) AND startsWith(source, {hooks:String}) AND detail != ''"
# Things that may still be told of: those whose newest notice is no close, and those that were told of lately.
NOTICES = (
    "SELECT customer, app, JSONExtractString(detail, 'thing') AS thing, max(keep_days), any(source), "
    "toUnixTimestamp64Milli(max(samples.received)) AS heard, groupUniqArray(detail), "
    + ", ".join(f"argMax({fact}, commit)" for fact in FACTS)
    + f" FROM samples WHERE {OF_HOOKS} GROUP BY customer, app, thing HAVING heard > {{recent:Int64}} "
    "OR argMax(JSONExtractString(detail, 'kind'), JSONExtractInt(detail, 'at')) != 'close'"
)
LINES = (
    f"SELECT DISTINCT app, line FROM samples WHERE {OF_HOOKS} AND line != 0 "
    "AND received > toDateTime64({day:Float64}, 3)"
)
TOLD = (
    "SELECT customer, app, session, sum(interval_ms), sum(bytes) FROM samples "
    "WHERE customer IN {customers:Array(UInt32)} AND app IN {apps:Array(UInt32)} "
    "AND ts > toDateTime64({since:Float64}, 3) AND source = {presence:String} AND session IN {names:Array(String)} "
    "GROUP BY customer, app, session"
)


def read_back(book: Book, pool: ClientPool, now_s: float) -> None:
    """Fill a book at the start.

    A commit holds notices and all that follows from them, so what was told of a session is what would be told of it
    now, but for how far its presence had come: that is the sum of its slices, from its begin on.
    """
    asked = {"hooks": HOOKS, "since": now_s - BACK_S}
    lines: Any = pool.rows(LINES, {**asked, "day": now_s - DAY_S})
    book.hold_lines(np.array([int(app) ^ int(line) for app, line in lines], np.uint64), now_s)
    now_ms = int(now_s * 1000)
    noticed: Any = pool.rows(NOTICES, {**asked, "recent": now_ms - KEPT_MS})
    things = (thing_of_row(row) for row in noticed)
    while some := dict(islice(things, SOME)):
        for identity, thing, sums in with_sums(some, pool, now_s):
            for span in sessions_of(thing.notices):
                wanted = telling_of(span, now_ms)
                length, count = sums.get(span.name, (0, 0))
                until = wanted.begin + length if wanted.begin else 0
                thing.told[span.name] = Telling(wanted.begin, until, count, wanted.happenings)
            thing.thin()
            book.hold(identity, thing, now_ms)


def thing_of_row(row: Any) -> tuple[ThingId, Thing]:
    """A thing as the raw rows know it, without what was told of its presence."""
    customer, app, name, keep_days, source, heard, details, *facts = row
    thing = Thing(Key("", customer, app, keep_days, 0, None), source, Facts(*facts))
    thing.notices = [decode(detail) for detail in details]
    thing.touched_ms = int(heard)
    return (customer, app, name), thing


def with_sums(
    things: dict[ThingId, Thing], pool: ClientPool, now_s: float
) -> Iterator[tuple[ThingId, Thing, dict[str, tuple[int, int]]]]:
    """Each thing with the milliseconds and bytes that were told of each of its sessions."""
    names = {identity: [span.name for span in sessions_of(thing.notices)] for identity, thing in things.items()}
    asked = {
        "customers": sorted({customer for customer, _, _ in things}),
        "apps": sorted({app for _, app, _ in things}),
        "names": sorted({name for found in names.values() for name in found}),
        "presence": PRESENCE,
        "since": now_s - BACK_S,
    }
    rows: Any = pool.rows(TOLD, asked)
    told = {(int(customer), int(app), name): (int(ms), int(count)) for customer, app, name, ms, count in rows}
    for identity, thing in things.items():
        owner = identity[:2]
        yield identity, thing, {name: told[(*owner, name)] for name in names[identity] if (*owner, name) in told}
