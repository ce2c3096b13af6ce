"""Which door of the rail a page stands behind, where its address does not say."""

from django.http import HttpRequest

from aftercare.accounts.access import person
from aftercare.accounts.models import Customer


def stand_behind(request: HttpRequest, customer: Customer | None) -> None:
    """A page about this customer, or about the provider's staff for None."""
    about = "staff" if customer is None else "customers"
    request.nav_key = about if person(request).is_provider else "company"  # type: ignore[attr-defined]
