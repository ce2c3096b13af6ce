"""The sessions this process knows: a cache over the raw rows, so that a restart or an eviction loses nothing."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from aftercare.ingest.playback import Playback, Point
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.seen import Seen, hash64
from aftercare.telemetry.schema.columns import FACTS
from aftercare.telemetry.store.client import ClientPool

IDLE_MS = 15 * 60_000
# Beyond so many, those that have been silent the longest go; each takes about 1 KB.
MOST_HELD = 300_000
RECENT_LINES = 64


class Session:
    """What is remembered of one session between its reports."""

    __slots__ = (
        "app",
        "facts",
        "forgot_until",
        "given",
        "is_new",
        "name",
        "opened",
        "origin",
        "playback",
        "recent",
        "touched_ms",
        "uncommitted",
    )

    def __init__(self, app: int, name: str, *, is_new: bool = True) -> None:
        self.app = app
        self.name = name
        self.is_new = is_new
        self.opened = not is_new
        self.facts = NO_FACTS
        self.origin: Any = None  # what the facts were made from, to see cheaply that nothing changed
        self.given = NO_FACTS  # what was last filled in from the request, where the sender did not say
        self.playback: Playback | None = None
        self.uncommitted: list[Point] = []  # of the commit in the making: not yet in the raw rows
        self.recent: dict[int, int] = {}  # line hash to its time, the newest ones
        self.forgot_until = -1  # lines up to this time may have been dropped from `recent`
        self.touched_ms = 0

    def note_line(self, line: int, ts: int) -> None:
        """Remember a line's hash; the older half goes when there are many."""
        self.recent[line] = ts
        if len(self.recent) > 2 * RECENT_LINES:
            by_time = sorted(self.recent.items(), key=lambda item: item[1])
            self.forgot_until = max(self.forgot_until, by_time[RECENT_LINES - 1][1])
            self.recent = dict(by_time[RECENT_LINES:])

    def open(self) -> int:
        """1 for the row that opens the session, 0 for all later ones."""
        first, self.opened = not self.opened, True
        return int(first)


def key_hash(app: int, name: str) -> int:
    """The hash by which a session is known for a day."""
    return hash64(f"{app}\n{name}")


