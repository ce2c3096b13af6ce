"""Opening a ticket, and giving it its evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk import life, notices, promises
from aftercare.desk.actions.locking import checked_body, checked_title
from aftercare.desk.actions.speaking import already_here, person_of, side_of, spoken_by, take_files
from aftercare.desk.events import MessagePosted, TicketOpened
from aftercare.desk.kinds import checked_fields, checked_kind
from aftercare.desk.models import Attachment, Contact, Group, Message, Severity, Ticket, Way
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.notify.models import Account


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
    opened_by: User | Contact | None,
    incident_ref: str = "",
    way: str = Way.PORTAL,
    group: Group | None = None,
    first: Message | None = None,
    quoted: str = "",
    account: Account | None = None,
    provider_message_id: str | None = None,
    attachments: Sequence[Attachment] = (),
    kind: str = "",
    fields: Mapping[str, str] | None = None,
    now: datetime,
) -> Ticket:
    """Open a ticket with its first message. `opened_by` None means the system did.

    `kind` is one of `desk.kinds`, with its `fields`; a ticket of the same kind that was solved within a week before
    is taken as the one that this follows.

    `first` is a group's message that becomes the ticket's first; then `body` and what belongs to it are not used.
    What `account` has sent before, by `provider_message_id`, opens no second ticket. Raises Refused when the title or
    body is empty or too long, or the severity is unknown.
    """
    seen = already_here(account, provider_message_id)
    if seen is not None and seen.ticket is not None:
        return seen.ticket
    title = checked_title(title)
    if severity not in Severity.values:
        raise Refused(_("Choose a severity from P1 to P4."))
    person = person_of(opened_by)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)  # numbers are given out one by one
    last = Ticket.objects.filter(customer=customer).aggregate(last=Max("number"))["last"] or 0
    ticket = Ticket.objects.create(
        number=last + 1,
        customer=customer,
        app_id=app_id,
        title=title,
        title_zh=title_zh[:200],
        severity=severity,
        way=way,
        group=group,
        contact=opened_by if isinstance(opened_by, Contact) else None,
        opened_by=person,
        incident_ref=incident_ref,
        evidence=evidence or {},
        kind=checked_kind(kind),
        fields=checked_fields(fields or {}),
        follows=life.followed_by(customer_id, kind, app_id, now),
        created_at=now,
        updated_at=now,
        waiting_since=now,
    )
    if first is not None:
        message = first
        Message.objects.filter(pk=first.pk).update(ticket=ticket)
        message.ticket = ticket
    else:
        message = Message.objects.create(
            ticket=ticket,
            **spoken_by(opened_by),
            side=side_of(opened_by),
            way=way if opened_by is not None else Way.SYSTEM,
            body=checked_body(body, has_files=bool(attachments)),
            body_zh=body_zh,
            quoted=quoted,
            created_at=now,
            account=account,
            provider_message_id=provider_message_id,
        )
        take_files(message, attachments)
    if account is None or not account.quiet:
        promises.opened(ticket, message.side, message.created_at)
    detail = {"number": ticket.number, "severity": severity, "incident": incident_ref}
    audit.record(
        actor=person, action="ticket.open", subject=ticket.ref, customer_id=customer_id, detail=detail, now=now
    )
    notices.tell_of_opening(ticket, message, now=now)
    publish(TicketOpened(ticket_id=ticket.pk, at=now))
    publish(MessagePosted(message_id=message.pk, ticket_id=ticket.pk, at=now))
    return ticket


def attach_evidence(*, ticket_id: int, evidence: dict[str, Any], now: datetime) -> None:
    """Put the measured evidence beside the conversation; nobody's draft is disturbed, so the version stays."""
    Ticket.objects.filter(pk=ticket_id).update(evidence=evidence, updated_at=now)
