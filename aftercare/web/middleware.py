"""Every page in its reader's language, zone and theme, under a strict content policy."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from aftercare.kernel.errors import Refused
from aftercare.web.errors import bad_request
from aftercare.web.reader import language_of, theme_of, zone_of

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "style-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# Addresses that are the same for everybody.
FILES = ("/static/", "/assets/", "/sdk/", "/status/")
PERMISSIONS_POLICY = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


class ReaderMiddleware:
    """Activates the reader's language and zone for the request; runs after authentication, in both worlds."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if request.path.startswith(FILES):
            return self.bare(request) if self.is_async else with_policies(self.get_response(request))
        if self.is_async:
            return self.acall(request)
        with timezone.override(welcome(request, request.user)):
            response: HttpResponseBase = self.get_response(request)
        return with_policies(response)

    async def bare(self, request: HttpRequest) -> HttpResponseBase:
        """A file, which has no reader: nobody is looked up for it."""
        return with_policies(await self.get_response(request))

    async def acall(self, request: HttpRequest) -> HttpResponseBase:
        """The same for an asynchronous chain."""
        with timezone.override(welcome(request, await request.auser())):
            response: HttpResponseBase = await self.get_response(request)
        return with_policies(response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A Refused that no view caught becomes the page 400 with its sentence."""
        return bad_request(request, exception) if isinstance(exception, Refused) else None


def welcome(request: HttpRequest, user: Any) -> Any:
    """Set the request's language and theme; returns the zone to read it in."""
    language = language_of(user)
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language
    request.theme = theme_of(user, request)  # type: ignore[attr-defined]
    return zone_of(user, request)


def with_policies(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its policies; a view that set its own keeps it."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
    return response
