"""What the API of the on-call takes and tells."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from aftercare.accounts.models import User
from aftercare.oncall.models import Change, Schedule, Swap
from aftercare.oncall.queries import Shift
from aftercare.oncall.queries.policy import people_of
from aftercare.web.api import Page


class PersonOnCall(Schema):
    """One of the provider's people."""

    ref: str
    name: str
    email: str


class ScheduleIn(Schema):
    """A schedule's name and its document, with the fields of the file (docs: on-call) but `name` and `changes`."""

    name: str
    document: dict[str, Any] = Field(description="people by ref or by the address they sign in with")
    accept_holes: bool = Field(False, description="save it although it leaves open what is covered now")


class ScheduleChangeIn(ScheduleIn):
    """The next version of a schedule."""

    version: int | None = Field(None, description="the version that was read: refused when there is a newer one")


class ScheduleOut(Schema):
    """A schedule as it holds; people in `document` are refs, which `people` names."""

    ref: str
    name: str
    version: int
    document: dict[str, Any]
    people: list[PersonOnCall]


class SchedulesPage(Page):
    """Schedules, the newest first."""

    schedules: list[ScheduleOut]


class ShiftOut(Schema):
    """From `starts_at` until before `ends_at` these people hold together; nobody is a hole."""

    starts_at: datetime
    ends_at: datetime
    people: list[PersonOnCall]
    change: str | None = Field(description="the change that had the last say")
    is_fallback: bool


class DutyOut(Schema):
    """Who holds a schedule at an instant."""

    schedule: str
    name: str
    people: list[PersonOnCall]
    is_fallback: bool


class OnCallOut(Schema):
    """Who is on call at an instant, the schedules in the order in which the policy wakes them."""

    at: datetime
    schedules: list[DutyOut]


class ChangeIn(Schema):
    """What differs for a while."""

    kind: str = Field("instead", description="instead, replace, add or remove")
    person: str = Field(description="who steps in, or who is free: a ref or an address")
    replaced: str | None = Field(None, description="for whom, where it is replace")
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    accept_holes: bool = False


class ChangeOfScheduleOut(Schema):
    """A change that is not over."""

    ref: str
    kind: str
    person: PersonOnCall
    replaced: PersonOnCall | None
    starts_at: datetime
    ends_at: datetime
    reason: str


class SwapIn(Schema):
    """One's own time, for another to take."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""


class TakingIn(Schema):
    """Who takes it; nobody named is the caller."""

    taker: str | None = Field(None, description="a ref or an address; another than oneself is a manager's")


class SwapOut(Schema):
    """A swap that is asked for or taken."""

    ref: str
    schedule: str
    asked_by: PersonOnCall
    starts_at: datetime
    ends_at: datetime
    reason: str
    taken_by: PersonOnCall | None
    withdrawn_at: datetime | None


def told_person(user: User) -> dict[str, str]:
    """A person as the API tells them."""
    return {"ref": user.ref, "name": user.name, "email": user.email}


def told_schedule(schedule: Schedule) -> dict[str, Any]:
    """A schedule as the API tells it."""
    return {
        "ref": schedule.ref,
        "name": schedule.name,
        "version": schedule.version,
        "document": schedule.document,
        "people": [told_person(user) for user in people_of(schedule)],
    }


def told_shift(shift: Shift) -> dict[str, Any]:
    """A shift as the API tells it."""
    return {
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "people": [told_person(user) for user in shift.users],
        "change": shift.change.ref if shift.change else None,
        "is_fallback": shift.is_fallback,
    }


def told_change(change: Change) -> dict[str, Any]:
    """A change as the API tells it."""
    return {
        "ref": change.ref,
        "kind": change.kind,
        "person": told_person(change.user),
        "replaced": told_person(change.replaced) if change.replaced else None,
        "starts_at": change.starts_at,
        "ends_at": change.ends_at,
        "reason": change.reason,
    }


def told_swap(swap: Swap) -> dict[str, Any]:
    """A swap as the API tells it."""
    return {
        "ref": swap.ref,
        "schedule": swap.schedule.ref,
        "asked_by": told_person(swap.asked_by),
        "starts_at": swap.starts_at,
        "ends_at": swap.ends_at,
        "reason": swap.reason,
        "taken_by": told_person(swap.taken_by) if swap.taken_by else None,
        "withdrawn_at": swap.withdrawn_at,
    }
