"""Views that exist for the provider's staff alone: what they share."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Page = Callable[..., HttpResponse]
Write = Callable[..., object]


def staff_page(capability: str = "reply_to_tickets") -> Callable[[Page], Page]:
    """A page of the provider's: 404 for customers' people, 403 without the capability."""

    def make(view: Page) -> Page:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
            allow(person(request), capability)
            request.nav_key = "tickets"  # type: ignore[attr-defined]
            return view(request, **parts)

        return guarded

    return make


def staff_write(to: str, capability: str = "reply_to_tickets") -> Callable[[Write], Page]:
    """A POST of the provider's that ends on the page named `to`, with the reason where it was refused."""

    def make(do: Write) -> Page:
        @wraps(do)
        @login_required
        @require_POST
        def view(request: HttpRequest, **parts: str) -> HttpResponse:
            user = person(request)
            allow(user, capability)
            try:
                do(request, user, utc_now(), **parts)
            except Refused as refused:
                messages.error(request, refused.sentence)
            return redirect(to)

        return view

    return make


def allow(user: User, capability: str) -> None:
    """Raises Http404 for customers' people, PermissionDenied without the capability."""
    if not user.is_provider:
        raise Http404
    require(user, capability)


def told(request: HttpRequest, name: str) -> str:
    """A field of the form, without NUL."""
    return request.POST.get(name, "").replace("\x00", "").strip()


def whole_number(text: str) -> int:
    """A small whole number; -1 where it is none, which every check refuses."""
    return int(text) if text.isdecimal() and len(text) < 8 else -1


def instant(text: str) -> datetime | None:
    """An instant out of a datetime-local field or ISO 8601; None where it is none. Naive ones have no zone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
