"""The green channel over the API: one call wakes the on-call, one tells who was woken."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import get_customer_for, person, require
from aftercare.desk import actions
from aftercare.desk.api.door import staff
from aftercare.desk.api.schemas import PersonOut
from aftercare.desk.calling import call_for_caller, call_green, emergency_of
from aftercare.desk.emergency_facts import EmergencyView, count_calls
from aftercare.desk.models import Emergency, Way
from aftercare.kernel.clock import utc_now
from aftercare.web.api import Page, page_of_rows

router = Router(tags=["green channel"])


class EmergencyCallIn(Schema):
    """An emergency; nothing of it has to be there."""

    sentence: str = ""
    app: str = Field("", description="the app's ref; the customer's only one where it is left out")
    token: str = Field("", description="the caller's own; the same token called twice counts once")


class PhoneCallIn(Schema):
    """Somebody of a customer's is on the phone: whose emergency, the name or address they give, what they say."""

    customer: str
    caller: str = ""
    sentence: str = ""
    token: str = ""


class WokenOut(Schema):
    """One person, one way; `outcome` is sent, waiting or failed."""

    name: str
    channel: str
    at: datetime
    outcome: str
    reached_at: datetime | None


class EmergencyOut(Schema):
    """What became of the call."""

    ticket: str
    number: int
    opened_at: datetime
    nobody_on_call: bool
    is_answered: bool
    is_over: bool
    due_at: datetime | None = Field(description="by when a human answers")
    woken: list[WokenOut]
    acknowledged_by: PersonOut | None
    answered_by: PersonOut | None
    answered_at: datetime | None
    downgraded_at: datetime | None
    downgrade_reason: str


class DowngradeIn(Schema):
    """The grade, P2 to P4, and the reason, which the caller reads."""

    severity: str
    reason: str


class EmergencyCountsOut(Schema):
    """How often a customer called within `days`: emergencies, presses of the button, and how many were graded down."""

    days: int
    emergencies: int
    calls: int
    downgraded: int


class EmergencyRow(Schema):
    """One emergency of a customer's history."""

    ticket: str
    opened_at: datetime
    answered_at: datetime | None
    downgraded_at: datetime | None
    downgrade_reason: str

    @staticmethod
    def resolve_ticket(emergency: Emergency) -> str:
        """The ticket's ref."""
        return emergency.ticket.ref


class EmergencyPage(Page):
    """A customer's use of the green channel, newest first."""

    counts: EmergencyCountsOut
    emergencies: list[EmergencyRow]


@router.post("/green", response={201: EmergencyOut}, summary="Call the green channel")
def call(request: HttpRequest, facts: EmergencyCallIn) -> Status[dict[str, Any]]:
    """Wake the on-call now and open the war room, or join the one that is going on. Never refused to a customer's
    people, whatever their role; the provider's do not call it (404).
    """
    user = person(request)
    if user.customer is None:
        raise Http404
    emergency = call_green(user, **facts.model_dump(), way=Way.API, now=utc_now())
    return Status(201, told(emergency_of(user, emergency.ticket.ref, utc_now())))


@router.post("/green/by-phone", response={201: EmergencyOut}, summary="Call for somebody on the phone")
def call_by_phone(request: HttpRequest, facts: PhoneCallIn) -> Status[dict[str, Any]]:
    """The same, raised by one of the provider's people; it is kept who raised it for whom."""
    user = staff(request)
    customer, now = get_customer_for(user, facts.customer), utc_now()
    emergency = call_for_caller(
        user, customer=customer, caller=facts.caller, sentence=facts.sentence, token=facts.token, now=now
    )
    return Status(201, told(emergency_of(user, emergency.ticket.ref, now)))


@router.get("/green/{ref}", response=EmergencyOut, summary="What became of a call")
def get_call(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Who has been woken, by what, who has it; by the ref of its ticket."""
    return told(emergency_of(person(request), ref, utc_now()))


@router.post("/tickets/{ref}/downgrade", response=EmergencyOut, summary="Grade an emergency down")
def downgrade(request: HttpRequest, ref: str, facts: DowngradeIn) -> dict[str, Any]:
    """With a reason; whoever is woken by it may."""
    user, now = person(request), utc_now()
    view = emergency_of(user, ref, now)
    if not user.is_provider:
        raise Http404
    require(user, "acknowledge_pages")
    actions.downgrade_emergency(ticket=view.ticket, severity=facts.severity, reason=facts.reason, actor=user, now=now)
    return told(emergency_of(user, ref, now))


@router.get("/customers/{ref}/emergencies", response=EmergencyPage, summary="A customer's emergencies")
def customer_calls(request: HttpRequest, ref: str, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Misuse is seen, never stopped."""
    customer = get_customer_for(staff(request, "see_customers"), ref)
    rows = Emergency.objects.filter(customer=customer).select_related("ticket")
    found, following = page_of_rows(rows, cursor, limit)
    return {"counts": count_calls(customer, utc_now()), "emergencies": found, "next": following}


def told(view: EmergencyView) -> dict[str, Any]:
    """The emergency as it stands."""
    emergency = view.emergency
    return {
        "ticket": view.ticket.ref,
        "number": view.ticket.number,
        "opened_at": emergency.opened_at,
        "nobody_on_call": emergency.is_unattended,
        "is_answered": view.is_answered,
        "is_over": view.is_over,
        "due_at": view.clock.clock.due_at if view.clock else None,
        "woken": view.woken,
        "acknowledged_by": PersonOut.of(view.holder),
        "answered_by": PersonOut.of(emergency.answered_by),
        "answered_at": emergency.answered_at,
        "downgraded_at": emergency.downgraded_at,
        "downgrade_reason": emergency.downgrade_reason,
    }
