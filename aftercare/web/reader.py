"""What is known of a reader before any page is drawn: language, time zone, theme."""

import zoneinfo
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "aftercare_theme"
ZONE_COOKIE = "aftercare_tz"


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """The IANA zone, or None when there is no such zone."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


def language_of(user: Any) -> str:
    """The language the person chose, or "" when the cookie and the browser decide."""
    chosen = getattr(user, "language", "") if user.is_authenticated else ""
    return chosen if chosen in dict(settings.LANGUAGES) else ""


def zone_of(user: Any, request: HttpRequest) -> tzinfo:
    """The person's zone, else the browser's (a cookie that our script sets), else UTC."""
    chosen = getattr(user, "timezone", "") if user.is_authenticated else ""
    for name in (chosen, request.COOKIES.get(ZONE_COOKIE, "")):
        zone = zone_named(name) if name else None
        if zone is not None:
            return zone
    return UTC


def theme_of(user: Any, request: HttpRequest) -> str:
    """`auto`, `light` or `dark`: the person's choice, else the cookie's."""
    chosen = getattr(user, "theme", "") if user.is_authenticated else request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"
