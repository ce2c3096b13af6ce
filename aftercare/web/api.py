"""What every room's part of the API shares: errors as sentences, and lists that go on by a cursor.

A room with an API has a module `api` with a Ninja `router`; `urls` puts them together under /api/v1.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from aftercare.kernel.errors import Refused

LONGEST_PAGE = 100
Row = TypeVar("Row", bound=Model)


REFUSALS = {
    401: "no_token: no token, an unknown one, or one that has ended",
    403: "forbidden: the role does not allow it",
    404: "not_found: there is no such thing for this person",
    409: "refused: it cannot be done now, or somebody was faster; the sentence says who",
    422: "invalid: the call cannot be read; the sentence names the place",
    429: "too_many: more than 600 calls in a minute; Retry-After says how long to wait",
}


class Told(Schema):
    """Why a call was not carried out: `error` is a stable word for programs, `sentence` says what to do next."""

    error: str
    sentence: str


class Page(Schema):
    """One page of a list; `next` is the cursor of the page after it, null on the last."""

    next: str | None


class PlainText(Parser):
    """Reads bodies and queries without NUL, which no text of ours holds and the database refuses."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON of the body."""
        return without_nul(super().parse_body(request))

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> Any:
        """The query or the form."""
        return without_nul(super().parse_querydict(data, list_fields, request))


def without_nul(value: Any) -> Any:
    """The same, however deep, with NUL taken out of its texts."""
    match value:
        case str():
            return value.replace("\x00", "")
        case dict():
            return {without_nul(name): without_nul(one) for name, one in value.items()}
        case list():
            return [without_nul(one) for one in value]
        case _:
            return value


class Api(NinjaAPI):
    """The API, whose description tells the refusals of every operation: they all have one shape (`Told`)."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description; operations that say what they refuse in words of their own keep them."""
        told = super().get_openapi_schema(**options)
        told["components"].setdefault("schemas", {})["Told"] = Told.json_schema()
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}}
        for path in told["paths"].values():
            for call in path.values():
                for status, words in REFUSALS.items():
                    call["responses"].setdefault(status, {"description": words, "content": content})
        return told


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


def page_number(cursor: str) -> int:
    """The page that a cursor of a list without keys names; 1 without one. Raises Refused."""
    return cursor_place(cursor) if cursor else 1


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


def valid(form: Form) -> dict[str, Any]:
    """What the page's own form says of a call's facts. Raises Refused with the first thing that does not fit."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    raise Refused(str(errors[0]) if name == "__all__" else f"{name}: {errors[0]}")


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

    api.add_exception_handler(DataError, told(422, "invalid", lambda e: _("A value of this call does not fit.")))

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
