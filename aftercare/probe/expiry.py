"""What runs out unnoticed: a server's certificate, and a domain's registration."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from aftercare.kernel.clock import utc_now
from aftercare.probe.http import Asked, fetch, open_socket, secured
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

LEAST_DAYS = {"certificate": 14, "domain": 30}
RDAP_TYPE = "application/rdap+json"


def check_certificate(run: Run, *, now: datetime | None = None) -> None:
    """Whether the certificate of `host[:port]` is good, and for long enough (`least_days`). Raises Failed."""
    parts = urlsplit(f"//{run.target.address}")
    host, port = parts.hostname or "", parts.port or 443
    with open_socket(run, host, port) as sock, secured(run, sock, host) as secure:
        expires = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    run.reached("response", "ok")
    require_time(run, datetime.fromtimestamp(expires, UTC), now or utc_now(), "the certificate")


def check_domain(run: Run, *, rdap: str, now: datetime | None = None) -> None:
    """Whether a domain is registered for long enough, as the RDAP service (RFC 9083) says. Raises Failed."""
    url = f"{rdap.rstrip('/')}/domain/{quote(run.target.address, safe='')}"
    reply = fetch(run, Asked(url, headers={"Accept": RDAP_TYPE}))
    if reply.status == 404:
        raise Failed("unregistered", "the domain is not registered, as RDAP says")
    if reply.status != 200:
        raise Failed(f"http_{reply.status}", f"the RDAP service answered {reply.status}")
    expires = expiry_in(reply.json())
    run.reached("response", "ok")
    require_time(run, expires, now or utc_now(), "the domain")


def expiry_in(document: Any) -> datetime:
    """The instant in an RDAP answer's event `expiration`. Raises Failed where there is none."""
    events = document.get("events") if isinstance(document, dict) else None
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("eventAction") == "expiration":
            try:
                told = datetime.fromisoformat(str(event.get("eventDate")))
            except ValueError:
                break
            return told if told.tzinfo else told.replace(tzinfo=UTC)
    raise Failed("no_expiry", "the RDAP answer names no date of expiry")


def require_time(run: Run, expires: datetime, now: datetime, what: str) -> None:
    """Raises Failed where fewer than the least days are left."""
    left = expires - now
    run.seen.detail = {"expires": expires.isoformat(timespec="seconds"), "days_left": left.days}
    least = run.target.expect.get("least_days") or LEAST_DAYS[run.target.kind]
    if left < timedelta(0):
        raise Failed("expired", f"{what} expired on {expires:%Y-%m-%d}")
    if left < timedelta(days=least):
        raise Failed("expires_soon", f"{what} expires on {expires:%Y-%m-%d}, in {left.days} days")
