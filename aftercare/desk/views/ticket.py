"""One ticket: list, thread and context."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.access import get_ticket_for
from aftercare.desk.accounts import TRACKER, accounts_of
from aftercare.desk.actions import mark_read
from aftercare.desk.channel_words import about_ticket
from aftercare.desk.chat.live import visitor_of
from aftercare.desk.evidence import evidence_of
from aftercare.desk.known import known_of
from aftercare.desk.models import Severity, Status, Ticket
from aftercare.desk.portal import portal_context, shown_clocks
from aftercare.desk.queries import InboxFilter, get_thread, list_tickets
from aftercare.desk.routing.queries import course_of
from aftercare.kernel.clock import utc_now

BESIDE = 30  # tickets shown in the list beside the thread


@login_required
def ticket_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The ticket; looking at it counts as having read it."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    mark_read(ticket=ticket, user=user, now=utc_now())
    return render(request, "desk/ticket.html", ticket_context(user, ticket))


@login_required
def thread_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The thread alone, for the page that is already open."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    mark_read(ticket=ticket, user=user, now=utc_now())
    return render(request, "desk/_thread.html", ticket_context(user, ticket, is_part=True))


@login_required
def clocks_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The ticket's clocks alone, which the page asks for again."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    return render(request, "desk/_clocks.html", {"ticket": ticket, "clocks": shown_clocks(ticket, utc_now())})


@login_required
def evidence_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The evidence alone; the page asks again while it is being gathered."""
    ticket = get_ticket_for(person(request), ref)
    return render(request, "desk/_evidence.html", {"ticket": ticket, "evidence": evidence_of(ticket.evidence)})


def ticket_context(user: User, ticket: Ticket, **more: Any) -> dict[str, Any]:
    """Everything the page shows to this reader."""
    is_settled = ticket.status in (Status.SOLVED, Status.CLOSED)
    may_reply = can(user, "reply_to_tickets")
    return {
        "ticket": ticket,
        "thread": get_thread(user, ticket),
        "beside": list_tickets(user, InboxFilter())[:BESIDE],
        "evidence": evidence_of(ticket.evidence),
        "severities": Severity.choices,
        "colleagues": User.objects.filter(customer__isnull=True, is_active=True) if user.is_provider else [],
        "is_settled": is_settled,
        "known": known_of(ticket),
        "defects": list(ticket.defects.select_related("account")) if user.is_provider else [],
        "trackers": accounts_of(TRACKER) if user.is_provider else [],
        "course": course_of(ticket) if user.is_provider else None,
        "may_reply": may_reply and (user.is_provider or ticket.status != Status.CLOSED),
        "may_handle": may_reply and user.is_provider,
        "may_claim": may_reply and user.is_provider and ticket.assignee_id is None and not is_settled,
        "may_reopen": may_reply and is_settled,
        "may_confirm": may_reply and not user.is_provider and ticket.status == Status.SOLVED,
        "channel_note": about_ticket(ticket, utc_now()) if user.is_provider else "",
        "draft": "",
        **portal_context(user, ticket, utc_now()),
        "chat": visitor_of(ticket),
        **more,
    }
