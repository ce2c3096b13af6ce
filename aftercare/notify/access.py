"""Contact methods and deliveries exist for the person they belong to, and for nobody else."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.models import User
from aftercare.notify.models import ContactMethod, Delivery, WebhookEndpoint


def get_contact_for(user: User | AnonymousUser, ref: str) -> ContactMethod:
    """The person's own contact method; Http404 for anybody else's."""
    return get_object_or_404(ContactMethod.objects.select_related("user"), ref=ref, user_id=user.pk)


def endpoints_for(user: User) -> QuerySet[WebhookEndpoint]:
    """The webhooks that exist for this person: the provider's own for staff, the own company's for a customer's."""
    return WebhookEndpoint.objects.filter(customer=user.customer)


def get_endpoint_for(user: User, ref: str) -> WebhookEndpoint:
    """The webhook; Http404 for anybody else's."""
    return get_object_or_404(endpoints_for(user), ref=ref)


def deliveries_for(user: User | AnonymousUser) -> QuerySet[Delivery]:
    """What was sent to this person, newest first."""
    return Delivery.objects.filter(user_id=user.pk) if user.is_authenticated else Delivery.objects.none()