class Sessions:
    """All sessions by app and name. Used by the committing thread alone."""

    def __init__(self, pool: ClientPool) -> None:
        self._pool = pool
        self._held: dict[tuple[int, str], Session] = {}
        self._known = Seen()
        self._swept_ms = 0

    def load_known(self, now_s: float) -> None:
        """At start: which sessions of the last day are in the raw rows."""
        rows = self._pool.rows(
            "SELECT DISTINCT halfMD5(concat(toString(app), '\\n', session)) FROM samples "
            "WHERE ts > toDateTime64({since:Float64}, 3) AND ts < toDateTime64({until:Float64}, 3)",
            {"since": now_s - 8 * 86_400, "until": now_s + 3600},
        )
        self._known.add_many(np.array([row[0] for row in rows], np.uint64), now_s)

    def resolve(self, wanted: Iterable[tuple[int, int, str]]) -> None:
        """Have all these (customer, app, session) at hand: held, read back from raw rows, or new."""
        missing = {(app, name): customer for customer, app, name in wanted if (app, name) not in self._held}
        back: list[tuple[int, int, str]] = []
        for (app, name), customer in missing.items():
            if key_hash(app, name) in self._known:
                back.append((customer, app, name))
            else:
                self._held[app, name] = Session(app, name)
        if back:
            self._read_back(back)

    def get(self, app: int, name: str) -> Session:
        """A resolved session."""
        return self._held[app, name]

    def keep(self, touched: Iterable[Session], now_s: float) -> None:
        """After a commit: new sessions are known from now on."""
        now_ms = int(now_s * 1000)
        for session in touched:
            session.touched_ms = now_ms
            session.uncommitted.clear()
            if session.playback is not None:
                session.playback.trim()
            if session.is_new:
                session.is_new = False
                self._known.add(key_hash(session.app, session.name), now_s)
        if now_ms - self._swept_ms > 60_000 or len(self._held) > MOST_HELD:
            self._swept_ms = now_ms
            self._let_go([key for key, session in self._held.items() if now_ms - session.touched_ms > IDLE_MS], now_s)
        if len(self._held) > MOST_HELD:
            by_silence = sorted(self._held, key=lambda key: self._held[key].touched_ms)
            self._let_go(by_silence[: len(by_silence) // 4], now_s)

    def _let_go(self, keys: list[tuple[int, str]], now_s: float) -> None:
        """Out of memory, but known for another day: from now on, not from when they were first seen."""
        for app, name in keys:
            session = self._held.pop((app, name))
            if not session.is_new:  # else nothing of it was ever stored, and its first report still opens it
                self._known.add(key_hash(app, name), now_s)

    def forget(self, touched: Iterable[Session]) -> None:
        """After a failed commit: what these sessions were brought to never happened."""
        for session in touched:
            self._held.pop((session.app, session.name), None)

    def reread(self, customer: int, session: Session) -> Session:
        """The session with its whole history, for a report older than what is held of it."""
        self._read_back([(customer, session.app, session.name)], is_whole=True)
        whole = self._held[session.app, session.name]
        whole.is_new, whole.opened = session.is_new, session.opened
        whole.facts, whole.origin, whole.given = session.facts, session.origin, session.given
        whole.recent.update(session.recent)
        whole.playback = whole.playback or Playback(is_whole=True)
        for point in session.uncommitted:
            whole.playback.add(point)
        whole.uncommitted = session.uncommitted
        return whole

    def known_lines(self, asked: list[tuple[int, int, str, int]]) -> set[tuple[int, int]]:
        """Which of these lines (customer, app, session, hash) are in the raw rows, by app and hash."""
        rows = self._pool.rows(
            "SELECT DISTINCT app, line FROM samples WHERE customer IN {customers:Array(UInt32)} "
            "AND app IN {apps:Array(UInt32)} AND ts > now64(3) - INTERVAL 8 DAY "
            "AND session IN {names:Array(String)} AND line IN {lines:Array(UInt64)}",
            {
                "customers": sorted({a[0] for a in asked}),
                "apps": sorted({a[1] for a in asked}),
                "names": sorted({a[2] for a in asked}),
                "lines": [a[3] for a in asked],
            },
        )
        return {(int(app), int(line)) for app, line in rows}

    def _read_back(self, wanted: list[tuple[int, int, str]], *, is_whole: bool = False) -> None:
        facts = ", ".join(f"argMax({fact}, (ts, {fact} != ''))" for fact in FACTS)
        where = (
            "customer IN {customers:Array(UInt32)} AND app IN {apps:Array(UInt32)} "
            "AND ts > now64(3) - INTERVAL 8 DAY AND session IN {names:Array(String)}"
        )
        asked = {
            "customers": sorted({w[0] for w in wanted}),
            "apps": sorted({w[1] for w in wanted}),
            "names": sorted({w[2] for w in wanted}),
        }
        rows = self._pool.rows(f"SELECT app, session, {facts} FROM samples WHERE {where} GROUP BY app, session", asked)
        points = self._pool.rows(
            "SELECT app, session, toUnixTimestamp64Milli(ts), JSONExtractInt(detail, 'sn'), event, code, line, "
            f"startsWith(source, 'cmcd') FROM samples WHERE {where} AND (startsWith(source, 'cmcd') OR line != 0) "
            "ORDER BY ts",
            asked,
        )
        # Only now, with all of it read: a session half read back would take repeated lines for new ones.
        for _, app, name in wanted:
            self._held[app, name] = Session(app, name, is_new=False)
        for app, name, *told in rows:
            if (app, name) in self._held:
                self._held[app, name].facts = Facts(*told)
        for app, name, ts, sequence, event, code, line, is_cmcd in points:
            session = self._held.get((app, name))
            if session is None:
                continue
            if line:
                session.note_line(line, ts)
            if is_cmcd and event in ("state", ""):
                session.playback = session.playback or Playback(is_whole=is_whole)
                session.playback.add((ts, sequence, code))
