"""Phone calls over the API: written down, owed, and made; and the call-backs of tickets."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import customers_for
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_call_for, get_ticket_for
from aftercare.desk.actions.phone import finish_call_back, log_call, promise_call_back
from aftercare.desk.api.door import colleague, handler, staff
from aftercare.desk.api.schemas import PersonOut
from aftercare.desk.models import Call, CallBack, ReturnCall
from aftercare.desk.phone_numbers import shown_number
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.api import Page, page_of_rows

router = Router(tags=["phone"])
SKEW = timedelta(minutes=5)


class CallOut(Schema):
    """One call. `number` is whole for whoever had it, has its ticket or plans duty; masked for all others."""

    ref: str
    customer: str | None
    ticket: str | None
    direction: str
    number: str
    outcome: str
    agent: PersonOut | None
    started_at: datetime
    duration_s: int
    recording_url: str
    note: str


class CallPage(Page):
    """Calls, the last written down first."""

    calls: list[CallOut]


class AboutIn(Schema):
    """Whom or what a call is about, as far as it is known."""

    customer: str = ""
    ticket: str = ""


class CallIn(AboutIn):
    """A call to write down; with `call_back_at` it is a promise to call back, too."""

    direction: str = Field(description="in or out")
    number: str = ""
    outcome: str = Field("answered", description="answered, missed or abandoned")
    started_at: datetime | None = None
    duration_s: int = 0
    recording_url: str = Field("", description="an https address where the call centre keeps it")
    note: str = ""
    call_back_at: datetime | None = None


class ReturnCallIn(AboutIn):
    """A promise to call."""

    number: str
    owner: str | None = Field(None, description="who calls; the caller where it is left out")
    due_at: datetime


class ReturnCallOut(Schema):
    """A promised call, and what came of it."""

    ref: str
    customer: str | None
    ticket: str | None
    number: str
    owner: PersonOut
    due_at: datetime
    done_at: datetime | None
    result: str


class ReturnCallPage(Page):
    """Promised calls, the last promised first."""

    calls: list[ReturnCallOut]


class ResultIn(Schema):
    """What came of it, in words."""

    result: str


class CallBackIn(Schema):
    """A call that a ticket's customer is owed."""

    due_at: datetime
    owner: str | None = Field(None, description="who calls; the caller where it is left out")
    note: str = ""


class CallBackOut(Schema):
    """A call owed about a ticket; one that reached nobody is due again a day later."""

    ref: str
    ticket: str
    owner: PersonOut | None
    due_at: datetime
    note: str
    result: str = Field(description="reached, trouble, missed, declined; empty before the first try")
    result_note: str
    attempts: int
    done_at: datetime | None

    @staticmethod
    def resolve_ticket(call: CallBack) -> str:
        """The ticket's ref."""
        return call.ticket.ref


class CallBackPage(Page):
    """Calls that are owed, the last planned first."""

    calls: list[CallBackOut]


class RecordIn(Schema):
    """What came of a try."""

    result: str = Field(description="reached, trouble, missed or declined")
    note: str = ""


