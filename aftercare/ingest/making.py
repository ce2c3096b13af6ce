"""From batches to rows: what of them is new, what it is about, and what it adds up to."""

from collections import defaultdict
from collections.abc import Callable

from aftercare.ingest.batches import Batch, Fresh
from aftercare.ingest.facts import Vocabulary, merged, missing_in
from aftercare.ingest.points.derived import Derived
from aftercare.ingest.presence.book import Book
from aftercare.ingest.presence.readback import read_back
from aftercare.ingest.reports import Report, add_reports
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.sessions import Session, Sessions
from aftercare.telemetry.store.client import ClientPool


class Making:
    """The memory that makes rows of batches: it goes on when a commit went through, and back when it did not.

    Used by the committing thread alone.
    """

    def __init__(self, pool: ClientPool) -> None:
        self.words = Vocabulary()
        self.book = Book(self.words)
        self._pool = pool
        self._sessions = Sessions(pool)
        self._derived = Derived(pool)
        self._touched: set[Session] = set()

    def start(self, now_s: float) -> None:
        """Read back what the last days left."""
        self._sessions.load_known(now_s)
        read_back(self.book, self._pool, now_s)

    def begin(self, batches: list[Batch]) -> list[Fresh]:
        """Have at hand what these batches are about; returns of each what was not stored before."""
        self._derived.prime(batches)
        self._sessions.resolve((b.key.customer, b.key.app, name) for b in batches for name in b.session_names())
        return self._without_repeats(batches)

    def add(self, rows: Rows, batch: Batch, new: Fresh, now_s: float) -> int:
        """Add the rows of what is new in a batch; returns how many of its notices were told before."""
        self._reread_for(batch, new.reports)
        if batch.opens_sessions:
            self._add_samples(rows, batch, new, now_s)
        else:
            self._add_apart(rows, batch, new, now_s)
        self._add_reports(rows, batch, new.reports, now_s)
        self._add_derived(rows, batch, now_s)
        return self.book.take(rows, batch, now_s)

    def keep(self, now_s: float) -> None:
        """The commit went through."""
        self._sessions.keep(self._touched, now_s)
        self._derived.keep()
        self.book.keep(now_s)
        self._touched.clear()

    def undo(self, now_s: float) -> None:
        """The commit failed: none of it happened."""
        self._sessions.forget(self._touched)
        self._derived.forget()
        self.book.undo(now_s)
        self.words.warnings.clear()
        self._touched.clear()

    def take_warning(self) -> str:
        """What has to be said of the batch just added, empty where there is nothing."""
        warning = self.words.warnings[0][1] if self.words.warnings else ""
        self.words.warnings.clear()
        return warning

    def _add_samples(self, rows: Rows, batch: Batch, new: Fresh, now_s: float) -> None:
        key, app, given = batch.key, batch.key.app, batch.given
        facts, opened = [], []
        for sample in new.samples:
            session = self._sessions.get(app, sample.session)
            told = sample.facts
            if told is not None and told is not session.origin:
                session.facts = self.words.clean(told, session.facts, key, now_s)
                session.origin = told
            if given is not session.given:
                session.given = given
                session.facts = self.words.clean(missing_in(session.facts, given), session.facts, key, now_s)
            self._touched.add(session)
            facts.append(session.facts)
            opened.append(0 if session.opened else session.open())
        self._add_rows(rows, batch, new, facts, opened)

    def _add_apart(self, rows: Rows, batch: Batch, new: Fresh, now_s: float) -> None:
        """Samples that are about no session: each has the facts it tells itself, and none that another told."""
        facts = []
        for sample in new.samples:
            self._touched.add(self._sessions.get(batch.key.app, sample.session))
            facts.append(self.words.clean(merged(sample.facts or NO_FACTS, batch.given), NO_FACTS, batch.key, now_s))
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

    def _add_reports(self, rows: Rows, batch: Batch, reports: list[Report], now_s: float) -> None:
        key = batch.key
        by_session: dict[str, list[Report]] = defaultdict(list)
        for report in reports:
            by_session[report.session].append(report)
        for name, of_session in by_session.items():
            session = self._sessions.get(key.app, name)
            self._touched.add(session)
            add_reports(rows, of_session, session, key, batch.given, self.words, now_s)
            for report in of_session:
                if report.hash:
                    session.note_line(report.hash, report.ts)

    def _add_derived(self, rows: Rows, batch: Batch, now_s: float) -> None:
        """What recognised measurements mean to the catalog; they open no session."""
        key = batch.key
        for sample, told in self._derived.rows(batch):
            if key.resource:
                told, sample.session = merged(told, key.facts), f"{key.resource}/{sample.session}"
            rows.add(sample, key, self.words.clean(told, NO_FACTS, key, now_s), source=batch.source)

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
