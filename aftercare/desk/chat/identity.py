"""Who a visitor is, as the site's server says: a JSON Web Token signed with the widget's secret (HS256, RFC 7519)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.desk.models import ChatWidget
from aftercare.kernel.errors import Refused
from aftercare.kernel.sealing import seal, unseal

SEALED_FOR = "chat widget"
LEEWAY = timedelta(seconds=30)
# A token that leaks out of a page is worth something for a day at most.
LONGEST = timedelta(days=1)
LONGEST_TOKEN = 4000


@dataclass(frozen=True)
class Identity:
    """A visitor whose site vouches for them; `customer` is whom they ask for, `person` who of it they are with us."""

    subject: str
    name: str
    email: str
    customer: Customer
    person: User | None


def new_secret() -> tuple[str, str]:
    """A new signing secret of 256 bits: plain, and sealed as the widget keeps it."""
    plain = secrets.token_urlsafe(32)
    return plain, seal(settings.SECRET_KEY, SEALED_FOR, plain)


def read_identity(widget: ChatWidget, token: str, *, now: datetime) -> Identity:
    """The visitor that the token names. Raises Refused where it was not signed with this widget's secret, is over, or
    names nobody whom this widget is for.
    """
    claims = checked_claims(widget, token, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject.strip()) <= 120 or "\x00" in subject:
        raise Refused(_("The identity has no user id of 1 to 120 characters in its claim sub."))
    customer = customer_named(widget, claims)
    return Identity(
        subject=subject.strip(),
        name=text_of(claims, "name", 120),
        email=text_of(claims, "email", 254),
        customer=customer,
        person=person_named(customer, claims),
    )


def checked_claims(widget: ChatWidget, token: str, now: datetime) -> dict[str, Any]:
    """The token's claims, its signature and its end checked; the clock is ours, not the library's."""
    secret = unseal(settings.SECRET_KEY, SEALED_FOR, widget.secret)
    unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    try:
        if len(token) > LONGEST_TOKEN:
            raise jwt.InvalidTokenError
        claims: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=unchecked)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        raise Refused(_("The identity was not signed with this widget's secret.")) from None
    ends = claims.get("exp")
    if not isinstance(ends, int | float) or isinstance(ends, bool):
        raise Refused(_("The identity does not say when it ends: give it a claim exp."))
    if ends <= (now - LEEWAY).timestamp():
        raise Refused(_("The identity is over. Reload the page to get a new one."))
    if ends > (now + LONGEST + LEEWAY).timestamp():
        raise Refused(_("The identity would hold for longer than a day: let it end sooner."))
    return claims


def customer_named(widget: ChatWidget, claims: dict[str, Any]) -> Customer:
    """The widget's own customer; where it serves all of them, the one that the claims name, by ref or by person."""
    if widget.customer is not None:
        return widget.customer
    ref, email = text_of(claims, "customer", 16), text_of(claims, "person", 254).lower()
    if ref:
        found = Customer.objects.filter(ref=ref).first()
    else:
        user = User.objects.filter(email=email, is_active=True, customer__isnull=False).select_related("customer")
        person = user.first() if email else None
        found = person.customer if person else None
    if found is None:
        raise Refused(_("The identity names no customer of ours: give it a claim customer or person."))
    return found


def person_named(customer: Customer, claims: dict[str, Any]) -> User | None:
    """Who of this customer's people the visitor is, where the claims say so: never one of ours, never another's."""
    email = text_of(claims, "person", 254).lower()
    return User.objects.filter(email=email, customer=customer, is_active=True).first() if email else None


def text_of(claims: dict[str, Any], name: str, most: int) -> str:
    """A claim as one line of text; empty where it is missing or is none."""
    value = claims.get(name)
    return " ".join(value.replace("\x00", "").split())[:most] if isinstance(value, str) else ""
