"""Heartbeats over the API."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.watch.heartbeats.access import get_heartbeat_for
from aftercare.watch.heartbeats.actions import (
    create_heartbeat,
    delete_heartbeat,
    edit_heartbeat,
    pause_heartbeat,
    resume_heartbeat,
    rotate_key,
)
from aftercare.watch.heartbeats.forms import HeartbeatForm, NewHeartbeatForm
from aftercare.watch.heartbeats.judging import next_expected
from aftercare.watch.heartbeats.keys import address_of
from aftercare.watch.heartbeats.queries import HeartbeatFilter, list_changes, list_heartbeats, list_pings
from aftercare.watch.heartbeats.types import facts_of
from aftercare.watch.heartbeats.words import is_running
from aftercare.watch.models import Heartbeat, HeartbeatChange, HeartbeatPing, HeartbeatStatus
from aftercare.web.api import LONGEST_PAGE, Page, cursor_of, page_number, valid

router = Router(tags=["heartbeats"])
SEES, CHANGES = "see_telemetry", "edit_monitors"


class HeartbeatIn(Schema):
    """A heartbeat's settings; times in seconds. Either `every_s` or `cron`."""

    name: str
    every_s: int | None = Field(None, description="expected so many seconds after the last success")
    cron: str = Field("", description="five fields, read on the wall clock of `timezone`")
    timezone: str = "UTC"
    grace_s: int = 300
    longest_run_s: int | None = Field(None, description="within which a run that began must end; null: the grace")
    severity: str = Field("warning", description="red or warning")


class NewHeartbeatIn(HeartbeatIn):
    """The same with whose it is."""

    of: str = Field(description="an app's ref; all:REF for a customer; own for the provider's own")


class HeartbeatOut(HeartbeatIn):
    """A heartbeat and where it stands. `address` is null for those who may not change it."""

    ref: str
    customer: str | None
    app: str | None
    status: str = Field(description="new, up, late, down or paused")
    reason: str = Field(description="why it changed last: missed, overran, failed, pinged, …")
    running: bool
    changed_at: datetime
    last_ping_at: datetime | None
    last_ok_at: datetime | None
    expected_at: datetime | None
    took_s: float | None
    address: str | None


class HeartbeatsPage(Page):
    """Heartbeats, the worst first."""

    heartbeats: list[HeartbeatOut]


class PingOut(Schema):
    """One of the last 100 pings."""

    at: datetime
    kind: str = Field(description="ok, start, fail or log")
    exit_code: int | None
    rid: str
    took_s: float | None
    body: str
    body_bytes: int
    repeats: int


class ChangeOut(Schema):
    """One change of where it stands; `since` begins an absence of ours."""

    at: datetime
    from_status: str
    to_status: str
    reason: str
    since: datetime | None


@router.get("/heartbeats", response=HeartbeatsPage, summary="Heartbeats")
def list_all(request: HttpRequest, status: str = "", customer: str = "", q: str = "", cursor: str = "") -> Any:
    """Those the caller may see, the worst first."""
    user = seer(request)
    wanted = HeartbeatFilter(customer[:16], status if status in HeartbeatStatus.values else "", q[:100])
    number = max(page_number(cursor), 1)
    first = (number - 1) * LONGEST_PAGE
    found = list(list_heartbeats(user, wanted)[first : first + LONGEST_PAGE + 1])
    more = cursor_of(number + 1) if len(found) > LONGEST_PAGE else None
    return {"heartbeats": [told(user, one) for one in found[:LONGEST_PAGE]], "next": more}


@router.post("/heartbeats", response={201: HeartbeatOut}, summary="Add a heartbeat")
def add(request: HttpRequest, facts: NewHeartbeatIn) -> Status[dict[str, Any]]:
    """It gets an address of its own, and waits for nothing until the first ping."""
    user = changer(request)
    form = NewHeartbeatForm(user, form_facts(facts))
    cleaned = valid(form)
    customer, app = form.owner()
    made = create_heartbeat(customer=customer, app=app, facts=cleaned["facts"], actor=user, now=utc_now())
    return Status(201, told(user, get_heartbeat_for(user, made.ref)))


