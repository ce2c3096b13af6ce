"""Calls by phone, and the calls that we owe."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from aftercare.accounts.access import customers_for, people_for, person
from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions.phone import finish_call_back, log_call, promise_call_back
from aftercare.desk.models import Call, CallOutcome, Direction, ReturnCall
from aftercare.desk.phone_numbers import shown_number
from aftercare.desk.views.places import places
from aftercare.desk.views.staff import instant, staff_page, staff_write, told, whole_number
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of

OPEN_SHOWN = 100


@staff_page()
def calls(request: HttpRequest) -> HttpResponse:
    """What we owe first, then what was said; numbers in full for those who need them to call."""
    user, now = person(request), utc_now()
    backs = ReturnCall.objects.filter(done_at__isnull=True).select_related("owner", "customer", "ticket", "call")
    page = page_of(Call.objects.select_related("customer", "ticket", "agent").order_by("-started_at", "-pk"), request)
    return render(
        request,
        "desk/phone.html",
        {
            "places": places("phone"),
            "backs": [
                {"back": back, "number": shown_number(back.number, user, back.owner_id, back.ticket)}
                for back in backs.order_by("due_at", "pk")[:OPEN_SHOWN]
            ],
            "rows": [{"call": c, "number": shown_number(c.number, user, c.agent_id, c.ticket)} for c in page],
            "page": page,
            "customers": customers_for(user),
            "staff": list_staff_with("reply_to_tickets").order_by("name", "pk"),
            "directions": Direction.choices,
            "outcomes": CallOutcome.choices,
            "local_now": now.astimezone(ZoneInfo(user.timezone)).strftime("%Y-%m-%dT%H:%M"),
        },
    )


@staff_write("desk:phone")
def new_call(request: HttpRequest, user: User, now: datetime) -> None:
    """Write a call down; with a time for it, promise to call back."""
    started_at = local_instant(told(request, "started_at"), user) or now
    if started_at > now + timedelta(minutes=5):
        raise Refused(_("This call lies in the future."))
    about = about_of(request, user)
    call = log_call(
        **about,
        direction=told(request, "direction"),
        number=told(request, "number"),
        outcome=told(request, "outcome"),
        started_at=started_at,
        duration_s=whole_number(told(request, "minutes") or "0") * 60,
        recording_url=told(request, "recording_url"),
        note=told(request, "note"),
        agent=user,
        now=now,
    )
    due_at = local_instant(told(request, "due_at"), user)
    if due_at is not None:
        promise_call_back(number=call.number, owner=user, due_at=due_at, call=call, **about, actor=user, now=now)
    messages.success(request, _("The call is written down."))


@staff_write("desk:phone")
def new_back(request: HttpRequest, user: User, now: datetime) -> None:
    """Promise a call."""
    owner = people_for(user).filter(ref=told(request, "owner"), customer__isnull=True).first()
    due_at = local_instant(told(request, "due_at"), user)
    if owner is None or due_at is None:
        raise Refused(_("Say who calls back, and by when."))
    number = told(request, "number")
    promise_call_back(number=number, owner=owner, due_at=due_at, **about_of(request, user), actor=user, now=now)


@staff_write("desk:phone")
def finish_back(request: HttpRequest, user: User, now: datetime, ref: str) -> None:
    """Say what came of a call."""
    promised = get_object_or_404(ReturnCall, ref=ref)
    finish_call_back(promised=promised, result=told(request, "result"), actor=user, now=now)


def about_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """The customer or ticket that the form names. Raises Refused for one that is not there."""
    ref, ticket_ref = told(request, "customer"), told(request, "ticket").rpartition("/")[2].lower()
    customer = customers_for(user).filter(ref=ref).first() if ref else None
    try:
        ticket = get_ticket_for(user, ticket_ref) if ticket_ref else None
    except Http404:
        raise Refused(_("There is no such ticket: paste the address of its page.")) from None
    return {"customer": customer, "ticket": ticket}


def local_instant(text: str, user: User) -> datetime | None:
    """The instant of a form's time, which is the person's own."""
    at = instant(text)
    return at if at is None or at.tzinfo else at.replace(tzinfo=ZoneInfo(user.timezone))
