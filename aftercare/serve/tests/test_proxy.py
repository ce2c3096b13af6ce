"""Behind a proxy that ends TLS: links and returns are https, and sign-ins are counted by the client's own address."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from aftercare.accounts.tests.issuer import CLIENT_ID, CLIENT_SECRET, IssuerServer
from tests.service import Service
from tests.visitor import Visitor, alert_of
from tests.world import PASSWORD

ATTACKER, HONEST = "203.0.113.7", "198.51.100.20"
# allauth's own limit for one address is 10 failures a minute; one more must be refused whatever it says.
MOST_FAILURES = 10


@pytest.fixture(scope="module")
def proxied() -> Iterator[Service]:
    """A server with the cast, one trusted proxy before it, and an issuer to sign in by."""
    issuer = IssuerServer()
    with tempfile.TemporaryDirectory(prefix="aftercare-proxy-") as place:
        server = Service(
            Path(place) / "data",
            AFTERCARE_BASE_URL="https://care.example",
            AFTERCARE_TRUSTED_PROXIES="1",
            AFTERCARE_OIDC_ISSUER=issuer.issuer.url,
            AFTERCARE_OIDC_CLIENT_ID=CLIENT_ID,
            AFTERCARE_OIDC_SECRET=CLIENT_SECRET,
        )
        server.start()
        server.seed()
        yield server
        server.stop()
    issuer.shutdown()
    issuer.server_close()


def behind_proxy(server: Service, client: str, *, claimed: str = "") -> Visitor:
    """A browser at this address; the proxy adds it behind what the browser claimed itself."""
    forwarded = ", ".join(filter(None, (claimed, client)))
    return Visitor(server.port, Host="care.example", Origin="https://care.example", X_Forwarded_For=forwarded)


def refused_words(visitor: Visitor, email: str, password: str) -> str:
    """What the sign-in page says; empty where it let them in."""
    answer = visitor.post("/accounts/login/", login=email, password=password)
    return "" if answer.status == 302 else alert_of(answer.text)


def test_single_sign_on_returns_by_https(proxied: Service) -> None:
    started = behind_proxy(proxied, HONEST).post("/accounts/oidc/oidc/login/")
    assert started.status == 302
    returns = parse_qs(urlsplit(started.place).query)["redirect_uri"]
    assert returns == ["https://care.example/accounts/oidc/oidc/login/callback/"]


def test_one_attacker_locks_nobody_else_out_and_cannot_hide(proxied: Service) -> None:
    """Each guess at another address, so that only the client's own is what is counted."""
    for number in range(MOST_FAILURES):
        guess = behind_proxy(proxied, ATTACKER, claimed=f"192.0.2.{number}")
        assert refused_words(guess, f"nobody-{number}@starlight.example", "a wrong guess")
    forged = behind_proxy(proxied, ATTACKER, claimed=HONEST)
    assert "many" in refused_words(forged, "zhao@starlight.example", PASSWORD)
    assert refused_words(behind_proxy(proxied, HONEST), "zhao@starlight.example", PASSWORD) == ""
