"""A file of schedules taken into the console: what it would change, and the change as one transaction."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.changes import add_change
from aftercare.oncall.actions.schedules import check_people, save_schedule
from aftercare.oncall.exporting import as_yaml, entry
from aftercare.oncall.importing_policies import Part, plan_escalation
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.queries.shifts import refs_in
from aftercare.oncall.roster.document import read_document
from aftercare.oncall.roster.places import parsed, plain
from aftercare.oncall.roster.schedules import Change as DeclaredChange
from aftercare.oncall.roster.schedules import Kind


@dataclass(frozen=True)
class NewChange:
    """A change that the file has and the console has not."""

    kind: str
    user: User
    replaced: User | None
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Planned:
    """What the file would make of one schedule; `schedule` is None for a new one. `diff` has a line for each that comes
    (`+`), goes (`-`) or stays.
    """

    name: str
    schedule: Schedule | None
    document: dict[str, Any]
    changes: tuple[NewChange, ...]
    diff: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing would change."""
        return not self.diff and not self.changes


def plan_import(text: str, now: datetime) -> list[Planned]:
    """What a file would change. Schedules that it does not name stay, and so do changes that it does not have.

    Raises Refused with what is wrong in the file, or whom it names that cannot be called.
    """
    declared = read_document(text, around=now.date())
    people = {user.email.lower(): user for user in User.objects.filter(customer=None)}
    kept = {schedule.name: schedule for schedule in Schedule.objects.all()}
    planned = []
    for raw, told in zip(as_list(plain(parsed(text))["schedules"]), declared.schedules, strict=True):
        name, schedule = told.name, kept.get(told.name)
        document = with_refs(raw, people)
        check_people(document, known=refs_in(schedule.document) if schedule else ())
        news = [one for change in told.changes for one in rows_of(change, name, people) if one.ends_at > now]
        absent = tuple(one for one in news if schedule is None or not exists(schedule, one))
        planned.append(Planned(name, schedule, document, absent, difference(schedule, name, document)))
    return planned


def plan_beside(text: str, now: datetime) -> list[Part]:
    """What a file would change beside its schedules: policies, rules, the management escalation. Raises Refused."""
    declared = read_document(text, around=now.date())
    return plan_escalation(declared.escalation, {schedule.name for schedule in declared.schedules})


@transaction.atomic
def apply_import(planned: Sequence[Planned], beside: Sequence[Part] = (), *, actor: User, now: datetime) -> None:
    """Carry out what was shown. Raises Refused, and changes nothing, where somebody changed a schedule or a policy
    meanwhile.
    """
    for one in planned:
        schedule = save_schedule(
            schedule=one.schedule,
            version=one.schedule.version if one.schedule else None,
            name=one.name,
            document=one.document,
            actor=actor,
            now=now,
        )
        for change in one.changes:
            add_change(schedule=schedule, **vars(change), actor=actor, now=now)
    for part in beside:
        if not part.is_same:
            part.carry_out(actor, now)


def with_refs(raw: Mapping[str, Any], people: Mapping[str, User]) -> dict[str, Any]:
    """A schedule's fields as they are kept: people by ref, every turn a list."""

    def refs_of(told: Any) -> list[str]:
        return [person_of(email, raw["name"], people).ref for email in as_list(told)]

    document = {key: raw[key] for key in ("timezone", "holidays", "sign-in") if key in raw}
    if "fallback" in raw:
        document["fallback"] = refs_of(raw["fallback"])
    layers = []
    for layer in as_list(raw["layers"]):
        turns = [
            [person_of(email, raw["name"], people).ref for email in as_list(turn)] for turn in as_list(layer["turns"])
        ]
        hours = {"hours": as_list(layer["hours"])} if "hours" in layer else {}
        layers.append({**layer, "turns": turns, **hours})
    return {**document, "layers": layers}


def person_of(email: str, schedule: str, people: Mapping[str, User]) -> User:
    """Whose address this is. Raises Refused when it is nobody's of ours."""
    if email.lower() not in people:
        raise Refused(_("%(schedule)s: nobody here signs in with %(email)s.") % {"schedule": schedule, "email": email})
    return people[email.lower()]


def as_list(value: Any) -> list[Any]:
    """A single value counts as a list of one, as the document reads it."""
    return value if isinstance(value, list) else [value]


def rows_of(change: DeclaredChange, schedule: str, people: Mapping[str, User]) -> list[NewChange]:
    """A declared change as rows: one for each person. Raises Refused for one that leaves nobody, which a hole says."""

    def row(kind: Kind, email: str, replaced: str | None = None) -> NewChange:
        whom = person_of(replaced, schedule, people) if replaced else None
        user = person_of(email, schedule, people)
        return NewChange(kind.value, user, whom, change.starts_at, change.ends_at, change.name)

    if change.kind is Kind.REPLACE:
        return [row(Kind.REPLACE, to, whom) for whom, to in change.swap.items()]
    if not change.people:
        raise Refused(_("%(schedule)s: “%(change)s” names nobody.") % {"schedule": schedule, "change": change.name})
    if change.kind is Kind.INSTEAD:
        first, *others = change.people
        return [row(Kind.INSTEAD, first), *(row(Kind.ADD, other) for other in others)]
    return [row(change.kind, email) for email in change.people]


def exists(schedule: Schedule, one: NewChange) -> bool:
    """Whether the console has this change."""
    same = Change.objects.filter(schedule=schedule, kind=one.kind, user=one.user, replaced=one.replaced)
    return same.filter(starts_at=one.starts_at, ends_at=one.ends_at).exists()


def difference(schedule: Schedule | None, name: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of the schedule as they are and as they would be; () where they are the same."""
    before = as_yaml(entry(schedule.name, schedule.document)).splitlines() if schedule else []
    after = as_yaml(entry(name, document)).splitlines()
    if before == after:
        return ()
    return tuple(line for line in difflib.ndiff(before, after) if not line.startswith("?"))
