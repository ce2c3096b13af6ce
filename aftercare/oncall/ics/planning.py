"""Whose shifts a calendar's events are, and the changes that they would make of a schedule."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.oncall.actions.changes import add_change, remove_change
from aftercare.oncall.ics.reading import Entry, Misread, read_calendar
from aftercare.oncall.ics.repeating import Occurrence, occurrences
from aftercare.oncall.models import Change, ChangeKind, Schedule
from aftercare.oncall.queries.people import takers

People = tuple[User, ...]


@dataclass(frozen=True)
class PlannedShift:
    """From `starts_at` until before `ends_at` (UTC) these people hold alone; `is_known` where the schedule has it."""

    starts_at: datetime
    ends_at: datetime
    users: People
    reason: str
    is_known: bool = False


@dataclass(frozen=True)
class Plan:
    """What a calendar would change, and what of it was not understood.

    `gone` are the changes that an earlier calendar brought and this one does not have.
    """

    shifts: Sequence[PlannedShift]
    misread: Sequence[Misread]
    gone: Sequence[Change]

    @property
    def news(self) -> list[PlannedShift]:
        """What the schedule has not."""
        return [shift for shift in self.shifts if not shift.is_known]


def plan_calendar(schedule: Schedule, text: str, now: datetime) -> Plan:
    """What the calendar's shifts of the coming year would change. Raises Refused for a text that is not taken."""
    calendar = read_calendar(text)
    people = Known(takers())
    told: list[tuple[Occurrence, People]] = []
    for one in occurrences(calendar, ZoneInfo(schedule.document["timezone"]), now):
        users = people.of(one.entry)
        if users:
            told.append((one, users))
        else:
            misread = Misread(one.entry.summary or one.entry.uid, people.why_nobody(one.entry))
            calendar.misread += [] if misread in calendar.misread else [misread]
    kept = list(schedule.changes.filter(ends_at__gt=now).select_related("user"))
    shifts = [marked(shift, kept) for shift in laid_out(told, now)]
    gone = [change for change in kept if change.is_imported and not any(is_of(change, shift) for shift in shifts)]
    return Plan(shifts, calendar.misread, gone)


@transaction.atomic
def apply_plan(schedule: Schedule, plan: Plan, *, takes_away: bool = False, actor: User, now: datetime) -> int:
    """Save what was shown; returns how many shifts. Several at once are one who holds alone and others who join.

    With `takes_away` what is gone from the calendar holds no more.
    """
    for change in plan.gone if takes_away else ():
        remove_change(change=change, actor=actor, now=now)
    for shift in plan.news:
        for place, user in enumerate(shift.users):
            add_change(
                schedule=schedule,
                kind=ChangeKind.ADD if place else ChangeKind.INSTEAD,
                user=user,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                reason=shift.reason,
                is_imported=True,
                actor=actor,
                now=now,
            )
    return len(plan.news)


class Known:
    """The people who may hold a shift, found by address or by name."""

    def __init__(self, able: Iterable[User]) -> None:
        self.able = sorted(able, key=lambda user: (-len(user.name), user.pk))
        self.by_address = {user.email.lower(): user for user in self.able}

    def of(self, entry: Entry) -> People:
        """Who takes part; else whom the summary names; else who invites to it."""
        if found := [self.by_address[one] for one in entry.attendees if one in self.by_address]:
            return tuple(dict.fromkeys(found))
        if found := self.named_in(entry.summary):
            return tuple(found)
        return (self.by_address[entry.organizer],) if entry.organizer in self.by_address else ()

    def named_in(self, summary: str) -> list[User]:
        """Whom a text names, by address or name, in its order; a name that two people have names nobody."""
        names = [user.name for user in self.able]
        found: dict[int, User] = {}
        rest = summary.lower()
        for user in self.able:
            for told in (user.email.lower(), user.name.lower()):
                if not told or (told == user.name.lower() and names.count(user.name) > 1):
                    continue
                matched = re.search(as_word(told), rest)
                if matched:
                    found[matched.start()] = user
                    rest = rest.replace(told, "\0" * len(told))
        return list(dict.fromkeys(found[place] for place in sorted(found)))

    def why_nobody(self, entry: Entry) -> str:
        """Why an event is nobody's shift."""
        addresses = [one for one in (*entry.attendees, entry.organizer) if one]
        if addresses:
            return _("nobody here who takes pages has one of these addresses, nor a name in the title: %(told)s.") % {
                "told": ", ".join(addresses[:5])
            }
        return _("its title names nobody here who takes pages, or more than one of that name.")


def as_word(told: str) -> str:
    """A pattern of these words that does not match inside a longer Latin word."""
    begins = r"(?<![a-z0-9_.@-])" if told[:1].isascii() else ""
    ends = r"(?![a-z0-9_@-])" if told[-1:].isascii() else ""
    return begins + re.escape(told) + ends


def laid_out(told: Sequence[tuple[Occurrence, People]], now: datetime) -> list[PlannedShift]:
    """Who holds at each instant that any event covers: events that overlap are people who hold together."""
    edges = sorted({max(at, now) for one, _users in told for at in (one.starts_at, one.ends_at)})
    found: list[PlannedShift] = []
    live: list[tuple[Occurrence, People]] = []
    waiting = list(reversed(told))  # `told` is in the order of its begins
    for begins, ends in pairwise(edges):
        while waiting and waiting[-1][0].starts_at <= begins:
            live.append(waiting.pop())
        live = [pair for pair in live if pair[0].ends_at > begins]
        users = tuple(dict.fromkeys(user for _one, held in live for user in held))
        if not users:
            continue
        last = found[-1] if found else None
        if last and last.ends_at == begins and last.users == users and last.reason == live[0][0].entry.summary:
            found[-1] = PlannedShift(last.starts_at, ends, users, last.reason)
        else:
            found.append(PlannedShift(begins, ends, users, live[0][0].entry.summary))
    return found


def marked(shift: PlannedShift, kept: Iterable[Change]) -> PlannedShift:
    """The shift, marked where the schedule has every change of it: a calendar that is taken again changes nothing."""
    same = {(change.kind, change.user_id) for change in kept if is_of(change, shift)}
    needed = {(ChangeKind.ADD if place else ChangeKind.INSTEAD, user.pk) for place, user in enumerate(shift.users)}
    is_known = {(str(kind), pk) for kind, pk in needed} <= {(str(kind), pk) for kind, pk in same}
    return PlannedShift(shift.starts_at, shift.ends_at, shift.users, shift.reason, is_known)


def is_of(change: Change, shift: PlannedShift) -> bool:
    """Whether a change is one that this shift makes; of one that has begun the beginning may lie before."""
    is_someone = change.user in shift.users
    return is_someone and change.ends_at == shift.ends_at and change.starts_at <= shift.starts_at
