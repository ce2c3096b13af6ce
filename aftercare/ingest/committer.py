"""The committing thread: gathers batches, drops what came before, writes one group commit, answers all of them."""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

import pyarrow as pa

from aftercare.ingest.batches import Batch, Fresh, Result, settle
from aftercare.ingest.facts import Vocabulary, merged, missing_in
from aftercare.ingest.keys import Key
from aftercare.ingest.points.columns import point_groups, series_table
from aftercare.ingest.points.derived import Derived
from aftercare.ingest.presence.book import Book
from aftercare.ingest.presence.readback import read_back
from aftercare.ingest.reading import Refusal
from aftercare.ingest.reports import Report, add_reports
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.seen import Seen
from aftercare.ingest.sessions import Session, Sessions
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.commits import Commits, typed

log = logging.getLogger(__name__)

MOST_LINES = 40_000
MOST_WAITING = 200_000
# Refused lines kept for reading, per app and minute: enough to see what is wrong, too few to fill a disk with.
MOST_REFUSALS = 600
MOST_REFUSALS_OF_BODY = 20
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
        self._sessions = Sessions(pool)
        self._batches_seen = Seen()
        self._words = Vocabulary()
        self._derived = Derived(pool)
        self._book = Book(self._words)
        self._waiting: deque[Batch] = deque()
        self._put_off: list[Batch] = []
        self._lines_waiting = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._is_troubled = False
        self._refusals_noted: dict[tuple[int, int], int] = {}
        self._refusals_minute = 0
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Read back what the last day left, then take batches."""
        now_s = self._clock()
        self._sessions.load_known(now_s)
        rows = self._pool.rows(
            "SELECT DISTINCT batch FROM samples WHERE batch != 0 AND received > now64(3) - INTERVAL 1 DAY "
            "AND ts > now64(3) - INTERVAL 8 DAY"
        )
        for (batch,) in rows:
            self._batches_seen.add(int(batch), now_s)
        read_back(self._book, self._pool, now_s)
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
            self._lines_waiting += batch.lines
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
            while self._book.due(self._clock()) and not (self._waiting or self._stopping) and self._tell_presence():
                pass
            pause_s = min(max((time.monotonic() - begun) * PAUSE_FACTOR, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)

    def _take(self) -> list[Batch]:
        taken: list[Batch] = []
        lines = 0
        with self._lock:
            while self._waiting and lines < MOST_LINES:
                batch = self._waiting.popleft()
                lines += batch.lines
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
            self._lines_waiting += sum(batch.lines for batch in held)
        self._put_off += held
        return [batch for batch in batches if not batch.is_until_kept]

    def _tell_presence(self) -> bool:
        """A commit of who is there now; whether it went through. One that fails is made up for by the next."""
        now_s, rows = self._clock(), Rows()
        try:
            self._book.tell(rows, now_s)
            if len(rows):
                self._commits.write(typed(rows.columns(int(now_s * 1000))), len(rows))
        except Exception:
            if not self._is_troubled:
                log.exception("presence could not be told; it is told when commits go through again")
            self._is_troubled = True
            self._book.undo(now_s)
            return False
        self._book.keep(now_s, told=True)
        return True

    def _commit(self, batches: list[Batch]) -> None:
        now_s = self._clock()
        touched: set[Session] = set()
        try:
            results = self._store(batches, touched, now_s)
        except Unreadable as error:
            self._undo(touched)
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
            self._undo(touched)
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

    def _undo(self, touched: set[Session]) -> None:
        self._sessions.forget(touched)
        self._derived.forget()
        self._book.undo(self._clock())
        self._words.warnings.clear()

    def _store(self, batches: list[Batch], touched: set[Session], now_s: float) -> list[Result]:
        self._derived.prime(batches)
        self._sessions.resolve((b.key.customer, b.key.app, name) for b in batches for name in b.session_names())
        rows, results = Rows(), []
        fresh: set[int] = set()
        for batch, new in zip(batches, self._without_repeats(batches), strict=True):
            repeated = len(batch.samples) + len(batch.reports) - new.lines
            result = Result(accepted=batch.lines, duplicates=repeated)
            if batch.idempotency and (batch.idempotency in fresh or batch.idempotency in self._batches_seen):
                result.duplicates = batch.lines
            else:
                if batch.idempotency:
                    fresh.add(batch.idempotency)
                self._reread_for(batch, new.reports)
                try:
                    add = self._add_samples if batch.opens_sessions else self._add_apart
                    add(rows, batch, new, touched, now_s)
                    self._add_reports(rows, batch, new.reports, touched, now_s)
                    self._add_derived(rows, batch, now_s)
                    result.duplicates += self._book.take(rows, batch, now_s) - len(batch.notices)
                except Exception as error:
                    raise Unreadable from error
            if self._words.warnings:
                result.warning = self._words.warnings[0][1]
                self._words.warnings.clear()
            results.append(result)
        self._write(batches, rows, now_s)
        self._keep_refusals(batches, now_s)
        self._sessions.keep(touched, now_s)
        self._derived.keep()
        self._book.keep(now_s)
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

    def _add_samples(self, rows: Rows, batch: Batch, new: Fresh, touched: set[Session], now_s: float) -> None:
        key, app, given = batch.key, batch.key.app, batch.given
        facts, opened = [], []
        for sample in new.samples:
            session = self._sessions.get(app, sample.session)
            told = sample.facts
            if told is not None and told is not session.origin:
                session.facts = self._words.clean(told, session.facts, key, now_s)
                session.origin = told
            if given is not session.given:
                session.given = given
                session.facts = self._words.clean(missing_in(session.facts, given), session.facts, key, now_s)
            touched.add(session)
            facts.append(session.facts)
            opened.append(0 if session.opened else session.open())
        self._add_rows(rows, batch, new, facts, opened)

    def _add_apart(self, rows: Rows, batch: Batch, new: Fresh, touched: set[Session], now_s: float) -> None:
        """Samples that are about no session: each has the facts it tells itself, and none that another told."""
        facts = []
        for sample in new.samples:
            touched.add(self._sessions.get(batch.key.app, sample.session))
            facts.append(self._words.clean(merged(sample.facts or NO_FACTS, batch.given), NO_FACTS, batch.key, now_s))
        self._add_rows(rows, batch, new, facts, [0] * len(facts))

    def _add_rows(self, rows: Rows, batch: Batch, new: Fresh, facts: list[Facts], opened: list[int]) -> None:
        for sample, line in zip(new.samples, new.hashes, strict=False):
            if line:
                self._sessions.get(batch.key.app, sample.session).note_line(line, sample.ts)
        rows.add_batch(
            new.samples,
            batch.key,
            facts,
            batch=batch.idempotency,
            lines=new.hashes,
            opened=opened,
            source=batch.source,
        )

    def _reread_for(self, batch: Batch, reports: list[Report]) -> None:
        """Have the whole history at hand of sessions of which a report needs more than is held."""
        for report in reports:
            session = self._sessions.get(batch.key.app, report.session)
            playback, point = session.playback, report.point
            if playback is not None and point is not None and playback.needs_history(point):
                self._sessions.reread(batch.key.customer, session)

    def _add_reports(
        self, rows: Rows, batch: Batch, reports: list[Report], touched: set[Session], now_s: float
    ) -> None:
        key = batch.key
        by_session: dict[str, list[Report]] = defaultdict(list)
        for report in reports:
            by_session[report.session].append(report)
        for name, of_session in by_session.items():
            session = self._sessions.get(key.app, name)
            touched.add(session)
            add_reports(rows, of_session, session, key, batch.given, self._words, now_s)
            for report in of_session:
                if report.hash:
                    session.note_line(report.hash, report.ts)

    def _add_derived(self, rows: Rows, batch: Batch, now_s: float) -> None:
        """What recognised measurements mean to the catalog; they open no session."""
        key = batch.key
        for sample, told in self._derived.rows(batch):
            if key.resource:
                told, sample.session = merged(told, key.facts), f"{key.resource}/{sample.session}"
            rows.add(sample, key, self._words.clean(told, NO_FACTS, key, now_s), source=batch.source)

    def _without_repeats(self, batches: list[Batch]) -> list[Fresh]:
        """Of each batch what was not stored before and does not stand earlier in this group."""
        here: set[tuple[int, int]] = set()
        asked: list[tuple[int, int, str, int]] = []

        def is_new(batch: Batch, line: int, session_name: str, ts: int) -> bool:
            if not line:
                return True
            mark = (batch.key.app, line)
            session = self._sessions.get(batch.key.app, session_name)
            if mark in here or line in session.recent:
                return False
            here.add(mark)
            if session.forgot_until >= ts:
                asked.append((batch.key.customer, batch.key.app, session_name, line))
            return True

        kept = [fresh_of(batch, is_new) for batch in batches]
        if asked:
            old = self._sessions.known_lines(asked)
            kept = [
                fresh_of(batch, lambda batch, line, session, ts: (batch.key.app, line) not in old, new)
                for batch, new in zip(batches, kept, strict=True)
            ]
        return kept

    def _room_for_refusals(self, key: Key, now_s: float) -> int:
        """How many more refused lines of this app are kept in this minute."""
        if int(now_s // 60) != self._refusals_minute:
            self._refusals_minute = int(now_s // 60)
            self._refusals_noted.clear()
        return max(MOST_REFUSALS - self._refusals_noted.get((key.customer, key.app), 0), 0)

    def _keep_refusals(self, batches: list[Batch], now_s: float) -> None:
        refused: list[tuple[Batch, Refusal]] = []
        for batch in batches:
            kept = batch.refusals[: min(MOST_REFUSALS_OF_BODY, self._room_for_refusals(batch.key, now_s))]
            if kept:
                owner = (batch.key.customer, batch.key.app)
                self._refusals_noted[owner] = self._refusals_noted.get(owner, 0) + len(kept)
                refused += [(batch, refusal) for refusal in kept]
        if not refused:
            return
        table = pa.table(
            {
                "customer": pa.array([b.key.customer for b, _ in refused], pa.uint32()),
                "app": pa.array([b.key.app for b, _ in refused], pa.uint32()),
                "received": pa.array([int(now_s * 1000)] * len(refused), pa.int64()).cast(pa.timestamp("ms", "UTC")),
                "source": [b.source for b, _ in refused],
                "line": pa.array([r.line for _, r in refused], pa.uint32()),
                "reason": [r.reason for _, r in refused],
                "excerpt": [r.excerpt for _, r in refused],
            }
        )
        try:
            with self._pool.client() as client:
                client.insert_arrow("rejects", table)
        except Exception:  # the good lines are stored by now: their senders must not be told to send them again
            log.exception("refused lines could not be noted")


def fresh_of(batch: Batch, is_new: Callable[[Batch, int, str, int], bool], of: Fresh | None = None) -> Fresh:
    """What `is_new(batch, hash, session, ts)` leaves of a batch, or of what was left of it before."""
    new = Fresh(reports=[r for r in (of or batch).reports if is_new(batch, r.hash, r.session, r.ts)])
    samples, hashes = (of or batch).samples, (of or batch).hashes
    if not hashes:
        new.samples = samples
        return new
    for sample, line in zip(samples, hashes, strict=True):
        if is_new(batch, line, sample.session, sample.ts):
            new.samples.append(sample)
            new.hashes.append(line)
    return new
