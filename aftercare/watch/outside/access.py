"""Who may see sources: the provider's people alone, those of a customer's systems too."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor
from aftercare.accounts.models import User
from aftercare.watch.models import AlertSource


def sources_for(user: Visitor) -> QuerySet[AlertSource]:
    """Every source this person may see, revoked ones too."""
    if not isinstance(user, User) or not user.is_active or not user.is_provider:
        return AlertSource.objects.none()
    return AlertSource.objects.select_related("app", "customer")


def get_source_for(user: Visitor, ref: str) -> AlertSource:
    """The source with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(sources_for(user), ref=ref)
