"""The window itself, and the script that puts it on a site."""

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from aftercare.desk.views.chat.door import language_of, widget_named
from aftercare.web.middleware import CONTENT_SECURITY_POLICY


@require_GET
@xframe_options_exempt
def page(request: HttpRequest, site_key: str) -> HttpResponse:
    """The window: in a frame on the widget's own sites, or as a page of its own."""
    widget = widget_named(site_key)
    language = language_of(request)
    with translation.override(language):
        context = {"widget": widget, "words": words(), "language": "zh" if language.startswith("zh") else "en"}
        answer = render(request, "desk/chat/page.html", context)
        answer.headers["Content-Language"] = language
    sites = " ".join(widget.origins) or "'none'"
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {sites}"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_GET
def loader(request: HttpRequest, site_key: str) -> HttpResponse:
    """The one script tag's script; the same for every widget, which it reads from its own address."""
    widget_named(site_key)
    path = finders.find("desk/chat_loader.js")
    with open(str(path), "rb") as script:  # noqa: PTH123
        answer = HttpResponse(script.read(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def words() -> dict[str, str]:
    """What the window's script says; `{…}` is put in by it."""
    return {
        "you": _("You"),
        "support": _("Support"),
        "typing": _("{name} is typing…"),
        "read": _("Read"),
        "sending": _("Sending…"),
        "waiting": _("Waiting for the network. It is sent as soon as you are online."),
        "offline": _("You are offline. What you write is kept here and sent when the network is back."),
        "again": _("Try again"),
        "too_large": _("The file is larger than 25 MB. Send a part of it, or a link."),
        "uploading": _("Sending {name}…"),
        "ended": _("This chat has ended here. Reload the page to go on."),
        "have_mailed": _("Have it mailed"),
        "other_address": _("Another address"),
        "download": _("Save {name}"),
    }
