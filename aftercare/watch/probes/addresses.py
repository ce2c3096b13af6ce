"""What an address of a probe target looks like."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

WEB = ("https", "http")
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.I)


def check_url(url: str, schemes: tuple[str, ...]) -> None:
    """Raises Refused unless this is a URL with one of these schemes and a host, and no password in it."""
    parts = split(url)
    if parts.scheme not in schemes:
        written = _(" or ").join(f"{scheme}://" for scheme in schemes)
        raise Refused(_("The address begins with %(schemes)s.") % {"schemes": written})
    if parts.username is not None or parts.password is not None:
        raise Refused(_("The address holds no user name and no password."))
    require_host(parts.hostname or "")


def split(url: str) -> SplitResult:
    """The parts. Raises Refused for what is no address."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise Refused(_("This is not an address.")) from None
    if not url.isprintable() or " " in url:
        raise Refused(_("This is not an address."))
    return parts


def require_host(host: str) -> None:
    """Raises Refused unless this is a host name or an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            name = host.rstrip(".").encode("idna").decode()
        except UnicodeError:
            name = ""
        if not HOST.fullmatch(name):
            raise Refused(_("This is not a host name: live.example.com is one.")) from None
