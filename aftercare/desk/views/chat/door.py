"""Who may speak to a chat window's addresses: no cookie counts here, only the site key and the browser's token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.desk.chat.away import is_late, note_here
from aftercare.desk.chat.limits import READS_OF_ADDRESS, WRONG_TOKENS_OF_ADDRESS, address_of
from aftercare.desk.models import ChatSession, ChatVisitor, ChatWidget
from aftercare.kernel.allowances import Allowance
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint

LANGUAGES = {"zh": "zh-hans", "en": "en"}
LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Visit:
    """One request of a chat window; `visitor` None where it shows no token."""

    widget: ChatWidget
    visitor: ChatVisitor | None
    address: str
    language: str
    now: datetime

    @property
    def known(self) -> ChatVisitor:
        """The visitor, where the view asked for one."""
        if self.visitor is None:
            raise Http404
        return self.visitor


class TooMany(Exception):
    """More than somebody may do; again in so many seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


View = Callable[..., Any]


def window(*methods: str, visitor: bool = True) -> Callable[[View], View]:
    """A view of the window's: 404 without the widget, 401 without the visitor's token, 403 from another site's pages,
    429 with a sentence for who does too much, 409 with one for what is refused.
    """

    def make(view: View) -> View:
        @csrf_exempt
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request: HttpRequest, site_key: str, **values: Any) -> HttpResponse:
            with translation.override(language_of(request)):
                try:
                    visit = visit_of(request, site_key, needs_visitor=visitor)
                    if visit is None:
                        return refusal(401, _("This chat has ended here. Reload the page to go on."))
                    answer: HttpResponse = view(request, visit, **values)
                except Refused as refused:
                    return refusal(409, refused.sentence)
                except TooMany as many:
                    said = _("That was a lot at once. It goes on in a moment.")
                    return refusal(429, said, retry_after_s=ceil(many.wait_s))
                except Http404:
                    return refusal(404, _("There is nothing here."))
                except OtherSite:
                    return refusal(403, _("Another site's pages may not speak for a visitor."))
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return guarded

    return make


class OtherSite(Exception):
    """A page of another site asks."""


def refusal(status: int, sentence: str, **more: Any) -> JsonResponse:
    """An answer that says why not."""
    answer = JsonResponse({"refused": sentence, **more}, status=status, json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "no-store"
    if "retry_after_s" in more:
        answer.headers["Retry-After"] = str(more["retry_after_s"])
    return answer


def language_of(request: HttpRequest) -> str:
    """What the window is read in: as its site's page says, else as the browser asks."""
    asked = request.GET.get("lang", "")[:2].lower()
    return LANGUAGES.get(asked) or translation.get_language_from_request(request)


def widget_named(site_key: str) -> ChatWidget:
    """The widget, while it is in use. Raises Http404 for any other key."""
    found = ChatWidget.objects.filter(site_key=site_key, enabled=True).select_related("customer", "calendar").first()
    if found is None:
        raise Http404
    return found


def visit_of(request: HttpRequest, site_key: str, *, needs_visitor: bool) -> Visit | None:
    """The request's visit; None where it needs a visitor and shows no token that holds."""
    refuse_other_sites(request)
    address, now = address_of(request), utc_now()
    spend(READS_OF_ADDRESS, address, now)
    visitor = visitor_of_token(site_key, token_of(request), address, now)
    widget = visitor.widget if visitor is not None else widget_named(site_key)
    if visitor is None and needs_visitor:
        return None
    if visitor is not None and is_late(visitor, now):
        note_here([visitor.pk], now)
    return Visit(widget, visitor, address, translation.get_language() or "en", now)


def refuse_other_sites(request: HttpRequest) -> None:
    """The window's page is ours: a browser that says it speaks for another site's page is not heard."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc.lower() != request.get_host().lower():
        raise OtherSite


def token_of(request: HttpRequest) -> str:
    """What the browser shows."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()[:LONGEST_TOKEN]


def visitor_of_token(site_key: str, token: str, address: str, now: datetime) -> ChatVisitor | None:
    """Whose token this is, of a widget that is in use. An address that guesses is stopped before it can guess much."""
    if not token:
        return None
    session = (
        ChatSession.objects.filter(fingerprint=fingerprint(token), expires_at__gt=now)
        .filter(visitor__widget__site_key=site_key, visitor__widget__enabled=True)
        .select_related("visitor__widget")
        .first()
    )
    if session is None:
        spend(WRONG_TOKENS_OF_ADDRESS, address, now)
        return None
    return session.visitor


def spend(allowance: Allowance, key: str, now: datetime) -> None:
    """Take one of what this key has. Raises TooMany where nothing is left."""
    wait_s = allowance.take(key, now)
    if wait_s:
        raise TooMany(wait_s)
