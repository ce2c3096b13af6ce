"""Who may manage whom: the capability, and the side it reaches."""

from django.core.exceptions import PermissionDenied

from aftercare.accounts.access import can
from aftercare.accounts.models import CUSTOMER_ROLES, PROVIDER_ROLES, Customer, User


def can_manage_people_of(user: User, customer: Customer | None) -> bool:
    """Whether `user` may invite and change people of this customer (of the provider's staff, for None)."""
    if customer is None:
        return user.is_provider and can(user, "manage_staff")
    return can(user, "manage_accounts") and (user.is_provider or user.customer_id == customer.pk)


def require_managing_people_of(user: User, customer: Customer | None) -> None:
    """Raise PermissionDenied (403) unless `user` may manage the people of this side."""
    if not can_manage_people_of(user, customer):
        raise PermissionDenied("manage people")


def role_choices(customer: Customer | None) -> list[tuple[str, str]]:
    """The roles of one side as a form's choices."""
    return [(role.value, str(role.label)) for role in (PROVIDER_ROLES if customer is None else CUSTOMER_ROLES)]
