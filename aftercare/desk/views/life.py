"""Following, telling apart, and calling back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, people_for, person, provider_only, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_call_for, get_ticket_for
from aftercare.desk.models import CallBack, CallResult, Ticket
from aftercare.desk.views.writes import deed
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_POST
def follow(request: HttpRequest, ref: str) -> HttpResponse:
    """Hear of everything in the ticket, or of nothing: a reader's own business, whatever their role."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    follows = request.POST.get("follows") == "1"
    actions.follow_ticket(ticket=ticket, user=user, follows=follows, now=utc_now())
    told = (
        _("You will hear of everything here, by mail too if you have one set up.")
        if follows
        else _("You will hear nothing more of this ticket.")
    )
    messages.success(request, told)
    return redirect("desk:ticket", ref)


@deed()
def tell_apart(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """This is not the earlier problem come back."""
    actions.tell_apart(ticket=ticket, user=user, now=now)


@deed(provider=True)
def plan_call(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Promise the customer a call."""
    ref = request.POST.get("owner", "").replace("\x00", "")
    owner = people_for(user).filter(ref=ref, customer__isnull=True).first() if ref else user
    if owner is None:
        raise Refused(_("Choose a colleague who can still sign in."))
    due_at = time_of(request.POST.get("due_at", ""))
    note = request.POST.get("note", "")
    actions.plan_call(ticket=ticket, owner=owner, due_at=due_at, note=note, actor=user, now=now)
    messages.success(request, _("The call-back is planned."))


def time_of(text: str) -> datetime:
    """A time out of a form, in the reader's zone where it names none. Raises Refused where it is none."""
    try:
        at = parse_datetime(text[:40])
    except ValueError:
        at = None
    if at is None:
        raise Refused(_("Say when, as a date and a time."))
    zone = timezone.get_current_timezone()
    return at if timezone.is_aware(at) else timezone.make_aware(at, zone if isinstance(zone, ZoneInfo) else None)


@login_required
@require_POST
def record_call(request: HttpRequest, ref: str) -> HttpResponse:
    """What came of a call."""
    user = person(request)
    call = get_call_for(user, ref)
    require(user, "reply_to_tickets")
    result, note = request.POST.get("result", ""), request.POST.get("note", "")
    try:
        actions.record_call(call=call, result=result, note=note, actor=user, now=utc_now())
        messages.success(request, _("The call is recorded."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    if request.POST.get("from") == "list":
        return redirect("desk:calls")
    return redirect(reverse("desk:ticket", args=[call.ticket.ref]) + "#calls")


@provider_only
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Every call that is owed, one's own first, the longest overdue on top."""
    owed = CallBack.objects.filter(done_at=None).select_related("ticket__customer", "owner").order_by("due_at")[:200]
    mine = [call for call in owed if call.owner_id == person(request).pk]
    others = [call for call in owed if call.owner_id != person(request).pk]
    may_handle = can(person(request), "reply_to_tickets")
    context = {"mine": mine, "others": others, "call_results": CallResult.choices, "may_handle": may_handle}
    return render(request, "desk/calls.html", context)
