"""What agents do so that tickets are found, not forgotten and not answered twice."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for, tickets_for
from aftercare.desk.models import Field, Move, Ticket
from aftercare.desk.views.writes import deed, version_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

LATER = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@login_required
@require_POST
def look(request: HttpRequest, ref: str) -> HttpResponse:
    """The page says that it is open, and hears who else has it open."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    require(user, "reply_to_tickets")
    if not user.is_provider:
        raise Http404
    now = utc_now()
    others = actions.look_at(ticket=ticket, user=user, is_typing=request.POST.get("typing") == "1", now=now)
    typing_since = now - timedelta(seconds=15)
    return render(request, "desk/_looks.html", {"looks": others, "typing_since": typing_since, "ticket": ticket})


@deed(provider=True)
def tag(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Exactly these tags, written with blanks or commas between them."""
    names = request.POST.get("tags", "").replace("，", " ").replace(",", " ").split()
    actions.tag_ticket(ticket=ticket, names=names, actor=user, now=now)


@deed(provider=True)
def answer_fields(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """The provider's own questions about this ticket."""
    for field in Field.objects.filter(is_used=True):
        text = request.POST.get(f"field-{field.ref}")
        if text is not None:
            actions.answer_field(ticket=ticket, field=field, text=text, actor=user, now=now)


@deed(provider=True)
def snooze(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Let it sleep, or wake it."""
    if request.POST.get("wake") == "1":
        actions.wake_ticket(ticket=ticket, user=user, now=now)
        return
    until = later(request, now)
    actions.snooze_ticket(ticket=ticket, until=until, user=user, version=version_of(request), now=now)


@deed(provider=True)
def remind(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Set a reminder for oneself."""
    text = request.POST.get("note", "")
    actions.remind(ticket=ticket, user=user, due_at=later(request, now), text=text, now=now)
    messages.success(request, _("You will be reminded."))


def later(request: HttpRequest, now: datetime) -> datetime:
    """The instant that a form names: a span from now, or a local time of the reader's. Raises Refused for neither."""
    span, text = request.POST.get("later", ""), request.POST.get("until", "")
    if not text and span in LATER:
        return now + LATER[span]
    try:
        local = datetime.fromisoformat(text)
        return timezone.make_aware(local) if local.tzinfo is None else local
    except (ValueError, OverflowError):
        raise Refused(_("Choose a time in the future, at most a year from now.")) from None


@deed(provider=True)
def merge(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Merge this ticket into another of the same customer, named by its number."""
    target = ticket_named(user, ticket, request.POST.get("number", ""))
    actions.merge_tickets(source=ticket, target=target, actor=user, version=version_of(request), now=now)
    messages.success(request, _("Merged into #%(number)s.") % {"number": target.number})


@deed(provider=True)
def split(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Take the chosen messages into a ticket of their own."""
    chosen = [int(text) for text in request.POST.getlist("message") if text.isdecimal() and len(text) < 19]
    move = actions.split_ticket(
        ticket=ticket, messages=chosen, title=request.POST.get("title", ""), actor=user, now=now
    )
    messages.success(request, _("The messages are now #%(number)s.") % {"number": move.target.number})


@deed(provider=True)
def undo(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Undo a merge or a split of this ticket."""
    ref = request.POST.get("move", "").replace("\x00", "")
    move = Move.objects.filter(ref=ref).select_related("source", "target").first()
    if move is None or ticket.pk not in (move.source_id, move.target_id):
        raise Http404
    actions.undo_move(move=move, actor=user, now=now)
    messages.success(request, _("It is as it was before."))


@deed(provider=True)
def parent(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Put the ticket under the ticket at this address, or take it out from under its parent."""
    text = request.POST.get("parent", "").strip().rstrip("/").replace("\x00", "")
    above = tickets_for(user).filter(ref=text.rpartition("/")[2][:16]).first() if text else None
    if text and above is None:
        raise Refused(_("There is no ticket at this address. Copy it from the parent's page."))
    actions.set_parent(ticket=ticket, parent=above, actor=user, now=now)


@deed(provider=True)
def answer_all(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Answer the parent and all its children at once."""
    outcomes = actions.answer_family(
        parent=ticket,
        body=request.POST.get("body", ""),
        body_zh=request.POST.get("body_zh", ""),
        author=user,
        solves=request.POST.get("then") == "solve",
        now=now,
    )
    for outcome in outcomes:
        if outcome.why_not:
            said = {"customer": outcome.ticket.customer, "number": outcome.ticket.number, "why": outcome.why_not}
            messages.error(request, _("%(customer)s #%(number)s did not hear it: %(why)s") % said)
    heard = sum(not outcome.why_not for outcome in outcomes)
    messages.success(request, _("Answered in %(n)s tickets.") % {"n": heard})


def ticket_named(user: User, ticket: Ticket, text: str) -> Ticket:
    """The ticket of the same customer with this number. Raises Refused when there is none."""
    number = text.strip().removeprefix("#")
    found = None
    if number.isdecimal() and len(number) < 10:
        found = tickets_for(user).filter(customer=ticket.customer_id, number=int(number)).first()
    if found is None:
        raise Refused(_("This customer has no ticket with that number."))
    return found
