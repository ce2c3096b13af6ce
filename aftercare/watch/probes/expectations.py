"""What each kind of probe target may be expected to do."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.models import ProbeKind
from aftercare.watch.probes.addresses import WEB, check_url, require_host
from aftercare.watch.probes.types import PLAYS, PUSHES

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
RECORD_TYPES = ("A", "AAAA", "CNAME")
MOST_ENTRIES = 20
NAME_PLACE = "{name}"


def check_expectations(kind: ProbeKind, expectations: dict[str, Any]) -> None:
    """Raises Refused for an expectation that this kind does not have, or whose value makes no sense."""
    known = EXPECTATIONS[kind]
    for name, value in expectations.items():
        if name not in known:
            raise Refused(_("A target of this kind has no expectation “%(name)s”.") % {"name": name[:40]})
        known[name](value)


def between(least: int, most: int, sentence: Callable[[], str]) -> Callable[[Any], None]:
    """A check for a whole number in these bounds."""

    def check_number(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(sentence() % {"least": least, "most": most})

    return check_number


def check_flag(value: Any) -> None:
    """A yes or no."""
    if not isinstance(value, bool):
        raise Refused(_("This is a yes or a no."))


def check_headers(value: Any) -> None:
    """Header names and the values they must have."""
    if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
        raise Refused(_("At most %(most)d headers can be expected.") % {"most": MOST_ENTRIES})
    for name, wanted in value.items():
        if not HEADER.fullmatch(name) or not isinstance(wanted, str) or not wanted.isprintable() or len(wanted) > 200:
            raise Refused(_("An expected header is written as “Content-Type: application/json”."))


def check_json(value: Any) -> None:
    """JSON paths and the plain values they must have."""
    if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
        raise Refused(_("At most %(most)d values can be expected.") % {"most": MOST_ENTRIES})
    for path, wanted in value.items():
        is_plain = wanted is None or isinstance(wanted, str | int | float | bool)
        if not path or len(path) > 120 or not is_plain or len(str(wanted)) > 200:
            raise Refused(_("An expected value is written as “data.code = 0”."))


def check_answers(value: Any) -> None:
    """Addresses, networks and names that a name may resolve to."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ENTRIES:
        raise Refused(_("At most %(most)d answers can be expected.") % {"most": MOST_ENTRIES})
    for answer in value:
        try:
            ipaddress.ip_network(answer, strict=False)
        except ValueError:
            require_host(str(answer))


def check_type(value: Any) -> None:
    """A record type."""
    if value not in RECORD_TYPES:
        raise Refused(_("A record type is one of %(types)s.") % {"types": ", ".join(RECORD_TYPES)})


def check_resolver(value: Any) -> None:
    """A resolver's IP address, perhaps with its port."""
    match = re.fullmatch(r"\[?([0-9a-fA-F:.]+?)\]?(?::(\d{1,5}))?", str(value))
    for text in (str(value), match[1] if match else ""):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            continue
        return
    raise Refused(_("A resolver is given by its IP address."))


def check_httpdns(value: Any) -> None:
    """An HTTPDNS service's address; the vendors' own ones have {name} in it."""
    check_url(str(value).replace(NAME_PLACE, "name"), WEB)


def check_watch(value: Any) -> None:
    """Seconds to watch."""
    between(2, 60, lambda: _("Watch for %(least)d to %(most)d seconds."))(value)


def check_token(value: Any) -> None:
    """A bearer token (RFC 6750), as WHIP and WHEP servers want one."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]{1,500}=*", str(value)):
        raise Refused(_("A token is of letters, digits and . _ ~ + / - alone."))


MEDIA: dict[str, Callable[[Any], None]] = {
    "watch_s": check_watch,
    "most_stall_ms": between(0, 60_000, lambda: _("The longest stall is %(least)d to %(most)d ms.")),
    "content": check_flag,
}
EXPIRY = {"least_days": between(1, 365, lambda: _("Warn %(least)d to %(most)d days ahead."))}
RTC = {"token": check_token}
PUSH: dict[str, Callable[[Any], None]] = {"watch_s": check_watch}
EXPECTATIONS: dict[ProbeKind, dict[str, Callable[[Any], None]]] = {
    **dict.fromkeys(PLAYS, MEDIA),
    **dict.fromkeys(PUSHES, PUSH),
    ProbeKind.WHEP: MEDIA | RTC,
    ProbeKind.WHIP: PUSH | RTC,
    ProbeKind.HTTP_API: {
        "status": between(100, 599, lambda: _("A status is %(least)d to %(most)d.")),
        "headers": check_headers,
        "json": check_json,
        "under_ms": between(1, 20_000, lambda: _("The longest answer is %(least)d to %(most)d ms.")),
    },
    ProbeKind.DNS: {
        "answers": check_answers,
        "type": check_type,
        "resolver": check_resolver,
        "httpdns": check_httpdns,
    },
    ProbeKind.CERTIFICATE: EXPIRY,
    ProbeKind.DOMAIN: EXPIRY,
}
