"""A schedule's shifts with its changes laid over them, as the roster reckons them."""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.roster.document import read_schedule
from aftercare.oncall.roster.schedules import Change as DeclaredChange
from aftercare.oncall.roster.schedules import Kind, People, stretches
from aftercare.oncall.roster.schedules import Schedule as Declared

READ_KEPT = 1024


@dataclass(frozen=True)
class Shift:
    """From `starts_at` until before `ends_at` (UTC) these people hold together; no one is a hole.

    `change` is the last one that had a say, `is_fallback` where a hole was filled.
    """

    starts_at: datetime
    ends_at: datetime
    users: tuple[User, ...]
    change: Change | None = None
    is_fallback: bool = False

    @property
    def names(self) -> str:
        """Everybody who holds."""
        return ", ".join(user.name for user in self.users)


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The shifts within [start, end), cut to it, without a gap between them: holes are shifts of nobody.

    Somebody who left or whose role may not acknowledge pages counts as nobody.
    """
    covering = schedule.changes.filter(starts_at__lt=end, ends_at__gt=start).select_related("user", "replaced")
    changes = {change.ref: change for change in covering.order_by("id")}
    people = able_people(schedule, changes.values())
    return [
        Shift(
            one.starts_at,
            one.ends_at,
            tuple(people[ref] for ref in one.people),
            next((changes[name] for name in reversed(one.by) if name in changes), None),
            one.is_fallback,
        )
        for one in stretches(declared(schedule, changes.values(), people, start), start, end)
    ]


def declared(schedule: Schedule, changes: Iterable[Change], able: Container[str], at: datetime) -> Declared:
    """The schedule as the roster takes it, with these changes laid over it and only people who are able, by ref."""
    own = read(json.dumps(schedule.document), schedule.name, at.year)

    def only_able(refs: Iterable[str]) -> People:
        return tuple(ref for ref in refs if ref in able)

    layers = tuple(replace(layer, turns=tuple(only_able(turn) for turn in layer.turns)) for layer in own.layers)
    laid = tuple(laid_over(change, able) for change in changes)
    return replace(own, layers=layers, changes=laid, fallback=only_able(own.fallback))


def laid_over(change: Change, able: Container[str]) -> DeclaredChange:
    """A change as the roster takes it: somebody who is not able steps in for nobody, and who they replace is free."""
    is_able, replaced = change.user.ref in able, change.replaced
    if replaced is not None:
        kind = Kind.REPLACE if is_able else Kind.REMOVE
        people: People = () if is_able else (replaced.ref,)
        swap = {replaced.ref: change.user.ref} if is_able else {}
        return DeclaredChange(kind, change.starts_at, change.ends_at, people, swap, name=change.ref)
    kind = Kind(change.kind)
    people = (change.user.ref,) if is_able or kind is Kind.REMOVE else ()
    return DeclaredChange(kind, change.starts_at, change.ends_at, people, name=change.ref)


@lru_cache(maxsize=READ_KEPT)
def read(document: str, name: str, year: int) -> Declared:
    """What a document says, with the holidays about this year; kept, for a page's every step asks it."""
    return read_schedule(json.loads(document), name=name, around=date(year, 7, 1))


def refs_in(document: Mapping[str, Any]) -> list[str]:
    """Everybody that a document names, each once."""
    turns = [turn for layer in document.get("layers", []) for turn in layer["turns"]]
    return list(dict.fromkeys(ref for people in (*turns, document.get("fallback", [])) for ref in people))


def able_people(schedule: Schedule, changes: Iterable[Change]) -> dict[str, User]:
    """Those whom the schedule and these changes name and who could take a page, by ref."""
    named = User.objects.filter(ref__in=refs_in(schedule.document))
    stepping_in = [user for change in changes for user in (change.user, change.replaced) if user]
    return {user.ref: user for user in (*named, *stepping_in) if can(user, "acknowledge_pages")}


def holes(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The parts of [start, end) where nobody of this schedule can be woken, neighbours joined."""
    found: list[Shift] = []
    for shift in shifts(schedule, start, end):
        if shift.users:
            continue
        if found and found[-1].ends_at == shift.starts_at:
            found[-1] = replace(found[-1], ends_at=shift.ends_at)
        else:
            found.append(Shift(shift.starts_at, shift.ends_at, ()))
    return found
