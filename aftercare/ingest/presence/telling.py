"""From sessions to rows: what is to be told of each, what was told before, and the rows that make up the difference.

Presence is told in slices of ten seconds, each in the roll-up bucket that it lies in, so that who is there now shows
while the session is open, and a correction takes back exactly what was told too much.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aftercare.ingest.presence.notices import Notice, encode
from aftercare.ingest.presence.pairing import Span
from aftercare.ingest.samples import Sample

SLICE_MS = 10_000
# A row counts in the bucket of its `ts`: a slice that ended on the full ten seconds would count in the next one.
OFFSET_MS = SLICE_MS - 1
PUSH_OK, PUSH_ENDED, PUSH_BROKEN = "push_ok", "push_ended", "push_broken"


@dataclass(frozen=True)
class Happening:
    """A row that is no slice: a notice as it was told, or what follows from several."""

    at: int
    event: str
    code: str = ""
    opened: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Telling:
    """All that is told of one session: present from `begin` to `until`, `bytes` spread over that time."""

    begin: int = 0
    until: int = 0
    bytes: int = 0
    happenings: Counter[Happening] = field(default_factory=Counter)


NOTHING = Telling()


def telling_of(span: Span, now_ms: int) -> Telling:
    """What is to be told of a session at `now_ms`; an open one up to the last full slice."""
    happenings = Counter(happenings_of(span))
    if not span.begin or not span.first.is_present:
        return Telling(happenings=happenings)
    until = span.until(now_ms)
    if not span.end:
        until = max(full_slices(until), span.begin)
    return Telling(span.begin, until, span.bytes if span.end else 0, happenings)


def full_slices(at_ms: int) -> int:
    """The end of the last slice that is over at a time."""
    return (at_ms - OFFSET_MS) // SLICE_MS * SLICE_MS + OFFSET_MS


def happenings_of(span: Span) -> Iterator[Happening]:
    """The rows of a session's notices. An event told twice is one event: the first open, the close that ended it."""
    seen: set[str] = set()
    pushed: set[str] = set()
    for number, notice in enumerate(span.notices):
        event = notice.event
        if notice.kind in ("open", "close"):
            event = "" if notice.kind in seen else event
            seen.add(notice.kind)
        if event == PUSH_OK and notice.medium:
            pushed.add(notice.medium)
        elif event in (PUSH_ENDED, PUSH_BROKEN):
            pushed.discard(notice.medium)
        yield Happening(notice.at, event, notice.code[:128], int(number == 0), encode(notice).decode())
        if notice.kind == "close":
            yield from ends_of(pushed, notice)
            pushed.clear()


def ends_of(pushed: set[str], close: Notice) -> Iterator[Happening]:
    """Who leaves a room has no pushes there any more, whether their ends were told or not."""
    for medium in sorted(pushed):
        yield Happening(close.at, PUSH_BROKEN if close.is_broken else PUSH_ENDED, medium)


def slices(begin: int, until: int) -> Iterator[tuple[int, int]]:
    """The slices of a time, each as (end, length)."""
    while begin < until:
        end = min((begin - OFFSET_MS) // SLICE_MS * SLICE_MS + OFFSET_MS + SLICE_MS, until)
        yield end, end - begin
        begin = end


def spread(told: Telling) -> dict[int, tuple[int, int]]:
    """(length, bytes) by the end of each slice; the bytes are spread evenly and add up exactly."""
    whole = told.until - told.begin
    shares: dict[int, tuple[int, int]] = {}
    given = 0
    for end, length in slices(told.begin, told.until):
        up_to = told.bytes * (end - told.begin) // whole
        shares[end] = (length, up_to - given)
        given = up_to
    if told.bytes > given:  # a session of no length
        shares[told.until] = (0, told.bytes)
    return shares


Row = tuple[Sample, int, int]
"""A sample, its sign, and what it adds to the sessions opened."""


def difference(name: str, before: Telling, after: Telling) -> Iterator[Row]:
    """The rows that bring a session from what was told of it to what is to be told."""
    gone, new = before.happenings - after.happenings, after.happenings - before.happenings
    for sign, happenings in ((-1, gone), (1, new)):
        for happening in happenings.elements():
            sample = Sample(session=name, ts=happening.at, event=happening.event, code=happening.code)
            sample.detail = happening.detail
            yield sample, sign, sign * happening.opened
    if before.begin == after.begin and not before.bytes and not after.bytes and after.until >= before.until:
        yield from presence(name, {end: (length, 0) for end, length in slices(before.until, after.until)})
    else:
        yield from presence(name, changes(spread(before), spread(after)))


def changes(before: Mapping[int, tuple[int, int]], after: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """What to add to each slice of `before` to have `after`."""
    changed: dict[int, tuple[int, int]] = {}
    for end in sorted(before.keys() | after.keys()):
        (old_ms, old_bytes), (new_ms, new_bytes) = before.get(end, (0, 0)), after.get(end, (0, 0))
        if (old_ms, old_bytes) != (new_ms, new_bytes):
            changed[end] = (new_ms - old_ms, new_bytes - old_bytes)
    return changed


def presence(name: str, parts: Mapping[int, tuple[int, int]]) -> Iterator[Row]:
    """The rows of slices; one that takes time back takes its report back too."""
    for end, (length, count) in parts.items():
        yield Sample(session=name, ts=end, interval_ms=length, bytes=count), -1 if length < 0 else 1, 0
