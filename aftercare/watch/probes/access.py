"""Who may see which probe target: the provider all of them, a customer's people their own."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor, customers_for
from aftercare.watch.models import ProbeTarget


def targets_for(user: Visitor) -> QuerySet[ProbeTarget]:
    """Every target this person may see, with its app and customer; deleted ones are gone."""
    targets = ProbeTarget.objects.select_related("app", "customer")
    return targets.filter(customer__in=customers_for(user), deleted_at=None)


def get_target_for(user: Visitor, ref: str) -> ProbeTarget:
    """The target with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(targets_for(user), ref=ref)