@router.get("/calls", response=CallPage, summary="Phone calls")
def list_calls(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Every call that was written down or told by a call centre."""
    user = staff(request)
    found, following = page_of_rows(Call.objects.select_related("customer", "ticket", "agent"), cursor, limit)
    return {"calls": [told(call, user, call.agent_id) for call in found], "next": following}


@router.post("/calls", response={201: CallOut}, summary="Write a call down")
def new_call(request: HttpRequest, facts: CallIn) -> Status[dict[str, Any]]:
    """By hand; a call centre tells its own by webhook."""
    user, now = staff(request), utc_now()
    started_at = facts.started_at or now
    if started_at > now + SKEW:
        raise Refused(_("This call lies in the future."))
    about = about_of(user, facts)
    own = facts.model_dump(include={"direction", "number", "outcome", "duration_s", "recording_url", "note"})
    with transaction.atomic():
        call = log_call(**about, **own, started_at=started_at, agent=user, now=now)
        if facts.call_back_at is not None:
            due_at = facts.call_back_at
            promise_call_back(number=call.number, owner=user, due_at=due_at, call=call, **about, actor=user, now=now)
    return Status(201, told(call, user, call.agent_id))


@router.get("/calls/backs", response=ReturnCallPage, summary="Promised calls")
def list_backs(request: HttpRequest, done: bool = False, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Those that are owed, or with `done` those that were made."""
    user = staff(request)
    rows = ReturnCall.objects.filter(done_at__isnull=not done).select_related("owner", "customer", "ticket")
    found, following = page_of_rows(rows, cursor, limit)
    return {"calls": [told(back, user, back.owner_id) for back in found], "next": following}


@router.post("/calls/backs", response={201: ReturnCallOut}, summary="Promise a call")
def new_back(request: HttpRequest, facts: ReturnCallIn) -> Status[dict[str, Any]]:
    """Somebody calls this number by then."""
    user, now = staff(request), utc_now()
    owner = colleague(user, facts.owner) or user
    back = promise_call_back(
        number=facts.number, owner=owner, due_at=facts.due_at, **about_of(user, facts), actor=user, now=now
    )
    return Status(201, told(back, user, back.owner_id))


@router.post("/calls/backs/{ref}", response=ReturnCallOut, summary="Say what came of a promised call")
def finish_back(request: HttpRequest, ref: str, facts: ResultIn) -> dict[str, Any]:
    """It was made; 409 with who made it already."""
    user = staff(request)
    promised = get_object_or_404(ReturnCall.objects.select_related("owner", "customer", "ticket"), ref=ref)
    return told(finish_call_back(promised=promised, result=facts.result, actor=user, now=utc_now()), user, user.pk)


@router.get("/call-backs", response=CallBackPage, summary="Calls owed about tickets")
def list_call_backs(request: HttpRequest, mine: bool = False, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Everybody's, or one's own."""
    user = staff(request)
    owed = CallBack.objects.filter(done_at=None).select_related("ticket", "owner")
    found, following = page_of_rows(owed.filter(owner=user) if mine else owed, cursor, limit)
    return {"calls": found, "next": following}


@router.post("/call-backs/{ref}", response=CallBackOut, summary="Say what came of a call about a ticket")
def record(request: HttpRequest, ref: str, facts: RecordIn) -> CallBack:
    """One that reached nobody stays owed."""
    user = staff(request)
    call = get_call_for(user, ref)
    return actions.record_call(call=call, result=facts.result, note=facts.note, actor=user, now=utc_now())


@router.get("/tickets/{ref}/call-backs", response=list[CallBackOut], summary="Calls about a ticket")
def of_ticket(request: HttpRequest, ref: str) -> list[CallBack]:
    """Owed and made, the next due first."""
    _user, ticket = handler(request, ref)
    return list(ticket.call_backs.select_related("owner", "ticket"))


@router.post("/tickets/{ref}/call-backs", response={201: CallBackOut}, summary="Plan a call about a ticket")
def plan(request: HttpRequest, ref: str, facts: CallBackIn) -> Status[CallBack]:
    """Promise the customer a call."""
    user, ticket = handler(request, ref)
    owner = colleague(user, facts.owner) or user
    call = actions.plan_call(
        ticket=ticket, owner=owner, due_at=facts.due_at, note=facts.note, actor=user, now=utc_now()
    )
    return Status(201, call)


def about_of(user: User, facts: AboutIn) -> dict[str, Any]:
    """The customer or ticket that a call names. Raises Refused for one that is not there."""
    customer = customers_for(user).filter(ref=facts.customer).first() if facts.customer else None
    try:
        ticket = get_ticket_for(user, facts.ticket) if facts.ticket else None
    except Http404:
        raise Refused(_("There is no such ticket: give its ref.")) from None
    if facts.customer and customer is None:
        raise Refused(_("There is no such customer: give its ref."))
    return {"customer": customer, "ticket": ticket}


def told(row: Call | ReturnCall, reader: User, person_id: int | None) -> dict[str, Any]:
    """A call with its number as far as the reader needs it to call."""
    names = (*("ref", "direction", "outcome", "started_at", "duration_s", "recording_url", "note"), "due_at")
    kept = {name: getattr(row, name) for name in (*names, "done_at", "result") if hasattr(row, name)}
    return {
        **kept,
        "customer": row.customer.ref if row.customer else None,
        "ticket": row.ticket.ref if row.ticket else None,
        "number": shown_number(row.number, reader, person_id, row.ticket),
        "agent": row.agent if isinstance(row, Call) else None,
        "owner": row.owner if isinstance(row, ReturnCall) else None,
    }
