"""What anybody sees without signing in: the files of a page as they lie on the disk, and subscriptions."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aftercare.incidents.models import Subscription
from aftercare.incidents.status.addresses import PRIVATE, PUBLIC, page_behind, subscription_behind
from aftercare.incidents.status.page_html import policy
from aftercare.incidents.status.subscribing import (
    ASKS_OF_CLIENT,
    ask_for_subscription,
    confirm_subscription,
    end_subscription,
    known_language,
)
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
}
FILES = frozenset({"index.html", "en.html", "zh.html", "status.json", "en.atom", "zh.atom"})
FRESH_S = 15


@require_safe
def public_file(request: HttpRequest, name: str = "index.html") -> HttpResponse:
    """A file of the public page."""
    return served(settings.STATUS_DIR / PUBLIC, name)


@require_safe
def private_file(request: HttpRequest, secret: str, name: str = "index.html") -> HttpResponse:
    """A file of a private page: whoever has its address has it."""
    return served(settings.STATUS_DIR / PRIVATE / secret, name)


def served(folder: Path, name: str) -> HttpResponse:
    """The file as it is; any web server does the same. Raises Http404 for a name that no page has."""
    if name not in FILES:
        raise Http404
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise Http404 from None
    response = HttpResponse(content, content_type=TYPES[Path(name).suffix])
    response["Cache-Control"] = f"public, max-age={FRESH_S}"
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Security-Policy"] = policy()  # the page's own: the house's would take its style away
    return response


@csrf_exempt  # it comes from a file, and does nothing for whoever is signed in
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Somebody asks to hear of a page's updates; the answer is the same whoever asks and whatever is known."""
    language = known_language(request.POST.get("language", ""))
    with translation.override(language):
        page, now = page_behind(request.POST.get("page", "")), utc_now()
        if page is None:
            raise Http404
        wait_s = ASKS_OF_CLIENT.take(str(request.META.get("REMOTE_ADDR") or ""), now)
        if wait_s:
            response = said(request, _("Too many subscriptions were asked for from here. Try again later."), 429)
            response["Retry-After"] = str(int(wait_s) + 1)
            return response
        try:
            ask_for_subscription(
                page=page,
                way=request.POST.get("way", ""),
                address=request.POST.get("address", "")[:500],
                language=language,
                now=now,
            )
        except Refused as refused:
            return said(request, refused.sentence, 400)
        return said(request, _("If the address can be reached, it has a message with a link to open in a minute."))


@require_http_methods(["GET", "POST"])
def subscription(request: HttpRequest, ref: str, signature: str) -> HttpResponse:
    """A subscription, to whoever has its link: a look changes nothing, since mail programs look, too."""
    found = behind(ref, signature)
    with translation.override(found.language):
        if request.method == "POST":
            try:
                confirm_subscription(subscription=found, now=utc_now())
            except Refused as refused:
                return said(request, refused.sentence, 409)
            found.refresh_from_db()
        return render(request, "incidents/status/subscription.html", {"subscription": found})


@csrf_exempt  # a mail program presses it (RFC 8058); who has the link may
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, ref: str, signature: str) -> HttpResponse:
    """End a subscription without signing in."""
    found = behind(ref, signature)
    with translation.override(found.language):
        if request.method == "GET":
            return render(request, "incidents/status/subscription.html", {"subscription": found, "is_ending": True})
        end_subscription(subscription=found)
        return said(request, _("You hear nothing more of this page. Nothing is kept of your address."))


def behind(ref: str, signature: str) -> Subscription:
    """The subscription of a link. Raises Http404 for a guess, as for one that was ended."""
    found = subscription_behind(ref, signature)
    if found is None:
        raise Http404
    return found


def said(request: HttpRequest, sentence: str, status: int = 200) -> HttpResponse:
    """One sentence on a page of its own."""
    return render(request, "incidents/status/said.html", {"sentence": sentence}, status=status)
