"""What every room's part of the API shares: errors as sentences, and lists that go on by a cursor.

A room with an API has a module `api` with a Ninja `router`; `urls` puts them together under /api/v1.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from aftercare.kernel.errors import Refused

LONGEST_PAGE = 100
Row = TypeVar("Row", bound=Model)


class Told(Schema):
    """Why a call was not carried out: `error` is a stable word for programs, `sentence` says what to do next."""

    error: str
    sentence: str


class Page(Schema):
    """One page of a list; `next` is the cursor of the page after it, null on the last."""

    next: str | None


def page_of_rows(rows: QuerySet[Row], cursor: str, limit: int) -> tuple[Sequence[Row], str | None]:
    """Rows by primary key, newest first, from `cursor` on. Raises Refused for a cursor that we did not give."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise Refused(_("Ask for 1 to %(most)s at a time.") % {"most": LONGEST_PAGE})
    rows = rows.order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=cursor_place(cursor))
    found = list(rows[: limit + 1])
    has_more = len(found) > limit
    return found[:limit], cursor_of(found[limit - 1].pk) if has_more else None


def cursor_of(place: int) -> str:
    """An opaque place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def cursor_place(cursor: str) -> int:
    """The place again. Raises Refused."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor[:40] + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        place = None
    if not isinstance(place, int):
        raise Refused(_("This cursor is none of ours. Begin again without one."))
    return place


def answer_errors(api: NinjaAPI) -> None:
    """Let every error of the API be told in the same shape."""

    def told(status: int, word: str, sentence: Callable[[Any], str]) -> Callable[[HttpRequest, Any], HttpResponse]:
        def handler(request: HttpRequest, error: Any) -> HttpResponse:
            return api.create_response(request, {"error": word, "sentence": sentence(error)}, status=status)

        return handler

    api.add_exception_handler(Refused, told(409, "refused", lambda e: e.sentence))
    api.add_exception_handler(Http404, told(404, "not_found", lambda e: _("There is no such thing.")))
    api.add_exception_handler(PermissionDenied, told(403, "forbidden", lambda e: _("Your role does not allow this.")))
    api.add_exception_handler(AuthenticationError, told(401, "no_token", no_token))
    api.add_exception_handler(ValidationError, told(422, "invalid", sentence_of))

    def throttled(request: HttpRequest, error: Any) -> HttpResponse:
        sentence = _("Too many calls. Wait as long as Retry-After says, then go on.")
        response = api.create_response(request, {"error": "too_many", "sentence": sentence}, status=429)
        response["Retry-After"] = str(int(error.wait or 1) + 1)
        return response

    def refused(request: HttpRequest, error: Any) -> HttpResponse:
        body = {"error": "invalid", "sentence": str(error)}
        return api.create_response(request, body, status=error.status_code)

    api.add_exception_handler(Throttled, throttled)
    api.add_exception_handler(HttpError, refused)


def no_token(error: AuthenticationError) -> str:
    """What somebody lacks whom we do not know."""
    return _("Send a working API token: Authorization: Bearer at_…")


def sentence_of(error: ValidationError) -> str:
    """The first thing that is wrong with a body, and where."""
    first = error.errors[0]
    place = ".".join(str(part) for part in first["loc"][1:] if part != "facts")
    return f"{place}: {first['msg']}"
