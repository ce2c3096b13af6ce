"""Tickets over the API: the same actions and the same walls as the pages."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.params.functions import Header, Query

from aftercare.accounts.access import customers_for, get_app_for, person, require
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for, messages_for
from aftercare.desk.api.door import asker, colleague, handler, kept_key, replier
from aftercare.desk.api.schemas import (
    AssignmentIn,
    MessageIn,
    MessageOut,
    MessagePage,
    SeverityIn,
    TicketIn,
    TicketOut,
    TicketPage,
    VersionIn,
)
from aftercare.desk.filtering import filter_from
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Message, Ticket, Way
from aftercare.desk.queries import list_tickets
from aftercare.desk.uploads import uploads_named
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.api import page_of_rows

router = Router(tags=["tickets"])
OWN = {"true": "1", "false": ""}
TOLD_WITH = ("customer", "app", "assignee", "merged_into", "follows")


@router.get("", response=TicketPage, summary="List tickets")
def list_all(
    request: HttpRequest,
    status: str = Query("", description="open, waiting_customer, solved, closed, snoozed or unsettled; empty for all"),
    severity: str = "",
    customer: str = "",
    mine: str = Query("", description="true for one's own, followed for those one follows"),
    q: str = Query("", description="words that are searched for, or a number"),
    kind: str = "",
    assignee: str = Query("", description="a person's ref, or none"),
    way: str = "",
    tag: str = Query("", description="only for the provider's people"),
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Tickets that exist for the caller, newest first."""
    told = {"status": status, "severity": severity, "customer": customer, "kind": kind, "way": way, "tag": tag}
    told |= {"mine": OWN.get(mine.lower(), mine), "q": q.strip(), "assignee": assignee}
    rows = list_tickets(person(request), filter_from(told)).select_related(*TOLD_WITH)
    found, following = page_of_rows(rows, cursor, limit)
    return {"tickets": found, "next": following}


@router.post("", response={201: TicketOut}, summary="Open a ticket")
def open_one(
    request: HttpRequest,
    facts: TicketIn,
    idempotency_key: str = Header("", description="one ticket per key: a call that is repeated opens no second one"),
) -> Status[Ticket]:
    """Open a ticket. A customer's people open their own; the provider's people open one for the customer they name."""
    user = person(request)
    require(user, "open_tickets")
    customer = user.customer
    if user.is_provider:
        customer = customers_for(user).filter(ref=facts.customer or "").first()
        if customer is None:
            raise Refused(_("Name the customer whom the ticket is for."))
    assert customer is not None  # noqa: S101 - a person is the provider's or has a customer
    app = get_app_for(user, facts.app) if facts.app else None
    if app is not None and app.customer_id != customer.pk:
        raise Http404
    key = kept_key(user, "open", idempotency_key)
    ticket = actions.open_ticket(
        customer_id=customer.pk,
        app_id=app.pk if app else None,
        title=facts.title,
        severity=facts.severity,
        body=facts.body,
        kind=facts.kind,
        fields=facts.answers,
        attachments=uploads_named(user, facts.files, message_id=key),
        opened_by=user,
        way=Way.API,
        provider_message_id=key,
        now=utc_now(),
    )
    return Status(201, get_ticket_for(user, ticket.ref))


@router.get("/{ref}", response=TicketOut, summary="One ticket")
def get_one(request: HttpRequest, ref: str) -> Ticket:
    """The ticket."""
    return get_ticket_for(person(request), ref)


@router.get("/{ref}/messages", response=MessagePage, summary="What was said")
def list_messages(request: HttpRequest, ref: str, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """The ticket's messages that the caller may read, newest first; internal notes are the provider's."""
    user = person(request)
    said = messages_for(user, get_ticket_for(user, ref)).select_related("ticket", "contact")
    found, following = page_of_rows(said.prefetch_related("attachments"), cursor, limit)
    return {"messages": found, "next": following}


@router.post("/{ref}/messages", response={201: MessageOut}, summary="Reply")
def post_message(
    request: HttpRequest, ref: str, facts: MessageIn, idempotency_key: str = Header("")
) -> Status[Message]:
    """Post a reply or an internal note. With an idempotency key, a repeated call posts nothing new."""
    user, ticket = replier(request, ref)
    key = kept_key(user, ticket.ref, idempotency_key)
    message = actions.answer_ticket(
        ticket=ticket,
        author=user,
        body=facts.body,
        internal=facts.internal,
        version=facts.version,
        attachments=uploads_named(user, facts.files, message_id=key),
        then=facts.then,
        macro=macros_for(user).filter(ref=facts.macro[:16]).first() if facts.macro else None,
        way=Way.API,
        provider_message_id=key,
        now=utc_now(),
    )
    return Status(201, message)


@router.post("/{ref}/claim", response=TicketOut, summary="Claim")
def claim(request: HttpRequest, ref: str) -> Ticket:
    """Take the ticket; the second to try is told who has it (409)."""
    user, ticket = handler(request, ref)
    actions.claim_ticket(ticket=ticket, user=user, now=utc_now())
    return get_ticket_for(user, ref)


@router.post("/{ref}/assignment", response=TicketOut, summary="Assign")
def assign(request: HttpRequest, ref: str, facts: AssignmentIn) -> Ticket:
    """Hand the ticket to a colleague, or back to the queue."""
    user, ticket = handler(request, ref)
    to = colleague(user, facts.assignee)
    actions.assign_ticket(ticket=ticket, assignee=to, actor=user, version=facts.version, now=utc_now())
    return get_ticket_for(user, ref)


@router.post("/{ref}/severity", response=TicketOut, summary="Grade")
def grade(request: HttpRequest, ref: str, facts: SeverityIn) -> Ticket:
    """Change the severity."""
    user, ticket = handler(request, ref)
    actions.set_severity(ticket=ticket, severity=facts.severity, user=user, version=facts.version, now=utc_now())
    return get_ticket_for(user, ref)


@router.post("/{ref}/solution", response=TicketOut, summary="Call it solved")
def solve(request: HttpRequest, ref: str, facts: VersionIn) -> Ticket:
    """Call the problem solved; the customer may confirm or reopen."""
    user, ticket = handler(request, ref)
    actions.resolve_ticket(ticket=ticket, user=user, version=facts.version, now=utc_now())
    return get_ticket_for(user, ref)


@router.post("/{ref}/reopening", response=TicketOut, summary="Reopen")
def reopen(request: HttpRequest, ref: str) -> Ticket:
    """Take up a solved or closed ticket again."""
    user, ticket = replier(request, ref)
    actions.reopen_ticket(ticket=ticket, user=user, now=utc_now())
    return get_ticket_for(user, ref)


@router.post("/{ref}/confirmation", response=TicketOut, summary="Confirm that it is over")
def confirm(request: HttpRequest, ref: str) -> Ticket:
    """The customer says that it is over."""
    user, ticket = asker(request, ref)
    actions.close_ticket(ticket=ticket, user=user, now=utc_now())
    return get_ticket_for(user, ref)
