"""What is known of a ticket: sessions beside it, fields that are asked for, logs of users' SDKs."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions.asking import answer_fields, request_fields, take_facts_from
from aftercare.desk.actions.logs import move_log, request_log
from aftercare.desk.finding import sessions_beside
from aftercare.desk.models import Attachment, Fact, LogRequest, Ticket
from aftercare.desk.views.staff import told
from aftercare.desk.views.writes import deed
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

LONGEST_SEARCH = 128


@login_required
def sessions_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The sessions beside the ticket; asked for by the page once it is there."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    require(user, "see_telemetry")
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    beside = sessions_beside(user, ticket, asked=asked, now=utc_now())
    may_take = user.is_provider and can(user, "reply_to_tickets")
    return render(request, "desk/_sessions.html", {"ticket": ticket, "beside": beside, "may_take": may_take})


@deed(provider=True)
def ask(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Ask the customer for fields."""
    request_fields(ticket=ticket, fields=request.POST.getlist("fields"), actor=user, now=now)


@deed(customer=True)
def answer(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """The customer's answers."""
    values = {field.value: told(request, field.value) for field in Fact}
    answer_fields(ticket=ticket, values=values, actor=user, now=now)


@deed(provider=True)
def take_facts(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Fill the fields from a session of the ticket's customer, which must be there."""
    take_facts_from(ticket=ticket, app=told(request, "app"), session=told(request, "session"), actor=user, now=now)


@deed(provider=True)
def ask_log(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Ask for one user's SDK log."""
    request_log(ticket=ticket, identifier=told(request, "identifier"), actor=user, now=now)


@deed()
def step_log(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Take a log request of this ticket one step on."""
    asked = LogRequest.objects.filter(ticket=ticket, ref=told(request, "log")).first()
    if asked is None:
        raise Refused(_("This log request is not of this ticket."))
    files = Attachment.objects.filter(message__ticket=ticket, message__internal=False, refused="")
    file = files.filter(ref=told(request, "file")).first()
    move_log(request=asked, state=told(request, "state"), note=told(request, "note"), file=file, actor=user, now=now)
