"""Schedules over the API: their documents, who holds when, and calendars from elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person, provider_with
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_schedule_for, require_staff
from aftercare.oncall.api.schemas import (
    OnCallOut,
    PersonOnCall,
    ScheduleChangeIn,
    ScheduleIn,
    ScheduleOut,
    SchedulesPage,
    ShiftOut,
    told_person,
    told_schedule,
    told_shift,
)
from aftercare.oncall.ics.planning import PlannedShift, apply_plan, plan_calendar
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries import shifts
from aftercare.oncall.queries.policy import schedules_in_order
from aftercare.web.api import page_of_rows

router = Router(tags=["on-call"])
MANAGES = "manage_oncall"
USUAL, LONGEST = timedelta(days=14), timedelta(days=366)


class VersionOut(Schema):
    """What a schedule said from `at` on."""

    version: int
    name: str
    at: datetime
    actor: str | None
    document: dict[str, Any]


class ForeignCalendarIn(Schema):
    """A calendar kept elsewhere (RFC 5545)."""

    text: str
    take: bool = Field(False, description="save what it would change; false only tells it")


class ForeignShiftOut(Schema):
    """A shift of the calendar; `is_known` where the schedule has it already."""

    starts_at: datetime
    ends_at: datetime
    people: list[PersonOnCall]
    reason: str
    is_known: bool


class MisreadOut(Schema):
    """An event that was not understood, and why."""

    what: str
    why: str


class ForeignCalendarOut(Schema):
    """What a calendar would change, or has changed."""

    shifts: list[ForeignShiftOut]
    not_understood: list[MisreadOut]
    taken: int


@router.get("/schedules", response=SchedulesPage, summary="Schedules")
def list_schedules(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """All of them with their documents, the newest first."""
    staff(request)
    rows, more = page_of_rows(Schedule.objects.all(), cursor, limit)
    return {"schedules": [told_schedule(row) for row in rows], "next": more}


@router.post("/schedules", response={201: ScheduleOut}, summary="Make a schedule")
def make(request: HttpRequest, facts: ScheduleIn) -> Status[dict[str, Any]]:
    """The document is checked as the console checks it."""
    user = provider_with(request, MANAGES)
    document = by_ref(facts.document)
    made = actions.save_schedule(name=facts.name, document=document, actor=user, now=utc_now())
    return Status(201, told_schedule(made))


@router.get("/schedules/{ref}", response=ScheduleOut, summary="One schedule")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Its document and its version."""
    return told_schedule(get_schedule_for(staff(request), ref))


@router.put("/schedules/{ref}", response=ScheduleOut, summary="Give a schedule its next version")
def put(request: HttpRequest, ref: str, facts: ScheduleChangeIn) -> dict[str, Any]:
    """Refused where it leaves open what is covered now, unless that is accepted and the settings allow it."""
    user = provider_with(request, MANAGES)
    saved = actions.save_schedule(
        schedule=get_schedule_for(user, ref),
        version=facts.version,
        name=facts.name,
        document=by_ref(facts.document),
        accepts_holes=facts.accept_holes,
        actor=user,
        now=utc_now(),
    )
    return told_schedule(saved)


