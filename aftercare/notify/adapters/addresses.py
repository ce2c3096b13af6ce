"""Which addresses a webhook may go to."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from aftercare.kernel.addresses import is_public
from aftercare.kernel.errors import Refused


@dataclass(frozen=True)
class Target:
    """Where a webhook goes: the name it was given and the one address it is pinned to."""

    scheme: str
    host: str
    port: int
    path: str
    pinned: str

    @property
    def host_header(self) -> str:
        """The Host header: the name as given, with its port unless it is the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == default_port(self.scheme) else f"{name}:{self.port}"


def default_port(scheme: str) -> int:
    """443 for https, 80 for http."""
    return 443 if scheme == "https" else 80


def parse(url: str) -> Target:
    """The target of a webhook address, not resolved yet (`pinned` is empty). Raises Refused with a sentence."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(_("This is not a web address.")) from None
    if parts.scheme not in ("http", "https"):
        raise Refused(_("A webhook address begins with https:// or http://."))
    if not parts.hostname or not url.isprintable() or " " in url:
        raise Refused(_("This is not a web address."))
    if parts.username or parts.password:
        raise Refused(_("A webhook address holds no user name and no password."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or default_port(parts.scheme), path, "")


def resolve(target: Target, *, allow_private: bool) -> Target:
    """The target pinned to one resolved address. Every address the name has must be public unless `allow_private`.

    Raises Refused when one is not, OSError when the name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise Refused(_("This host name cannot be resolved.")) from None
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not allow_private and not all(is_public(ipaddress.ip_address(a)) for a in addresses):
        raise Refused(_("The address leads into a private network; webhooks go to public addresses only."))
    return Target(target.scheme, target.host, target.port, target.path, addresses[0])