@router.get("/heartbeats/{ref}", response=HeartbeatOut, summary="One heartbeat")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Its settings and where it stands."""
    user = seer(request)
    return told(user, get_heartbeat_for(user, ref))


@router.put("/heartbeats/{ref}", response=HeartbeatOut, summary="Change a heartbeat")
def change(request: HttpRequest, ref: str, facts: HeartbeatIn) -> dict[str, Any]:
    """Another schedule, grace or longest run counts anew from now."""
    user, heartbeat = held(request, ref)
    cleaned = valid(HeartbeatForm(form_facts(facts)))
    edit_heartbeat(heartbeat=heartbeat, facts=cleaned["facts"], actor=user, now=utc_now())
    return told(user, get_heartbeat_for(user, ref))


@router.delete("/heartbeats/{ref}", response={204: None}, summary="Delete a heartbeat")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """Its address is worth nothing from then on."""
    user, heartbeat = held(request, ref)
    delete_heartbeat(heartbeat=heartbeat, actor=user, now=utc_now())
    return Status(204, None)


@router.post("/heartbeats/{ref}/pause", response=HeartbeatOut, summary="Pause a heartbeat")
def pause(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Nothing is waited for; pings are still kept."""
    user, heartbeat = held(request, ref)
    pause_heartbeat(heartbeat=heartbeat, actor=user, now=utc_now())
    return told(user, get_heartbeat_for(user, ref))


@router.delete("/heartbeats/{ref}/pause", response=HeartbeatOut, summary="Wait for a heartbeat again")
def resume(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The schedule counts from now."""
    user, heartbeat = held(request, ref)
    resume_heartbeat(heartbeat=heartbeat, actor=user, now=utc_now())
    return told(user, get_heartbeat_for(user, ref))


@router.post("/heartbeats/{ref}/key", response=HeartbeatOut, summary="Give a heartbeat another address")
def rotate(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The old one is worth nothing from then on."""
    user, heartbeat = held(request, ref)
    rotate_key(heartbeat=heartbeat, actor=user, now=utc_now())
    return told(user, get_heartbeat_for(user, ref))


@router.get("/heartbeats/{ref}/pings", response=list[PingOut], summary="A heartbeat's last 100 pings")
def pings(request: HttpRequest, ref: str) -> list[HeartbeatPing]:
    """Newest first."""
    return list(list_pings(get_heartbeat_for(seer(request), ref)))


@router.get("/heartbeats/{ref}/changes", response=list[ChangeOut], summary="Where a heartbeat stood")
def changes(request: HttpRequest, ref: str) -> list[HeartbeatChange]:
    """The newest 100 changes."""
    return list(list_changes(get_heartbeat_for(seer(request), ref))[:LONGEST_PAGE])


def seer(request: HttpRequest) -> User:
    """Who calls, where they may see. Raises PermissionDenied."""
    user = person(request)
    require(user, SEES)
    return user


def changer(request: HttpRequest) -> User:
    """Who calls, where they may change. Raises PermissionDenied."""
    user = person(request)
    require(user, CHANGES)
    return user


def held(request: HttpRequest, ref: str) -> tuple[User, Heartbeat]:
    """Who calls and the heartbeat that they may change; 404 before 403, so that a stranger learns nothing."""
    user = person(request)
    heartbeat = get_heartbeat_for(user, ref)
    require(user, CHANGES)
    return user, heartbeat


def form_facts(facts: HeartbeatIn) -> dict[str, Any]:
    """What the page's form would hold."""
    return {name: value for name, value in facts.model_dump().items() if value is not None}


def told(user: User, heartbeat: Heartbeat) -> dict[str, Any]:
    """A heartbeat as the API tells it."""
    state = heartbeat.state
    return {
        **facts_of(heartbeat).as_dict(),
        "ref": heartbeat.ref,
        "customer": heartbeat.customer.ref if heartbeat.customer else None,
        "app": heartbeat.app.ref if heartbeat.app else None,
        "running": is_running(state),
        "expected_at": next_expected(heartbeat, state),
        "address": address_of(heartbeat) if can(user, CHANGES) else None,
        **{
            name: getattr(state, name)
            for name in ("status", "reason", "changed_at", "last_ping_at", "last_ok_at", "took_s")
        },
    }
