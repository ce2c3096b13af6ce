"""The API's part about who is who."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from aftercare.accounts.access import apps_for, customers_for, person
from aftercare.accounts.models import App, Customer, User

router = Router(tags=["people"])


class Me(Schema):
    """The person that the token acts as."""

    ref: str
    name: str
    email: str
    role: str
    customer: str | None

    @staticmethod
    def resolve_customer(user: User) -> str | None:
        """The ref of the customer, null for the provider's people."""
        return user.customer.ref if user.customer else None


class CustomerOut(Schema):
    """A customer."""

    ref: str
    name: str
    name_zh: str
    rank: str
    plan: str
    timezone: str
    created_at: datetime


class AppOut(Schema):
    """One live product of a customer."""

    ref: str
    name: str
    name_zh: str
    scenario: str
    customer: str

    @staticmethod
    def resolve_customer(app: App) -> str:
        """The ref of the app's customer."""
        return app.customer.ref


@router.get("/me", response=Me, summary="Whom the token acts as")
def get_me(request: HttpRequest) -> User:
    """The person behind the call."""
    return person(request)


@router.get("/customers", response=list[CustomerOut], summary="Customers")
def list_customers(request: HttpRequest) -> list[Customer]:
    """Every customer that exists for the caller: all for the provider's people, the own one for a customer's."""
    return list(customers_for(request.user))


@router.get("/apps", response=list[AppOut], summary="Apps")
def list_apps(request: HttpRequest) -> list[App]:
    """Every app that exists for the caller."""
    return list(apps_for(request.user))
