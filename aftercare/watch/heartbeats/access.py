"""Who may see which heartbeat: the provider all of them, a customer's people their own company's."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor, customers_for
from aftercare.accounts.models import User
from aftercare.watch.models import Heartbeat


def heartbeats_for(user: Visitor) -> QuerySet[Heartbeat]:
    """Every heartbeat this person may see, with its state and whose it is; deleted ones are gone.

    Those without a customer are the provider's own, and exist for its people alone.
    """
    theirs = Q(customer__in=customers_for(user))
    if isinstance(user, User) and user.is_active and user.is_provider:
        theirs |= Q(customer=None)
    return Heartbeat.objects.select_related("state", "customer", "app").filter(theirs, deleted_at=None)


def get_heartbeat_for(user: Visitor, ref: str) -> Heartbeat:
    """The heartbeat with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(heartbeats_for(user), ref=ref)