@router.delete("/schedules/{ref}", response={204: None}, summary="Delete a schedule")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """Its changes, versions and hours go with it. Refused while the policy or a customer uses it."""
    user = provider_with(request, MANAGES)
    actions.delete_schedule(schedule=get_schedule_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/schedules/{ref}/versions", response=list[VersionOut], summary="A schedule's versions")
def versions(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """What it said since when, the newest 100."""
    kept = get_schedule_for(staff(request), ref).versions.select_related("actor")[:100]
    return [
        {
            "version": one.version,
            "name": one.name,
            "at": one.at,
            "actor": one.actor.ref if one.actor else None,
            "document": one.document,
        }
        for one in kept
    ]


@router.get("/schedules/{ref}/shifts", response=list[ShiftOut], summary="Who holds a schedule between two instants")
def list_shifts(
    request: HttpRequest, ref: str, start: datetime | None = None, end: datetime | None = None
) -> list[dict[str, Any]]:
    """In order and without gaps, cut to the time asked for: from now on and two weeks unless told, at most a year."""
    schedule = get_schedule_for(staff(request), ref)
    begins = aware(start) if start else utc_now()
    ends = aware(end) if end else begins + USUAL
    if not timedelta() < ends - begins <= LONGEST:
        raise Refused(_("Ask for some time, and at most a year of it."))
    return [told_shift(one) for one in shifts(schedule, begins, ends)]


@router.get("/on-call", response=OnCallOut, summary="Who is on call")
def on_call(request: HttpRequest, at: datetime | None = None) -> dict[str, Any]:
    """Of every schedule, at this instant or another."""
    staff(request)
    instant = aware(at) if at else utc_now()
    found = [(one, shifts(one, instant, instant + timedelta(seconds=1))[0]) for one in schedules_in_order()]
    return {
        "at": instant,
        "schedules": [
            {
                "schedule": schedule.ref,
                "name": schedule.name,
                "people": [told_person(user) for user in shift.users],
                "is_fallback": shift.is_fallback,
            }
            for schedule, shift in found
        ],
    }


@router.post("/schedules/{ref}/calendar", response=ForeignCalendarOut, summary="Take a calendar from elsewhere")
def take_calendar(request: HttpRequest, ref: str, facts: ForeignCalendarIn) -> dict[str, Any]:
    """What its shifts of the coming year would change, and with `take` the change."""
    user, now = provider_with(request, MANAGES), utc_now()
    schedule = get_schedule_for(user, ref)
    plan = plan_calendar(schedule, facts.text, now)
    taken = apply_plan(schedule, plan, actor=user, now=now) if facts.take else 0
    return {
        "shifts": [told_planned(one) for one in plan.shifts],
        "not_understood": [{"what": one.what, "why": one.why} for one in plan.misread],
        "taken": taken,
    }


def told_planned(shift: PlannedShift) -> dict[str, Any]:
    """A calendar's shift as the API tells it."""
    people = [told_person(user) for user in shift.users]
    return {name: getattr(shift, name) for name in ("starts_at", "ends_at", "reason", "is_known")} | {"people": people}


def staff(request: HttpRequest) -> User:
    """One of the provider's people behind a call; 404 for others."""
    user = person(request)
    require_staff(user)
    return user


def aware(at: datetime) -> datetime:
    """An instant. Raises Refused for a time that says no zone, or that no calendar reaches."""
    if at.tzinfo is None:
        raise Refused(_("Write instants with their zone, like 2026-12-01T09:00:00+08:00."))
    if not 2000 <= at.year <= 2100:
        raise Refused(_("The year lies between 2000 and 2100."))
    return at


def person_by(told: str) -> User:
    """Who is meant by a ref or an address. Raises Refused where it is nobody of the provider's."""
    ours = User.objects.filter(customer=None)
    found = ours.filter(email__iexact=told).first() if "@" in told else ours.filter(ref=told).first()
    if found is None:
        raise Refused(_("“%(told)s” is nobody of the provider's people.") % {"told": told[:254]})
    return found


def by_ref(document: dict[str, Any]) -> dict[str, Any]:
    """The document with addresses put as refs; whatever else is wrong with it is for its reader to say."""

    def refs(told: Any) -> Any:
        if isinstance(told, str) and "@" in told:
            return person_by(told).ref
        return [refs(one) for one in told] if isinstance(told, list) else told

    found = {**document, **({"fallback": as_list(refs(document["fallback"]))} if "fallback" in document else {})}
    layers = document.get("layers")
    if isinstance(layers, list):
        found["layers"] = [with_refs(one, refs) if isinstance(one, dict) else one for one in layers]
    return found


def with_refs(layer: dict[str, Any], refs: Any) -> dict[str, Any]:
    """A layer with its turns as lists of refs."""
    turns = layer.get("turns")
    return {**layer, "turns": [as_list(refs(turn)) for turn in turns]} if isinstance(turns, list) else layer


def as_list(value: Any) -> Any:
    """A single person is a list of one."""
    return [value] if isinstance(value, str) else value
