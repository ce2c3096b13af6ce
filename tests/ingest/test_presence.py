"""Sessions made of notices: any split, duplication, order or loss of them ends in what the surviving ones determine."""

from collections import Counter
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.batches import Batch
from aftercare.ingest.facts import MOST_VALUES, Vocabulary
from aftercare.ingest.keys import Key
from aftercare.ingest.presence import book as book_module
from aftercare.ingest.presence.book import Book
from aftercare.ingest.presence.notices import FOREVER, SILENT_BEAT_MS, SILENT_PLAY_MS, Notice, told
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import NO_FACTS, Facts

T = 1_800_000_000_000
MINUTE = 60_000
KEY = Key("f", 1, 1, 30, 1e6, b"secret" * 6)


@dataclass
class Ledger:
    """A book and the sum of all rows that it ever gave."""

    book: Book = field(default_factory=lambda: Book(Vocabulary()))
    interval: Counter[str] = field(default_factory=Counter)
    buckets: Counter[tuple[str, int]] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    opened: int = 0

    def take(self, *notices: Notice, at: int = 0) -> None:
        """Tell notices, at their own time where no other is given."""
        for notice in notices:
            rows = Rows()
            batch = Batch(KEY, None, source="hooks/test", notices=[told(notice, NO_FACTS)])  # type: ignore[arg-type]
            now_s = (at or notice.at) / 1000
            self.book.take(rows, batch, now_s)
            self.book.keep(now_s)
            self._add(rows)

    def tell(self, at: int) -> None:
        """A tick."""
        while self.book.due(at / 1000):
            rows = Rows()
            self.book.tell(rows, at / 1000)
            self.book.keep(at / 1000, told=True)
            self._add(rows)

    def _add(self, rows: Rows) -> None:
        for sample, sign, opened in zip(rows.samples, rows.signs, rows.opened, strict=True):
            self.interval[sample.session] += sample.interval_ms
            self.buckets[sample.session, sample.ts // 10_000] += sample.interval_ms
            self.bytes[sample.session] += sample.bytes
            self.opened += opened
            if sample.event:
                self.events[sample.event] += sign

    def totals(self) -> tuple[object, ...]:
        """What metrics would be made of."""
        standing = [{k: v for k, v in counter.items() if v} for counter in (self.interval, self.bytes, self.events)]
        return (*standing, {k: v for k, v in self.buckets.items() if v}, self.opened)


def push(at: int, kind: str = "open", **more: object) -> Notice:
    event = {"open": "push_ok", "close": "push_ended"}.get(kind, "")
    facts = {"thing": "t/1", "event": event, "grace_ms": 30_000, **more}
    return msgspec.convert({**facts, "kind": kind, "at": at}, Notice)


def test_it_is_present_while_open_and_for_exactly_its_time_in_the_end() -> None:
    ledger = Ledger()
    ledger.take(push(T + 1))
    for second in range(0, 95, 10):
        ledger.tell(T + 1000 * second + 500)
    (open_ms,) = ledger.interval.values()
    assert 80_000 <= open_ms <= 90_000
    ledger.take(push(T + 93_456, "close", bytes=1_000_003))
    assert list(ledger.interval.values()) == [93_455]
    assert list(ledger.bytes.values()) == [1_000_003]
    assert ledger.opened == 1 and ledger.events == {"push_ok": 1, "push_ended": 1}
    assert max(ledger.buckets.values()) == 10_000 and min(ledger.buckets.values()) >= 0


@st.composite
def sent(draw: st.DrawFn) -> tuple[list[Notice], list[tuple[Notice, int]]]:
    """Notices of sessions whose sender tells their times: those that survive, and in what order and how often."""
    survived: list[Notice] = []
    at = T
    for _ in range(draw(st.integers(1, 4))):
        at += draw(st.integers(1_000, 20 * MINUTE))
        grace = 0
        opened = push(at, grace_ms=grace)
        at += draw(st.integers(1_000, 20 * MINUTE))
        closed = push(at, "close", grace_ms=grace, bytes=draw(st.integers(0, 10**9)))
        survived += [n for n in (opened, closed) if draw(st.integers(0, 4))]
    again = draw(st.lists(st.sampled_from(survived), max_size=4)) if survived else []
    order = draw(st.permutations([*survived, *again]))
    return survived, [(notice, draw(st.integers(0, 1))) for notice in order]


@given(sent())
@settings(max_examples=40, deadline=None)
def test_no_order_duplication_or_loss_changes_what_the_survivors_determine(
    case: tuple[list[Notice], list[tuple[Notice, int]]],
) -> None:
    survived, order = case
    end = T + 4 * 60 * MINUTE
    straight, crooked = Ledger(), Ledger()
    for notice in sorted(survived, key=lambda notice: notice.at):
        straight.take(notice, at=end)
    straight.tell(end)
    for place, (notice, ticks) in enumerate(order):
        now = end - (len(order) - place) * 1000
        if ticks:
            crooked.tell(now)
        crooked.take(notice, at=now)
    crooked.tell(end)
    assert crooked.totals() == straight.totals()


@given(st.permutations([0, 1, 2, 3]), st.integers(0, 30_000), st.integers(1, 3_600_000))
@settings(max_examples=60, deadline=None)
def test_pairs_that_survive_sum_to_their_length(order: list[int], gap: int, length: int) -> None:
    """Of a thing whose name never comes again, whenever each is heard of."""
    ends = T + gap + length
    notices = [
        push(T + gap, grace_ms=FOREVER),
        push(ends, "close", grace_ms=FOREVER, bytes=77),
        push(ends, "close", grace_ms=FOREVER, bytes=77),
        push(T + gap + length // 2, "alive", grace_ms=FOREVER),
    ]
    ledger = Ledger()
    for place in order:
        ledger.take(notices[place], at=ends + 5_000)
        ledger.tell(ends + 5_000)
    assert (sum(ledger.interval.values()), sum(ledger.bytes.values())) == (length, 77)
    assert ledger.opened == 1 and ledger.events == {"push_ok": 1, "push_ended": 1}


def test_a_close_that_overtakes_its_open_leaves_nobody_behind() -> None:
    ledger = Ledger()
    ledger.take(push(T, "close"), push(T + 200))
    ledger.tell(T + MINUTE)
    assert sum(ledger.interval.values()) == 0
    assert ledger.opened == 1 and ledger.events == {"push_ok": 1, "push_ended": 1}


def test_a_close_told_twice_counts_once() -> None:
    ledger = Ledger()
    ledger.take(push(T), push(T + MINUTE, "close"), push(T + MINUTE + 900, "close"))
    assert sum(ledger.interval.values()) == MINUTE
    assert ledger.events == {"push_ok": 1, "push_ended": 1}


def test_a_number_that_comes_again_after_a_restart_is_another_session() -> None:
    ledger = Ledger()
    ledger.take(push(T), push(T + MINUTE, "alive"), push(T + 10 * MINUTE))
    ledger.take(push(T + 12 * MINUTE, "close"))
    assert sorted(ledger.interval.values()) == [MINUTE, 2 * MINUTE]
    assert ledger.opened == 2


def test_silence_closes_without_a_claim() -> None:
    """With heartbeats at the last one; without at the bound. Neither says that a stream broke."""
    beating, mute = Ledger(), Ledger()
    beating.take(push(T), push(T + MINUTE, "alive"))
    mute.take(push(T))
    for ledger in (beating, mute):
        for minute in range(1, 300):
            ledger.tell(T + minute * MINUTE)
    assert MINUTE - 10_000 < sum(beating.interval.values()) <= MINUTE
    assert SILENT_PLAY_MS - 10_000 < sum(mute.interval.values()) <= SILENT_PLAY_MS
    assert beating.events == mute.events == {"push_ok": 1}


def test_what_is_heard_again_was_there_all_the_time() -> None:
    ledger = Ledger()
    ledger.take(push(T), push(T + 30_000, "alive"))
    ledger.tell(T + 30_000 + SILENT_BEAT_MS + 11_000)
    ledger.take(push(T + 10 * MINUTE, "alive"), push(T + 11 * MINUTE, "close"))
    assert sum(ledger.interval.values()) == 11 * MINUTE


def test_a_begin_that_was_lost_is_taken_from_a_heartbeat() -> None:
    ledger = Ledger()
    ledger.take(push(T + MINUTE, "alive", begin=T), push(T + 2 * MINUTE, "close"))
    assert sum(ledger.interval.values()) == 2 * MINUTE


def test_the_begin_is_the_opens_own_where_it_survives() -> None:
    """Others tell it in whole seconds: theirs is taken where the open was lost."""
    closed = push(T + MINUTE, "close", begin=T - 700, grace_ms=0)
    for opened, length in (((push(T, grace_ms=0),), MINUTE), ((), MINUTE + 700)):
        ledger = Ledger()
        ledger.take(closed, *opened, at=T + MINUTE)
        assert sum(ledger.interval.values()) == length and ledger.opened == 1


def test_a_long_session_holds_few_heartbeats() -> None:
    ledger = Ledger()
    ledger.take(push(T))
    for beat in range(1, 400):
        ledger.take(push(T + beat * 30_000, "alive"))
    (thing,) = ledger.book._things.values()
    assert len(thing.notices) < 20
    ledger.take(push(T + 400 * 30_000, "close"))
    assert sum(ledger.interval.values()) == 400 * 30_000


def test_a_failed_commit_never_happened() -> None:
    ledger = Ledger()
    ledger.take(push(T))
    rows = Rows()
    batch = Batch(KEY, None, notices=[told(push(T + MINUTE, "close"), NO_FACTS)])  # type: ignore[arg-type]
    ledger.book.take(rows, batch, T / 1000 + 60)
    ledger.book.undo(T / 1000 + 60)
    ledger.tell(T + 2 * MINUTE)
    ledger.take(push(T + 3 * MINUTE, "close"))
    assert sum(ledger.interval.values()) == 3 * MINUTE
    assert ledger.events == {"push_ok": 1, "push_ended": 1}


def test_pushes_in_a_room_end_with_it() -> None:
    def mark(at: int, event: str, medium: str) -> Notice:
        return push(at, "mark", event=event, medium=medium)

    for is_broken, last in ((False, "push_ended"), (True, "push_broken")):
        ledger = Ledger()
        ledger.take(push(T, event=""), mark(T + 1, "push_ok", "video"), mark(T + 2, "push_ok", "audio"))
        ledger.take(mark(T + 3, "push_ended", "audio"))
        ledger.take(push(T + MINUTE, "close", event="leave", is_broken=is_broken))
        expected = Counter({"push_ok": 2, "push_ended": 1, "leave": 1})
        expected[last] += 1
        assert ledger.events == expected


def test_servers_with_endless_names_fill_no_dimension() -> None:
    book, words = Book(Vocabulary()), MOST_VALUES + 50
    rows = Rows()
    for number in range(words):
        facts = Facts(stream=f"s{number}", edge=f"e{number}")
        batch = Batch(KEY, None, notices=[told(push(T, thing=f"t/{number}"), facts)])  # type: ignore[arg-type]
        book.take(rows, batch, T / 1000)
        book.keep(T / 1000)
    assert len({facts.edge for facts in rows.facts}) == MOST_VALUES + 1
    assert len({facts.stream for facts in rows.facts}) == words


def test_a_thing_that_comes_and_goes_without_end_costs_no_more_each_time() -> None:
    """Of a flood from one user or stream: all is counted, little is held."""
    coming, repeating = Ledger(), Ledger()
    for number in range(400):
        coming.take(push(T + number * 2000, grace_ms=0), push(T + number * 2000 + 1000, "close", grace_ms=0))
        repeating.take(push(T + number, grace_ms=FOREVER, code=str(number)))
    repeating.take(push(T + MINUTE, "close", grace_ms=FOREVER))
    assert sum(coming.interval.values()) == 400 * 1000 and coming.opened == 400
    assert coming.events == {"push_ok": 400, "push_ended": 400}
    assert sum(repeating.interval.values()) == MINUTE and repeating.opened == 1
    assert repeating.events == {"push_ok": 1, "push_ended": 1}
    for ledger in (coming, repeating):
        (thing,) = ledger.book._things.values()
        assert len(thing.notices) < 100 and len(thing.told) <= 16


def test_presence_of_many_is_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "AT_ONCE", 3)
    ledger = Ledger()
    ledger.take(*(push(T + 1, thing=f"t/{number}") for number in range(8)))
    rows = Rows()
    ledger.book.tell(rows, T / 1000 + 60)
    ledger.book.undo(T / 1000 + 60)  # the first part failed, and is told with the next
    ledger.tell(T + 60_000)
    assert sorted(ledger.interval.values()) == [59_998] * 8
    assert not ledger.book.due(T / 1000 + 60)
