"""How the page views answer: as a page, as JSON, or by sending the reader back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from aftercare.kernel.errors import Refused
from aftercare.oncall.models import Page


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller asks for JSON rather than a page."""
    is_asked_for = request.accepts("application/json") and not request.accepts("text/html")
    return is_asked_for or request.content_type == "application/json"


def page_json(page: Page) -> JsonResponse:
    """A page's state, for programs."""
    return JsonResponse(
        {
            "page": page.ref,
            "subject": page.subject_ref,
            "state": page.state,
            "severity": page.severity,
            "acknowledged_by": page.acknowledged_by.name if page.acknowledged_by else None,
            "acknowledged_at": page.acknowledged_at.isoformat() if page.acknowledged_at else None,
        }
    )


def back(request: HttpRequest, fallback: str) -> HttpResponse:
    """Back to where the form stood (`next`, on this host only)."""
    wanted = request.POST.get("next", "")
    return redirect(wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else fallback)


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Like login_required, but programs get 401 and a sentence instead of a redirect; refusals 409."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if wants_json(request):
                return JsonResponse({"error": "Sign in first."}, status=401)
            return redirect_to_login(request.path)
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if not wants_json(request):
                raise  # to the page that says why
            return JsonResponse({"error": refused.sentence}, status=409)

    return guarded
