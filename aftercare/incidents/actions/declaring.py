"""Incidents that a person opens: what no monitor saw, or what several customers' tickets say together."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk import actions as desk
from aftercare.desk.models import Ticket
from aftercare.incidents.actions.locking import held, locked
from aftercare.incidents.actions.opening import page
from aftercare.incidents.changes.suspecting import suspect_by_customers
from aftercare.incidents.models import Incident, IncidentCustomer, Kind, Severity, Status
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

TITLE_AT_MOST = 200


@transaction.atomic
def declare_incident(
    *,
    title: str,
    title_zh: str,
    severity: str,
    customers: Sequence[Customer],
    tickets: Sequence[Ticket] = (),
    wakes: bool,
    token: str,
    actor: User,
    now: datetime,
) -> Incident:
    """Open an incident by hand: it touches these customers and those whose `tickets` it is made of.

    Customers hear of it with the first update. With `wakes` whoever is on duty is called; without, the actor has it.
    `token` is of the form: pressed twice it is one incident. Raises Refused without a title or a severity.
    """
    known = Incident.objects.filter(declared_token=token).first()
    if known is not None:
        return known
    title, title_zh = " ".join(title.split()), " ".join(title_zh.split())
    if not title and not title_zh:
        raise Refused(_("Say in one sentence what is broken."))
    if severity not in Severity.values:
        raise Refused(_("Choose a severity."))
    concerned = {one.pk: one for one in (*customers, *(ticket.customer for ticket in tickets))}
    incident = Incident.objects.create(
        title=(title or title_zh)[:TITLE_AT_MOST],
        title_zh=title_zh[:TITLE_AT_MOST],
        severity=severity,
        customer=next(iter(concerned.values())) if len(concerned) == 1 else None,
        opened_at=now,
        declared_by=actor,
        declared_token=token,
    )
    write_entry(incident, Kind.DECLARED, now=now, actor=actor, text=title or title_zh, text_zh=title_zh)
    for customer in concerned.values():
        touch(incident, customer, actor, now)
    for ticket in tickets:
        take_ticket(incident, ticket, actor, now)
    suspect_by_customers(incident, now)
    if wakes:
        page(incident, now)
    else:
        incident.status, incident.acknowledged_at, incident.acknowledged_by = Status.ACKNOWLEDGED, now, actor
        incident.save()
    promise.promise_first(incident, now)
    audit.record(
        actor=actor,
        action="incident.declare",
        subject=incident.ref,
        customer_id=incident.customer_id,
        detail={"severity": severity, "customers": len(concerned), "tickets": [ticket.ref for ticket in tickets]},
        now=now,
    )
    return incident


@transaction.atomic
def add_customer(*, incident: Incident, customer: Customer, actor: User, now: datetime) -> None:
    """The incident touches this customer, too; they hear of it with the next update. Twice counts once."""
    row = locked(incident)
    if touch(row, customer, actor, now):
        suspect_by_customers(row, now)
        promise.promise_first(row, now)


@transaction.atomic
def remove_customer(*, incident: Incident, customer: Customer, actor: User, now: datetime) -> None:
    """It does not touch this customer after all. Raises Refused where they were told of it already, or an alert of
    theirs is part of it.
    """
    row = held(incident.ref)
    touched = row.customers.filter(customer=customer).first() if row is not None else None
    if row is None or touched is None:
        return
    was_told = row.updates.filter(tellings__customer=customer).exists() or touched.ticket_id is not None
    if was_told or row.alerts.filter(alert__customer=customer).exists():
        raise Refused(_("%(customer)s was told of it, or an alert of theirs is in it.") % {"customer": customer})
    touched.delete()
    write_entry(row, Kind.CUSTOMER_REMOVED, now=now, actor=actor, people=[customer.display_name])
    record("incident.customer_remove", row, customer, actor, now)


@transaction.atomic
def add_ticket(*, incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """What this ticket says is part of the incident: updates go into it, and its customer is touched.

    Raises Refused for a ticket of another incident.
    """
    row = locked(incident)
    touch(row, ticket.customer, actor, now)
    take_ticket(row, ticket, actor, now)
    promise.promise_first(row, now)


def touch(incident: Incident, customer: Customer, actor: User, now: datetime) -> bool:
    """The incident touches the customer; whether that is news. One that a person opened for one customer alone is no
    longer about that one.
    """
    _touched, is_new = IncidentCustomer.objects.get_or_create(incident=incident, customer=customer)
    if incident.declared_by_id is not None and incident.customer_id not in (None, customer.pk):
        incident.customer = None
        incident.save(update_fields=["customer"])
    if is_new:
        write_entry(incident, Kind.CUSTOMER_ADDED, now=now, actor=actor, people=[customer.display_name])
        record("incident.customer_add", incident, customer, actor, now)
    return is_new


def take_ticket(incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """The ticket belongs to the incident from now on; the first one of a customer is the one that the page shows."""
    desk.link_incident(ticket=ticket, incident_ref=incident.ref, actor=actor, now=now)
    incident.customers.filter(customer=ticket.customer, ticket=None).update(ticket=ticket)
    write_entry(
        incident,
        Kind.TICKET_LINKED,
        now=now,
        actor=actor,
        customer_id=ticket.customer_id,
        number=ticket.number,
        ticket=ticket.ref,
    )


def record(action: str, incident: Incident, customer: Customer, actor: User, now: datetime) -> None:
    """The audit row about a customer."""
    detail = {"customer": customer.ref}
    audit.record(actor=actor, action=action, subject=incident.ref, customer_id=customer.pk, detail=detail, now=now)
