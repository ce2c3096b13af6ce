"""Roll-up steps: bring the rollups from the commit they hold to the last acknowledged one.

Each step covers a range of commit numbers, so that it takes in late data like any other and counts no row twice.
Journal: begin(range), insert, end(range). A step found begun but not ended is repaired: the keys that its commits
touch are deleted from the rollup and built again from all raw rows up to the range's end. Doing that twice gives the
same rows, so a crash in a repair only repeats it.
"""

import logging
import time
from collections.abc import Callable

from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.deletes import delete_rows
from aftercare.telemetry.store.journal import WRITER_SHIFT, Journal
from aftercare.telemetry.store.rollups import FEEDS, Rollup, SessionRollup
from aftercare.telemetry.store.room import LEAST_BYTES_AFTER, Merges, require_room

log = logging.getLogger(__name__)
PATIENCE_S = 600.0

# How far a rollup is built, by name: read by queries that add the raw rows beyond it.
_built: dict[str, int] = {}


def rolled_through(name: str) -> int:
    """The last commit that the rollup of this name holds, as far as this process knows; 0 where it does not write."""
    return _built.get(name, 0)


class Steps:
    """Keeps the rollups of one writer up to date. Used by one thread at a time."""

    def __init__(self, pool: ClientPool, journal: Journal, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.pool = pool
        self.journal = journal
        self.writer = journal.base >> WRITER_SHIFT
        self._clock = clock
        self._due = [0.0] * len(FEEDS)
        self._merges = Merges(pool)
        self._note()

    def recover(self) -> int:
        """Repair every step that a crash interrupted; returns how many."""
        begun = dict(self.journal.state.begun)
        for place, (first, last) in begun.items():
            self.repair(place, first, last)
        return len(begun)

    def run_due(self, *, force: bool = False) -> int:
        """Run the steps whose time has come (all of them when forced); returns how many ran."""
        if not self._merges.may_work():
            return 0
        now = self._clock()
        ran = 0
        for place, feed in enumerate(FEEDS):
            if (force or now >= self._due[place]) and self.step(place):
                self._due[place] = now + feed.every_s
                ran += 1
        return ran

    def step(self, place: int) -> bool:
        """Bring one feed's rollups up to the last acknowledged commit; False when they are there already."""
        if place in self.journal.state.begun:  # its repair failed too, as on a full disk: parts of it may be there
            self.repair(place, *self.journal.state.begun[place])
            return True
        first, last = self.journal.built(place), self.journal.state.committed
        if first >= last:
            return False
        self.journal.begin(place, first, last)
        feed = FEEDS[place]
        try:
            self._insert(feed.into, f"commit > {first} AND commit <= {last}")
        except Exception:
            log.exception("a step into %s failed, repairing", feed.into.name)
            self.repair(place, first, last)
            return True
        self.journal.end(place, last)
        self._note()
        return True

    def repair(self, place: int, first: int, last: int) -> None:
        """Build again all that the commits after `first` up to `last` touch."""
        for rollup in FEEDS[place].holders:
            self._rebuild(rollup, first, last)
        self.journal.end(place, last)
        self._note()

    def _rebuild(self, rollup: Rollup | SessionRollup, first: int, last: int) -> None:
        touched = f"SELECT {key_of_raw(rollup)} FROM samples WHERE commit > {first} AND commit <= {last}"
        keys = f"({rollup.key}) IN ({touched})"
        delete_rows(self.pool, rollup.name, f"writer = {self.writer} AND {keys}", patience_s=PATIENCE_S)
        own = f"commit > {self.journal.base} AND commit <= {last}"
        self._insert(rollup, f"{own} AND ({key_of_raw(rollup)}) IN ({touched})")

    def _insert(self, rollup: Rollup | SessionRollup, where: str) -> None:
        self.pool.command(
            f"INSERT INTO {rollup.name} (writer, {rollup.columns()}) "
            f"SELECT {self.writer}, * FROM ({rollup.select(where)})"
        )
        require_room(self.pool, LEAST_BYTES_AFTER)

    def _note(self) -> None:
        for place, feed in enumerate(FEEDS):
            for rollup in feed.holders:
                _built[rollup.name] = self.journal.built(place)


def key_of_raw(rollup: Rollup | SessionRollup) -> str:
    """The rollup's repair key computed from raw columns."""
    if isinstance(rollup, SessionRollup):
        return "customer, app, toDate(ts), session"
    return f"customer, app, {rollup.bucket}"
