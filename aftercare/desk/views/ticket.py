"""One ticket: list, thread and context."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.access import get_ticket_for
from aftercare.desk.accounts import TRACKER, accounts_of
from aftercare.desk.actions import mark_read
from aftercare.desk.channel_words import about_ticket
from aftercare.desk.chat.away import place_of
from aftercare.desk.chat.live import visitor_of
from aftercare.desk.evidence import evidence_of
from aftercare.desk.inbox import inbox_page
from aftercare.desk.known import known_of
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Field, FieldType, FieldValue, Move, Severity, Status, Ticket
from aftercare.desk.notices import following
from aftercare.desk.portal import next_running, portal_context, shown_clocks
from aftercare.desk.queries import InboxFilter, colleagues, get_thread
from aftercare.desk.routing.queries import course_of
from aftercare.kernel.clock import utc_now

BESIDE = 30  # tickets shown in the list beside the thread
MACROS_LISTED = 100
CHILDREN_LISTED = 200
NEWEST_SHOWN = 30  # of a long thread; its first words stand above them, the rest is one link away


@login_required
def ticket_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The ticket; looking at it counts as having read it."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    mark_read(ticket=ticket, user=user, now=utc_now())
    return render(request, "desk/ticket.html", ticket_context(user, ticket, is_whole=is_whole(request)))


@login_required
def thread_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The thread alone, for the page that is already open."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    mark_read(ticket=ticket, user=user, now=utc_now())
    context = thread_context(user, ticket, is_whole=is_whole(request))
    return render(request, "desk/_thread.html", context | {"is_part": True})


def is_whole(request: HttpRequest) -> bool:
    """Whether a long thread is asked for without a gap."""
    return "whole" in request.GET


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


def thread_context(user: User, ticket: Ticket, *, is_whole: bool = False) -> dict[str, Any]:
    """What the thread shows to this reader, with the line above it; it is asked for at every message."""
    now, chat = utc_now(), visitor_of(ticket)
    return {
        "ticket": ticket,
        "thread": get_thread(user, ticket, None if is_whole else NEWEST_SHOWN),
        "is_settled": ticket.status in (Status.SOLVED, Status.CLOSED),
        "may_handle": can(user, "reply_to_tickets") and user.is_provider,
        "next_clock": next_running(shown_clocks(ticket, now)),
        "chat": chat,
        "chat_place": place_of(chat, ticket, now) if chat and user.is_provider else "",
    }


def ticket_context(user: User, ticket: Ticket, *, is_whole: bool = False, **more: Any) -> dict[str, Any]:
    """Everything the page shows to this reader."""
    shown = thread_context(user, ticket, is_whole=is_whole)
    is_settled, now = shown["is_settled"], utc_now()
    may_reply = can(user, "reply_to_tickets")
    organised = organising_context(user, ticket) if user.is_provider and may_reply else {}
    return {
        **shown,
        "beside": inbox_page(user, InboxFilter(), per_page=BESIDE).rows,
        "evidence": evidence_of(ticket.evidence),
        "severities": Severity.choices,
        "colleagues": colleagues() if user.is_provider else [],
        "known": known_of(ticket),
        "defects": list(ticket.defects.select_related("account")) if user.is_provider else [],
        "trackers": accounts_of(TRACKER) if user.is_provider else [],
        "course": course_of(ticket) if user.is_provider else None,
        "may_reply": may_reply and (user.is_provider or ticket.status != Status.CLOSED),
        "may_claim": may_reply and user.is_provider and ticket.assignee_id is None and not is_settled,
        "may_reopen": may_reply and is_settled,
        "may_confirm": may_reply and not user.is_provider and ticket.status == Status.SOLVED,
        "channel_note": about_ticket(ticket, now) if user.is_provider else "",
        "draft": "",
        **portal_context(user, ticket, now),
        **organised,
        **more,
    }


def organising_context(user: User, ticket: Ticket) -> dict[str, Any]:
    """What only agents see beside a ticket: tags, fields, followers, reminders, macros, moves, and its family."""
    moves = Move.objects.filter(Q(source=ticket) | Q(target=ticket), undone_at=None).select_related("source", "target")
    return {
        "tags": " ".join(ticket.tags.values_list("name", flat=True)),
        "own_fields": answers_of(ticket),
        "followers": User.objects.filter(customer=None, is_active=True, pk__in=following(ticket).values("user")),
        "reminders": ticket.reminders.filter(user=user, done_at=None).order_by("due_at"),
        "macros": macros_for(user)[:MACROS_LISTED],
        "moves": moves.order_by("pk"),
        "children": ticket.children.select_related("customer").order_by("pk")[:CHILDREN_LISTED],
    }


def answers_of(ticket: Ticket) -> list[dict[str, Any]]:
    """The provider's own questions about this ticket with what it says to them, as the form takes them."""
    said = dict(FieldValue.objects.filter(ticket=ticket).values_list("field_id", "value"))
    asked = [field for field in Field.objects.filter(is_used=True) if not field.ways or ticket.way in field.ways]
    yes_no = [("yes", _("yes")), ("no", _("no"))]
    return [
        {
            "field": field,
            "text": as_text(said.get(field.pk)),
            "choices": yes_no if field.type == FieldType.YES_NO else [(one, one) for one in field.choices],
        }
        for field in asked
    ]


def as_text(value: Any) -> str:
    """A kept value as its form field writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)
