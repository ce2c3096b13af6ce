"""A thing as it is held in memory: what was told of it, and what was told on into the rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from aftercare.ingest.keys import Key
from aftercare.ingest.presence.notices import Notice, encode
from aftercare.ingest.presence.pairing import Span, sessions_of
from aftercare.ingest.presence.telling import (
    NOTHING,
    Row,
    Telling,
    difference,
    full_slices,
    presence,
    slices,
    telling_of,
)
from aftercare.ingest.samples import NO_FACTS, Facts

Before = tuple[list[Notice], dict[str, Telling], Facts]
# A thing of so few notices needs no thinning; of one that comes again and again the newest sessions are held, and of a
# session the newest notices.
FEW, MOST_SESSIONS, MOST_NOTICES = 16, 16, 64
# For how long after it was last told of what is over is still known, for what comes late; and what nobody ever ended.
KEPT_MS = 15 * 60_000
KEPT_OPEN_MS = 7 * 86_400_000


@dataclass(eq=False)
class Thing:
    """A connection, or a user in a room. `told` is by the name of the session."""

    key: Key
    source: str
    facts: Facts = NO_FACTS
    notices: list[Notice] = field(default_factory=list)
    told: dict[str, Telling] = field(default_factory=dict)
    touched_ms: int = 0
    """When it was last told of, by our clock."""
    open_name: str = ""
    open_until: int = 0
    """Up to when the open session needs no second look: what was told of it is only to be continued."""
    is_over: bool = True
    """Whether an end was told of all its sessions."""

    def remember(self) -> Before:
        """What `restore` needs to make a failed commit undone."""
        return list(self.notices), dict(self.told), self.facts

    def restore(self, before: Before, now_ms: int) -> None:
        """Be as before."""
        self.notices, self.told, self.facts = before
        self.look(now_ms)

    def retell(self, now_ms: int) -> Iterator[Row]:
        """The rows that bring what was told up to what is known now."""
        wanted = {span.name: telling_of(span, now_ms) for span in sessions_of(self.notices)}
        for name in sorted(self.told.keys() | wanted.keys()):
            yield from difference(name, self.told.get(name, NOTHING), wanted.get(name, NOTHING))
        self.told = wanted
        self.look(now_ms)

    def look(self, now_ms: int) -> None:
        """Find the session that is open and present at a time, if there is one."""
        self.open_name, self.open_until = "", 0
        spans = sessions_of(self.notices)
        last = spans[-1] if spans else None
        self.is_over = last is None or last.end > 0
        if last and not last.end and last.begin and last.first.is_present and last.until(now_ms) >= now_ms:
            self.open_name, self.open_until = last.name, last.heard + last.silent_ms

    def go_on(self, now_ms: int) -> Iterator[Row]:
        """The rows of the time since they were last told, of an open session."""
        if now_ms > self.open_until:
            yield from self.retell(now_ms)
            return
        told, until = self.told[self.open_name], full_slices(now_ms)
        if until > told.until:
            self.told[self.open_name] = replace(told, until=until)
            yield from presence(self.open_name, {end: (length, 0) for end, length in slices(told.until, until)})

    def thin(self) -> None:
        """Hold no more than a thing of this world has: what was let go of was told, and stays so."""
        if len(self.notices) <= FEW:
            return
        spans = sessions_of(self.notices)
        for span in spans[:-MOST_SESSIONS]:
            self.told.pop(span.name, None)
            self._let_go(set(span.notices))
        for span in spans[-MOST_SESSIONS:]:
            if gone := needless(span):
                self._let_go(gone)
                details = {encode(notice).decode() for notice in gone}
                held = self.told[span.name]
                kept = Counter({h: count for h, count in held.happenings.items() if h.detail not in details})
                self.told[span.name] = replace(held, happenings=kept)

    def _let_go(self, gone: set[Notice]) -> None:
        self.notices = [notice for notice in self.notices if notice not in gone]

    def is_past(self, now_ms: int) -> bool:
        """Whether nothing more is to be expected of it."""
        return now_ms - self.touched_ms > (KEPT_MS if self.is_over else KEPT_OPEN_MS)


def needless(span: Span) -> set[Notice]:
    """Notices without which a session is the same: heartbeats between others, and of very many all but the newest.

    The first, the first close and the one with the most bytes say what the others do not.
    """
    middle = zip(span.notices, span.notices[1:], span.notices[2:], strict=False)
    gone = {b for a, b, c in middle if a.kind == b.kind == c.kind == "alive"}
    if len(span.notices) - len(gone) > MOST_NOTICES:
        closes = [notice for notice in span.notices if notice.kind == "close"]
        kept = {span.notices[0], *closes[:1], max(span.notices, key=lambda notice: notice.bytes)}
        gone |= set(span.notices[:-MOST_NOTICES]) - kept
    return gone
