"""Taking on customers and their apps, and changing what is known of them."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from aftercare.accounts.actions.keys import notify_keys_changed
from aftercare.accounts.events import AppCreated, CustomerCreated
from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.events import publish


@dataclass(frozen=True)
class CustomerFacts:
    """What a person may set about a customer."""

    name: str
    name_zh: str
    rank: str
    plan: str
    language: str
    timezone: str


@dataclass(frozen=True)
class AppFacts:
    """What a person may set about an app."""

    name: str
    name_zh: str
    scenario: str


def create_customer(*, facts: CustomerFacts, actor: User | None, now: datetime, is_simulated: bool = False) -> Customer:
    """Take on a customer."""
    with transaction.atomic():
        customer = Customer.objects.create(**asdict(facts), is_simulated=is_simulated, created_at=now)
        record(
            actor=actor,
            action="customer.create",
            subject=customer.ref,
            customer_id=customer.pk,
            detail=asdict(facts),
            now=now,
        )
        publish(CustomerCreated(customer.pk, now))
    return customer


def edit_customer(*, customer: Customer, facts: CustomerFacts, actor: User | None, now: datetime) -> Customer:
    """Change what is known of a customer; the audit keeps what was before."""
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        changes = apply(locked, asdict(facts))
        if changes:
            locked.save(update_fields=list(changes))
            record(
                actor=actor,
                action="customer.edit",
                subject=locked.ref,
                customer_id=locked.pk,
                detail=changes,
                now=now,
            )
            notify_keys_changed()
    return locked


def create_app(
    *, customer: Customer, facts: AppFacts, actor: User | None, now: datetime, is_simulated: bool = False
) -> App:
    """Add an app to a customer."""
    with transaction.atomic():
        app = App.objects.create(customer=customer, **asdict(facts), is_simulated=is_simulated, created_at=now)
        record(
            actor=actor, action="app.create", subject=app.ref, customer_id=customer.pk, detail=asdict(facts), now=now
        )
        publish(AppCreated(app.pk, now))
    return app


def edit_app(*, app: App, facts: AppFacts, actor: User | None, now: datetime) -> App:
    """Change what is known of an app; the audit keeps what was before."""
    with transaction.atomic():
        locked = App.objects.select_for_update().get(pk=app.pk)
        changes = apply(locked, asdict(facts))
        if changes:
            locked.save(update_fields=list(changes))
            record(
                actor=actor,
                action="app.edit",
                subject=locked.ref,
                customer_id=locked.customer_id,
                detail=changes,
                now=now,
            )
    return locked


def apply(thing: Customer | App | User, facts: dict[str, str]) -> dict[str, list[str]]:
    """Set the attributes that differ; returns {field: [before, after]} of those."""
    changes = {field: [getattr(thing, field), new] for field, new in facts.items() if getattr(thing, field) != new}
    for field, (_before, after) in changes.items():
        setattr(thing, field, after)
    return changes
