"""All things that notices were told of, by app. Used by the committing thread alone; read back from the raw rows."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from aftercare.ingest.batches import Batch
from aftercare.ingest.facts import Vocabulary
from aftercare.ingest.presence.notices import Told, encode
from aftercare.ingest.presence.telling import Row, full_slices
from aftercare.ingest.presence.things import Before, Thing
from aftercare.ingest.rows import Rows
from aftercare.ingest.seen import Seen

# Of an app's sessions so many are told as present while they are open, each of which costs a row every ten seconds;
# those beyond are told at their end. So many of an app are held, each 1.5 KB; of those beyond only what is told of
# them is stored.
MOST_OPEN = 50_000
MOST_HELD = 200_000
AT_ONCE = 5_000
"""Of so many presence is told in one commit, which takes about a tenth of a second."""
FORGET_EVERY_MS = 60_000
PRESENCE = "presence"
"""The source of the rows that tell presence. They are no reports of the sender's, but say that something is there."""

ThingId = tuple[int, int, str]  # customer, app, name


class Book:
    """Takes notices and tells presence, into rows that are kept or undone as a whole: `keep` or `undo` follows."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._things: dict[ThingId, Thing] = {}
        self._held: Counter[int] = Counter()
        self._open: dict[ThingId, None] = {}
        self._open_of: Counter[int] = Counter()
        self._seen = Seen()
        self._fresh: set[int] = set()
        self._before: dict[ThingId, tuple[Thing, Before] | None] = {}
        self._told_until = 0
        self._untold: list[ThingId] = []
        self._telling: list[ThingId] = []
        self._forgot_ms = 0

    def hold(self, identity: ThingId, thing: Thing, now_ms: int) -> None:
        """Take over a thing as it was read back from the raw rows."""
        thing.look(now_ms)
        if thing.is_past(now_ms):
            return
        self._things[identity] = thing
        self._held[identity[1]] += 1
        self._note_open(identity, thing)

    def hold_lines(self, marks: NDArray[np.uint64], now_s: float) -> None:
        """Know notices again that were stored before: their line hashes, each xor its app."""
        self._seen.add_many(marks, now_s)

    def take(self, rows: Rows, batch: Batch, now_s: float) -> int:
        """Add the rows of a batch's notices; returns how many of them had been told before."""
        repeated = 0
        for told in batch.notices:
            mark = batch.key.app ^ told.line
            if mark in self._fresh or mark in self._seen:
                repeated += 1
                continue
            self._fresh.add(mark)
            self._take_one(rows, batch, told, now_s)
        return repeated

    def _take_one(self, rows: Rows, batch: Batch, told: Told, now_s: float) -> None:
        key, name, now_ms = batch.key, told.notice.thing, int(now_s * 1000)
        identity = (key.customer, key.app, name)
        thing = self._things.get(identity)
        if thing is None:
            if told.notice.is_weak:
                return
            thing = Thing(key, batch.source)
            if self._held[key.app] >= MOST_HELD:
                self._words.warnings.append((key.app, f"over {MOST_HELD:,} sessions at once: this one is not followed"))
            else:
                self._before.setdefault(identity, None)
                self._things[identity] = thing
                self._held[key.app] += 1
        elif identity not in self._before:
            self._before[identity] = (thing, thing.remember())
        thing.key, thing.touched_ms = key, now_ms
        thing.facts = self._words.clean(told.facts, thing.facts, key, now_s)
        thing.notices.append(told.notice)
        self._add(rows, thing, thing.retell(now_ms), told)
        thing.thin()
        if identity in self._things:
            self._note_open(identity, thing)
            if thing.open_name and identity not in self._open:
                said = f"over {MOST_OPEN:,} sessions open at once: this one shows as present only when it has ended"
                self._words.warnings.append((key.app, said))

    def due(self, now_s: float) -> bool:
        """Whether a slice is over that was not told of everybody yet."""
        return bool(self._untold) or full_slices(int(now_s * 1000)) > self._told_until

    def tell(self, rows: Rows, now_s: float) -> None:
        """Add the rows of presence up to the last full slice, for so many that others need not wait long for it."""
        now_ms = int(now_s * 1000)
        if not self._untold:
            self._untold, self._told_until = list(self._open), full_slices(now_ms)
        self._telling = self._untold[-AT_ONCE:]
        for identity in self._telling:
            if identity not in self._open:
                continue
            thing = self._things[identity]
            if identity not in self._before:
                self._before[identity] = (thing, thing.remember())
            self._add(rows, thing, thing.go_on(now_ms))
            self._note_open(identity, thing)

    def keep(self, now_s: float, *, told: bool = False) -> None:
        """After a commit: all of it happened. `told` after that of `tell`."""
        now_ms = int(now_s * 1000)
        for mark in self._fresh:
            self._seen.add(mark, now_s)
        self._fresh.clear()
        self._before.clear()
        if told:
            del self._untold[len(self._untold) - len(self._telling) :]
        if now_ms - self._forgot_ms > FORGET_EVERY_MS:
            self._forgot_ms = now_ms
            for identity in [i for i, thing in self._things.items() if thing.is_past(now_ms)]:
                self._let_go(identity)

    def undo(self, now_s: float) -> None:
        """After a failed commit: nothing of it happened."""
        for identity, before in self._before.items():
            if before is None:
                self._let_go(identity)
            else:
                thing, held = before
                thing.restore(held, int(now_s * 1000))
                self._note_open(identity, thing)
        self._before.clear()
        self._fresh.clear()

    def _note_open(self, identity: ThingId, thing: Thing) -> None:
        app = identity[1]
        if not thing.open_name:
            self._close(identity)
        elif identity not in self._open and self._open_of[app] < MOST_OPEN:
            self._open[identity] = None
            self._open_of[app] += 1

    def _close(self, identity: ThingId) -> None:
        if identity in self._open:
            del self._open[identity]
            self._open_of[identity[1]] -= 1

    def _let_go(self, identity: ThingId) -> None:
        del self._things[identity]
        self._held[identity[1]] -= 1
        self._close(identity)

    def _add(self, rows: Rows, thing: Thing, changes: Iterable[Row], told: Told | None = None) -> None:
        own = encode(told.notice).decode() if told else ""
        for sample, sign, opened in changes:
            line = told.line if told and sign > 0 and sample.detail == own else 0
            source = thing.source if sample.detail or sample.event else PRESENCE
            rows.add(sample, thing.key, thing.facts, line=line, opened=opened, sign=sign, source=source)
