"""A schedule: layers of people who take turns, changes laid over them, and who holds at every instant.

People are keys of whoever asks: refs in the database, addresses in a file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from aftercare.clocks.due import open_and_closed
from aftercare.clocks.types import Hours
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.turns import Turns, Unit, turns_between

People = tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """People who take turns; each turn is one or several at once.

    `starts` and `ends` are local times of the schedule's zone, `hours` the times at which the layer holds at all (None:
    always). Where it does not hold, the layer below shows through.
    """

    turns: tuple[People, ...]
    starts: datetime
    unit: Unit = Unit.WEEK
    every: int = 1
    hours: Hours | None = None
    ends: datetime | None = None
    name: str = ""


class Kind(StrEnum):
    """What a change does to whoever holds."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    INSTEAD = "instead"


@dataclass(frozen=True)
class Change:
    """From `starts_at` until before `ends_at` (UTC): people more, people less, one for another, or only these.

    `swap` says for a replacement who steps in for whom. Of overlapping changes the later sees what the earlier left.
    """

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    people: People = ()
    swap: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Schedule:
    """Later layers win over earlier ones wherever they hold; `fallback` holds where nobody is left."""

    zone: ZoneInfo
    layers: tuple[Layer, ...] = ()
    changes: tuple[Change, ...] = ()
    fallback: People = ()
    name: str = ""


@dataclass(frozen=True)
class Stretch:
    """From `starts_at` until before `ends_at` (UTC) these people hold, nobody where there are none.

    `by` names the layer and the changes that put them there, `turn` is the number of the layer's turn; `is_fallback`
    where a hole was filled.
    """

    starts_at: datetime
    ends_at: datetime
    people: People
    by: tuple[str, ...] = ()
    turn: int | None = None
    is_fallback: bool = False


def stretches(schedule: Schedule, start: datetime, end: datetime) -> list[Stretch]:
    """Who holds within [start, end), in order and without gaps. Neighbours differ in something, be it only the turn."""
    if end <= start:
        return []
    tracks = [held_by(layer, schedule.zone, start, end) for layer in schedule.layers]
    changes = [change for change in schedule.changes if change.starts_at < end and change.ends_at > start]
    spans = [(one.starts_at, one.ends_at) for one in changes]
    spans += [(held.starts_at, held.ends_at) for track in tracks for held in track]
    edges = {start, end} | {max(begins, start) for begins, _ends in spans} | {min(ends, end) for _begins, ends in spans}
    tops = [Cursor(track) for track in reversed(tracks)]
    found: list[Stretch] = []
    for begins, ends in pairwise(sorted(edges)):
        held = next((one for top in tops if (one := top.at(begins))), Stretch(begins, ends, ()))
        for change in changes:
            if change.starts_at <= begins < change.ends_at:
                held = changed(held, change)
        if not held.people and schedule.fallback:
            held = replace(held, people=schedule.fallback, is_fallback=True)
        found.append(replace(held, starts_at=begins, ends_at=ends))
    return joined(found)


class Cursor:
    """Walks along a layer's stretches; asked at instants that never go back."""

    def __init__(self, track: Sequence[Stretch]) -> None:
        self.track = track
        self.place = 0

    def at(self, instant: datetime) -> Stretch | None:
        """What the layer says of this instant."""
        while self.place < len(self.track) and self.track[self.place].ends_at <= instant:
            self.place += 1
        one = self.track[self.place] if self.place < len(self.track) else None
        return one if one is not None and one.starts_at <= instant else None


def held_by(layer: Layer, zone: ZoneInfo, start: datetime, end: datetime) -> list[Stretch]:
    """What a layer says of [start, end): its turns, cut to the hours at which it holds. An empty turn is nobody's."""
    until = min(end, instant_of(layer.ends, zone)) if layer.ends else end
    if until <= start:
        return []
    turns = Turns(zone, layer.starts, layer.unit, layer.every, len(layer.turns))
    held = [
        Stretch(
            max(turn.starts_at, start), min(turn.ends_at, until), layer.turns[turn.place], (layer.name,), turn.number
        )
        for turn in turns_between(turns, start, until)
    ]
    return held if layer.hours is None else list(within(held, layer.hours))


def within(held: Sequence[Stretch], hours: Hours) -> Iterator[Stretch]:
    """The parts of these stretches, which are in order, that lie in the hours."""
    if not held:
        return
    ends = held[-1].ends_at
    place = 0
    for segment in takewhile(lambda each: each.start < ends, open_and_closed(held[0].starts_at, hours)):
        if not segment.is_counted:
            continue
        while place < len(held) and held[place].starts_at < segment.end:
            one = held[place]
            cut = replace(one, starts_at=max(one.starts_at, segment.start), ends_at=min(one.ends_at, segment.end))
            if cut.ends_at > cut.starts_at:
                yield cut
            if one.ends_at > segment.end:
                break
            place += 1


def changed(held: Stretch, change: Change) -> Stretch:
    """The stretch with one change laid over it."""
    people = held.people
    match change.kind:
        case Kind.ADD:
            people = (*people, *(one for one in change.people if one not in people))
        case Kind.REMOVE:
            people = tuple(one for one in people if one not in change.people)
        case Kind.REPLACE:
            people = tuple(dict.fromkeys(change.swap.get(one, one) for one in people))
        case Kind.INSTEAD:
            people = change.people
    is_same = people == held.people and change.kind is not Kind.INSTEAD  # who covers for themselves is a cover still
    return held if is_same else replace(held, people=people, by=(*held.by, change.name))


def joined(found: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours that tell the same as one."""
    told: list[Stretch] = []
    for one in found:
        last = told[-1] if told else None
        if last and replace(last, starts_at=one.starts_at, ends_at=one.ends_at) == one:
            told[-1] = replace(last, ends_at=one.ends_at)
        else:
            told.append(one)
    return told
