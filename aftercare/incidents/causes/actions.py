"""What people say of the customers that a cause serves."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.models import Incident, Kind, SparedCustomer
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused


@transaction.atomic
def spare_customer(*, incident: Incident, customer: Customer, actor: User, now: datetime) -> None:
    """The cause serves this customer, but it does not touch them: nobody is asked of them again. Twice counts once.

    Raises Refused where it touches them: they have an alert or a ticket of it, or somebody said so.
    """
    row = locked(incident)
    if row.customers.filter(customer=customer).exists():
        raise Refused(_("%(customer)s is among the customers that it touches.") % {"customer": customer})
    _row, is_new = SparedCustomer.objects.get_or_create(
        incident=row, customer=customer, defaults={"said_by": actor, "said_at": now}
    )
    if not is_new:
        return
    write_entry(row, Kind.CUSTOMER_SPARED, now=now, actor=actor, people=[customer.display_name])
    audit.record(
        actor=actor,
        action="incident.customer_spare",
        subject=row.ref,
        customer_id=customer.pk,
        detail={"customer": customer.ref},
        now=now,
    )
