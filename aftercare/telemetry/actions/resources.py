"""The resource map, by hand."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.telemetry.models import Resource, ResourceServes


def add_resource(*, kind: str, name: str, parent: Resource | None, actor: User, now: datetime) -> Resource:
    """Put a resource on the map. Raises Refused when one of this kind and name is there."""
    try:
        with transaction.atomic():
            resource = Resource.objects.create(kind=kind, name=name.strip(), parent=parent, created_at=now)
            record(
                actor=actor,
                action="resource.add",
                subject=resource.ref,
                customer_id=None,
                detail={"kind": kind, "name": resource.name, "parent": parent.ref if parent else None},
                now=now,
            )
    except IntegrityError:
        raise Refused(_("There is already a resource of this kind with this name.")) from None
    return resource


def serve_customer(
    *, resource: Resource, customer: Customer, app: App | None, actor: User, now: datetime
) -> ResourceServes:
    """Say by hand that a resource serves a customer, or one app of it; a learnt tie becomes one by hand.

    Raises Refused when the app is another customer's.
    """
    if app is not None and app.customer_id != customer.pk:
        raise Refused(_("This app belongs to another customer."))
    with transaction.atomic():
        tie, _created = ResourceServes.objects.update_or_create(
            resource=resource, customer=customer, app=app, defaults={"source": ResourceServes.Source.HAND}
        )
        record(
            actor=actor,
            action="resource.serve",
            subject=resource.ref,
            customer_id=customer.pk,
            detail={"app": app.ref if app else None},
            now=now,
        )
    return tie


def end_service(*, tie: ResourceServes, actor: User, now: datetime) -> None:
    """Take a tie away; one that sessions still report is learnt again."""
    with transaction.atomic():
        record(
            actor=actor,
            action="resource.unserve",
            subject=tie.resource.ref,
            customer_id=tie.customer_id,
            detail={"app": tie.app.ref if tie.app else None, "source": tie.source},
            now=now,
        )
        tie.delete()
