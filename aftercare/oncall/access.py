"""Pages are the provider's: for customers' people they do not exist."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from aftercare.accounts.models import User
from aftercare.oncall.models import Override, Page, Rotation

Visitor = User | AnonymousUser


def require_staff(user: Visitor) -> None:
    """Raise Http404 unless this is one of the provider's staff."""
    if not isinstance(user, User) or not user.is_active or not user.is_provider:
        raise Http404


def pages_for(user: Visitor) -> QuerySet[Page]:
    """The pages that exist for this person."""
    require_staff(user)
    return Page.objects.select_related("acknowledged_by", "customer")


def get_page_for(user: Visitor, ref: str) -> Page:
    """The page with this ref; Http404 for customers' people."""
    return get_object_or_404(pages_for(user), ref=ref)


def get_rotation_for(user: Visitor, ref: str) -> Rotation:
    """The rotation with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Rotation, ref=ref)


def get_override_for(user: Visitor, ref: str) -> Override:
    """The override with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Override.objects.select_related("rotation", "user"), ref=ref)
