"""Who may do what, and what exists for whom.

A person without the capability gets 403; a thing of somebody else's does not exist: 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from aftercare.accounts.models import App, Customer, IngestKey, Role, User

Visitor: TypeAlias = User | AnonymousUser
View: TypeAlias = Callable[..., HttpResponseBase]

CAPABILITIES = frozenset(
    {
        "see_customers",
        "manage_accounts",
        "manage_staff",
        "manage_keys",
        "see_telemetry",
        "edit_monitors",
        "act_on_incidents",
        "acknowledge_pages",
        "reply_to_tickets",
        "open_tickets",
        "see_audit",
        "erase_user_data",
        "manage_oncall",
        "manage_desk",
    }
)

GRANTS: dict[str, frozenset[str]] = {
    Role.ADMIN: CAPABILITIES,
    Role.MANAGER: CAPABILITIES - {"manage_staff"},
    Role.ENGINEER: frozenset(
        {
            "see_customers",
            "manage_keys",
            "see_telemetry",
            "edit_monitors",
            "act_on_incidents",
            "acknowledge_pages",
            "reply_to_tickets",
            "open_tickets",
        }
    ),
    Role.AGENT: frozenset({"see_customers", "see_telemetry", "reply_to_tickets", "open_tickets"}),
    Role.SUCCESS: frozenset({"see_customers", "see_telemetry", "reply_to_tickets", "open_tickets"}),
    Role.OWNER: frozenset(
        {
            "manage_accounts",
            "manage_keys",
            "see_telemetry",
            "edit_monitors",
            "reply_to_tickets",
            "open_tickets",
            "erase_user_data",
        }
    ),
    Role.DEVELOPER: frozenset({"manage_keys", "see_telemetry", "edit_monitors", "reply_to_tickets", "open_tickets"}),
    Role.VIEWER: frozenset({"see_telemetry"}),
}


def can(user: Visitor, capability: str) -> bool:
    """Whether this person's role grants the capability. Raises KeyError for a capability that does not exist."""
    if capability not in CAPABILITIES:
        raise KeyError(capability)
    return isinstance(user, User) and user.is_active and capability in GRANTS[user.role]


def require(user: Visitor, capability: str) -> None:
    """Raise PermissionDenied (403) unless the person has the capability."""
    if not can(user, capability):
        raise PermissionDenied(capability)


def person(request: HttpRequest) -> User:
    """The signed-in person behind a request. Raises PermissionDenied for a visitor who is not signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("sign in")
    return request.user


def provider_with(request: HttpRequest, capability: str) -> User:
    """One of the provider's people behind a call; 404 for customers' people, 403 without the capability."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    require(user, capability)
    return user


def customers_for(user: Visitor) -> QuerySet[Customer]:
    """The customers that exist for this person: all for staff, their own for a customer's people."""
    if not isinstance(user, User) or not user.is_active:
        return Customer.objects.none()
    return Customer.objects.all() if user.customer_id is None else Customer.objects.filter(pk=user.customer_id)


def apps_for(user: Visitor) -> QuerySet[App]:
    """The apps that exist for this person."""
    return App.objects.filter(customer__in=customers_for(user)).select_related("customer")


def people_for(user: Visitor) -> QuerySet[User]:
    """The people this person may see: everybody for staff, the own company for a customer's people."""
    if not isinstance(user, User) or not user.is_active:
        return User.objects.none()
    people = User.objects.select_related("customer")
    return people if user.customer_id is None else people.filter(customer_id=user.customer_id)


def keys_for(user: Visitor) -> QuerySet[IngestKey]:
    """The ingest keys this person may see; keys of the provider's own resources are for staff alone."""
    if not isinstance(user, User) or not user.is_active:
        return IngestKey.objects.none()
    keys = IngestKey.objects.select_related("customer", "app", "issued_by")
    return keys if user.customer_id is None else keys.filter(customer_id=user.customer_id)


def get_customer_for(user: Visitor, ref: str) -> Customer:
    """The customer with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(customers_for(user), ref=ref)


def get_app_for(user: Visitor, ref: str) -> App:
    """The app with this ref, its customer loaded; Http404 when it does not exist for this person."""
    return get_object_or_404(apps_for(user), ref=ref)


def get_person_for(user: Visitor, ref: str) -> User:
    """The person with this ref; Http404 when they do not exist for this reader."""
    return get_object_or_404(people_for(user), ref=ref)


def get_key_for(user: Visitor, ref: str) -> IngestKey:
    """The ingest key with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(keys_for(user), ref=ref)


def signed_in(view: View) -> View:
    """Let a view run only for people who are signed in; others are sent to the sign-in page."""
    return login_required(view)


def needs(capability: str) -> Callable[[View], View]:
    """Let a view run only for people with the capability: the signed-out go to sign-in, others get 403."""
    if capability not in CAPABILITIES:
        raise KeyError(capability)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request.user, capability)
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def provider_only(view: View) -> View:
    """Let a view run only for the provider's staff: it does not exist (404) for customers' people."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not person(request).is_provider:
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(guarded)
