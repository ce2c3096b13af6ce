"""The reader's language and theme, from the switches of the frame."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from aftercare.web.reader import THEME_COOKIE, THEMES

COOKIE_AGE_S = 365 * 24 * 3600


@require_POST
def save_preferences(request: HttpRequest) -> HttpResponse:
    """Keep `language` and `theme`, on the person when signed in and in a cookie always; back to `next`.

    Values that do not exist are ignored. A script that asks for JSON gets 204 instead of the way back.
    """
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    chosen: dict[str, str] = {}
    if language in dict(settings.LANGUAGES):
        chosen["language"] = language
    if theme in THEMES:
        chosen["theme"] = theme
    keep_on_person(request.user, chosen)
    if request.headers.get("Accept") == "application/json":
        response = HttpResponse(status=204)
    else:
        response = HttpResponseRedirect(way_back(request))
    cookies = {settings.LANGUAGE_COOKIE_NAME: chosen.get("language"), THEME_COOKIE: chosen.get("theme")}
    for name, value in cookies.items():
        if value:
            response.set_cookie(name, value, max_age=COOKIE_AGE_S, samesite="Lax", secure=request.is_secure())
    return response


def keep_on_person(user: Any, chosen: dict[str, str]) -> None:
    """Save the choices that this kind of person has fields for; nothing for somebody signed out."""
    fields = [name for name in chosen if user.is_authenticated and hasattr(user, name)]
    for name in fields:
        setattr(user, name, chosen[name])
    if fields:
        user.save(update_fields=fields)


def way_back(request: HttpRequest) -> str:
    """`next` when it is an address of ours, else the first page."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else "/"
