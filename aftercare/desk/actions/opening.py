"""Opening a ticket, and giving it its evidence."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk import notices
from aftercare.desk.actions.locking import checked_body, checked_title
from aftercare.desk.events import MessagePosted, TicketOpened
from aftercare.desk.models import Message, Severity, Side, Ticket
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish


@transaction.atomic
def open_ticket(
    *,
    customer_id: int,
    app_id: int | None,
    title: str,
    title_zh: str = "",
    severity: str,
    body: str,
    body_zh: str = "",
    evidence: dict[str, Any] | None = None,
    opened_by: User | None,
    incident_ref: str = "",
    now: datetime,
) -> Ticket:
    """Open a ticket with its first message. `opened_by` None means the system did.

    Raises Refused when the title or body is empty or too long, or the severity is unknown.
    """
    title = checked_title(title)
    if severity not in Severity.values:
        raise Refused(_("Choose a severity from P1 to P4."))
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)  # numbers are given out one by one
    last = Ticket.objects.filter(customer=customer).aggregate(last=Max("number"))["last"] or 0
    ticket = Ticket.objects.create(
        number=last + 1,
        customer=customer,
        app_id=app_id,
        title=title,
        title_zh=title_zh[:200],
        severity=severity,
        opened_by=opened_by,
        incident_ref=incident_ref,
        evidence=evidence or {},
        created_at=now,
        updated_at=now,
        waiting_since=now,
    )
    side = Side.SYSTEM if opened_by is None else Side.CUSTOMER if opened_by.customer_id else Side.PROVIDER
    message = Message.objects.create(
        ticket=ticket, author=opened_by, side=side, body=checked_body(body), body_zh=body_zh, created_at=now
    )
    detail = {"number": ticket.number, "severity": severity, "incident": incident_ref}
    audit.record(
        actor=opened_by, action="ticket.open", subject=ticket.ref, customer_id=customer_id, detail=detail, now=now
    )
    notices.tell_of_opening(ticket, message, now=now)
    publish(TicketOpened(ticket_id=ticket.pk, at=now))
    publish(MessagePosted(message_id=message.pk, ticket_id=ticket.pk, at=now))
    return ticket


def attach_evidence(*, ticket_id: int, evidence: dict[str, Any], now: datetime) -> None:
    """Put the measured evidence beside the conversation; nobody's draft is disturbed, so the version stays."""
    Ticket.objects.filter(pk=ticket_id).update(evidence=evidence, updated_at=now)
