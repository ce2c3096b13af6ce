"""Questions about people."""

from datetime import datetime

from django.db.models import QuerySet

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import Invitation, User
from aftercare.kernel.signing import fingerprint


def get_invited(token: str, now: datetime) -> User | None:
    """The person an unused, unexpired invitation link was made for; None for any other token."""
    invitation = (
        Invitation.objects.select_related("user__customer")
        .filter(fingerprint=fingerprint(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True)
        .first()
    )
    return invitation.user if invitation else None


def list_staff_with(capability: str) -> QuerySet[User]:
    """The provider's active people whose role grants the capability."""
    roles = [role for role, capabilities in GRANTS.items() if capability in capabilities]
    return User.objects.filter(customer__isnull=True, is_active=True, role__in=roles)


def list_people_with(capability: str, customer_id: int) -> QuerySet[User]:
    """A customer's active people whose role grants the capability."""
    roles = [role for role, capabilities in GRANTS.items() if capability in capabilities]
    return User.objects.filter(customer_id=customer_id, is_active=True, role__in=roles)


def has_staff() -> bool:
    """Whether anybody of the provider can sign in."""
    return User.objects.filter(customer__isnull=True, is_active=True).exists()
