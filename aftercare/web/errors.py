"""The pages for what went wrong: what happened, what it means, what to do next."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from aftercare.kernel.errors import Refused


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read; a Refused says why."""
    said = exception.sentence if isinstance(exception, Refused) else ""
    return shown(request, HTTPStatus.BAD_REQUEST, said)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person's role does not allow it."""
    return shown(request, HTTPStatus.FORBIDDEN)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not there for this person, which reads the same."""
    return shown(request, HTTPStatus.NOT_FOUND)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the form check: the page stood open too long, or cookies are off."""
    said = _("This form was open too long or your browser did not send its cookie. Reload the page and send it again.")
    return shown(request, HTTPStatus.FORBIDDEN, said)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the request, so that what failed once cannot fail again here."""
    return HttpResponse(render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def shown(request: HttpRequest, status: HTTPStatus, said: str = "") -> HttpResponse:
    """The page of this status, inside the frame for somebody signed in."""
    user = getattr(request, "user", None)
    frame = "web/base.html" if user is not None and user.is_authenticated else "web/bare.html"
    context: dict[str, Any] = {"status": status.value, "said": said, "frame_template": frame}
    return render(request, f"{status.value}.html", context, status=status.value)
