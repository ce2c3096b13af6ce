"""Coverage, what is asked of the on-call, and test calls over the API."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from aftercare.accounts.access import provider_with
from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.actions.settings import FIELDS
from aftercare.oncall.api.schedules import MANAGES, staff
from aftercare.oncall.api.schemas import PersonOnCall, told_person
from aftercare.oncall.models import OncallSettings
from aftercare.oncall.queries import coverage, oncall_settings, reachability
from aftercare.oncall.roster.proof import Span

router = Router(tags=["on-call"])


class SpanOut(Schema):
    """A time of which something is wrong."""

    starts_at: datetime
    ends_at: datetime


class CoveredOut(Schema):
    """One schedule: when nobody holds it, and when only its fallback does."""

    schedule: str
    name: str
    holes: list[SpanOut]
    fallbacks: list[SpanOut]


class OverworkedOut(SpanOut):
    """Somebody who is asked for too much; hours or nights."""

    person: PersonOnCall
    fault: str = Field(description="too_long, too_often or too_many_nights")
    hours: float
    nights: int


class CoverageOut(Schema):
    """What was found from `start` until before `end`; `unheard` is when no step of the policy has anybody."""

    start: datetime
    end: datetime
    is_whole: bool
    unheard: list[SpanOut]
    schedules: list[CoveredOut]
    empty_steps: list[str]
    unreachable: list[PersonOnCall]
    overworked: list[OverworkedOut]


class OncallSettingsIn(Schema):
    """What is asked of the on-call; what is left out stays. A limit that is null asks nothing."""

    timezone: str | None = None
    longest_h: int | None = Field(None, description="hours of one person without a break")
    most_hours: int | None = Field(None, description="hours of one person in any seven days")
    most_nights: int | None = Field(None, description="nights of one person in any seven")
    ahead_days: int | None = None
    on_holes: str | None = Field(None, description="warn or refuse")
    mails: bool | None = None
    mail_weekday: int | None = Field(None, description="0 is Monday")
    mail_hour: int | None = None
    calls: bool | None = None
    calls_from: int | None = None
    calls_until: int | None = None
    answer_within_min: int | None = None


class OncallSettingsOut(OncallSettingsIn):
    """The settings as they hold."""


class TestCallOut(Schema):
    """Somebody's test call."""

    person: PersonOnCall
    state: str = Field(description="planned, called, answered, unanswered, failed or left_out")
    channel: str
    called_at: datetime | None
    answered_at: datetime | None
    reason: str


class TestCallsOut(Schema):
    """This month's test calls: of `measured` people `answered` did."""

    month: date
    measured: int
    answered: int
    calls: list[TestCallOut]


@router.get("/coverage", response=CoverageOut, summary="Coverage of the coming days")
def get_coverage(request: HttpRequest) -> dict[str, Any]:
    """Reckoned as the engine would find them if nothing changed."""
    staff(request)
    found = coverage(utc_now())
    return {
        "start": found.start,
        "end": found.end,
        "is_whole": found.is_whole,
        "unheard": spans(found.unheard),
        "schedules": [
            {
                "schedule": one.schedule.ref,
                "name": one.schedule.name,
                "holes": spans(one.holes),
                "fallbacks": spans(one.fallbacks),
            }
            for one in found.schedules
        ],
        "empty_steps": list(found.empty_steps),
        "unreachable": [told_person(user) for user in found.unreachable],
        "overworked": [
            {
                "person": told_person(user),
                "fault": one.fault.value,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "hours": one.held.total_seconds() / 3600,
                "nights": one.nights,
            }
            for user, one in found.overworked
        ],
    }


@router.get("/oncall-settings", response=OncallSettingsOut, summary="Settings of the on-call")
def get_settings(request: HttpRequest) -> dict[str, Any]:
    """Limits, holes, the weekly mail and test calls."""
    provider_with(request, MANAGES)
    return told(oncall_settings(utc_now()))


@router.put("/oncall-settings", response=OncallSettingsOut, summary="Change the settings of the on-call")
def put_settings(request: HttpRequest, facts: OncallSettingsIn) -> dict[str, Any]:
    """What is named changes."""
    user = provider_with(request, MANAGES)
    named = facts.dict(exclude_unset=True)
    return told(actions.save_settings(facts=named, actor=user, now=utc_now()))


@router.get("/test-calls", response=TestCallsOut, summary="This month's test calls")
def get_trials(request: HttpRequest) -> dict[str, Any]:
    """Who answered, who did not, and whose is still to come."""
    staff(request)
    found = reachability(utc_now())
    calls = [
        {
            "person": told_person(one.user),
            **{name: getattr(one, name) for name in ("state", "channel", "called_at", "answered_at", "reason")},
        }
        for one in found.calls
    ]
    return {"month": found.month, "measured": found.measured, "answered": found.answered, "calls": calls}


def told(settings: OncallSettings) -> dict[str, Any]:
    """The settings as the API tells them."""
    return {name: getattr(settings, name) for name in FIELDS}


def spans(found: Iterable[Span]) -> list[dict[str, datetime]]:
    """Times as the API tells them."""
    return [{"starts_at": begins, "ends_at": ends} for begins, ends in found]
