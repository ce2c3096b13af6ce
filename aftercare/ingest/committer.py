"""The committing thread: gathers batches, drops what came before, writes one group commit, answers all of them."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from aftercare.ingest.batches import Batch, Result, settle
from aftercare.ingest.making import Making
from aftercare.ingest.points.columns import point_groups, series_table
from aftercare.ingest.rejects import Rejects
from aftercare.ingest.rows import Rows
from aftercare.ingest.seen import Seen
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.commits import Commits, typed

log = logging.getLogger(__name__)

MOST_LINES = 40_000
MOST_WAITING = 200_000
# A commit costs some 12 ms of CPU whatever its size: waiting four times as long as the last one took bounds that
# share at a fifth, and an idle server commits nothing.
PAUSE_FACTOR = 4.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.4
# How often to look whether presence is to be told, and to try again what has to be kept: docs/decisions/0008.
LOOK_S = 1.0


class Unreadable(Exception):
    """A batch that got past the checks at the door and cannot be made into rows: a defect of ours, not the store's."""


class Committer:
    """One per ingest process. `submit` may be called from any thread."""

    def __init__(self, pool: ClientPool, commits: Commits, *, clock: Callable[[], float]) -> None:
        self._pool = pool
        self._commits = commits
        self._clock = clock
        self._making = Making(pool)
        self._rejects = Rejects(pool)
        self._batches_seen = Seen()
        self._waiting: deque[Batch] = deque()
        self._put_off: list[Batch] = []
        self._lines_waiting = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._is_troubled = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Read back what the last day left, then take batches."""
        now_s = self._clock()
        self._making.start(now_s)
        rows = self._pool.rows(
            "SELECT DISTINCT batch FROM samples WHERE batch != 0 AND received > now64(3) - INTERVAL 1 DAY "
            "AND ts > now64(3) - INTERVAL 8 DAY"
        )
        for (batch,) in rows:
            self._batches_seen.add(int(batch), now_s)
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then end."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def submit(self, batch: Batch) -> bool:
        """Queue a batch; False when too much waits already and its sender should try again later."""
        with self._lock:
            if self._stopping or self._lines_waiting > MOST_WAITING:
                return False
            self._waiting.append(batch)
            self._lines_waiting += batch.cost
        self._wake.set()
        return True

    def _run(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while True:
            if self._wake.wait(LOOK_S) and not self._stopping:
                time.sleep(pause_s)
            self._wake.clear()
            begun = time.monotonic()
            self._try_again()
            while batches := self._take():
                self._commit(batches)
            if self._stopping:
                if self._put_off:
                    log.error("%d hooks that were answered could not be stored before the end", len(self._put_off))
                return
            while (
                self._making.book.due(self._clock()) and not (self._waiting or self._stopping) and self._tell_presence()
            ):
                pass
            pause_s = min(max((time.monotonic() - begun) * PAUSE_FACTOR, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)

    def _take(self) -> list[Batch]:
        taken: list[Batch] = []
        lines = 0
        with self._lock:
            while self._waiting and lines < MOST_LINES:
                batch = self._waiting.popleft()
                lines += batch.cost
                taken.append(batch)
            self._lines_waiting -= lines
        return taken

    def _try_again(self) -> None:
        """Put what could not be stored, and was answered for, before all others again."""
        with self._lock:
            self._waiting.extendleft(reversed(self._put_off))
        self._put_off.clear()

    def _put_off_those_to_keep(self, batches: list[Batch]) -> list[Batch]:
        """Hold what is to stay queued until it is stored; returns the others, whose senders are told."""
        held = [batch for batch in batches if batch.is_until_kept]
        with self._lock:
            self._lines_waiting += sum(batch.cost for batch in held)
        self._put_off += held
        return [batch for batch in batches if not batch.is_until_kept]

    def _tell_presence_due(self) -> None:
        """Tell who is there, in as many commits as that takes, unless somebody waits."""
        while self._making.book.due(self._clock()) and not (self._waiting or self._stopping):
            if not self._tell_presence():
                return

    def _tell_presence(self) -> bool:
        """A commit of who is there now; whether it went through. One that fails is made up for by the next."""
        now_s, rows = self._clock(), Rows()
        try:
            self._making.book.tell(rows, now_s)
            if len(rows):
                self._commits.write(typed(rows.columns(int(now_s * 1000))), len(rows))
        except Exception:
            if not self._is_troubled:
                log.exception("presence could not be told; it is told when commits go through again")
            self._is_troubled = True
            self._making.book.undo(now_s)
            return False
        self._making.book.keep(now_s, told=True)
        return True

    def _commit(self, batches: list[Batch]) -> None:
        now_s = self._clock()
        try:
            results = self._store(batches, now_s)
        except Unreadable as error:
            self._making.undo(now_s)
            if len(batches) > 1:  # one of them must not fail the others: halve until it stands alone
                middle = len(batches) // 2
                self._commit(batches[:middle])
                self._commit(batches[middle:])
                return
            log.error("a batch of app %d cannot be stored and is refused", batches[0].key.app, exc_info=error)
            results = [Result(refused="this cannot be stored as it is; the server's log says why")]
        except Exception:
            if not self._is_troubled:  # a full disk would be filled with the same words again and again
                log.exception("a group commit failed; its senders are told to try again until one goes through")
            self._is_troubled = True
            self._making.undo(now_s)
            batches = self._put_off_those_to_keep(batches)
            results = [Result(failed="the store could not take this now; nothing of it was kept, send it again")] * len(
                batches
            )
        else:
            if self._is_troubled:
                log.warning("group commits go through again")
            self._is_troubled = False
        if batches and not (loop := batches[0].settled.get_loop()).is_closed():
            loop.call_soon_threadsafe(settle, list(zip(batches, results, strict=True)))

    def _store(self, batches: list[Batch], now_s: float) -> list[Result]:
        rows, results = Rows(), []
        fresh: set[int] = set()
        for batch, new in zip(batches, self._making.begin(batches), strict=True):
            repeated = len(batch.samples) + len(batch.reports) - new.lines
            result = Result(accepted=batch.lines, duplicates=repeated)
            if batch.idempotency and (batch.idempotency in fresh or batch.idempotency in self._batches_seen):
                result.duplicates = batch.lines
            else:
                if batch.idempotency:
                    fresh.add(batch.idempotency)
                try:
                    result.duplicates += self._making.add(rows, batch, new, now_s)
                except Exception as error:
                    raise Unreadable from error
            result.warning = self._making.take_warning()
            results.append(result)
        self._write(batches, rows, now_s)
        self._rejects.keep(batches, now_s)
        self._making.keep(now_s)
        for value in fresh:
            self._batches_seen.add(value, now_s)
        return results

    def _write(self, batches: list[Batch], rows: Rows, now_s: float) -> None:
        """All rows of the group, of whatever table, in one commit."""
        try:
            groups = point_groups(batches)
            if len(rows):
                groups["samples"] = (typed(rows.columns(int(now_s * 1000))), len(rows))
            series = series_table(batches)
        except Exception as error:
            raise Unreadable from error
        if groups:
            self._commits.write_all(groups, series)
