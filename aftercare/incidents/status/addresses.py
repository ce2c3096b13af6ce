"""The addresses of pages and of their subscribers: made by a keyed hash, so that neither a guess nor a copy of the
database tells one.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from django.conf import settings

from aftercare.incidents.models import StatusPage, Subscription
from aftercare.kernel.signing import is_signed, sign

PAGE, SUBSCRIPTION, WEBHOOK = "status-page", "status-subscription", "status-webhook"
PUBLIC = "public"
PRIVATE = "p"


def key() -> bytes:
    """The installation's own."""
    return settings.SECRET_KEY.encode()


def secret_of(page: StatusPage) -> str:
    """What a private page's address ends with: 128 bits, another for each edition."""
    return sign(key(), PAGE, f"{page.ref} {page.edition}")


def folder_of(page: StatusPage) -> Path:
    """Where its files are."""
    if page.customer_id is None:
        return settings.STATUS_DIR / PUBLIC
    return settings.STATUS_DIR / PRIVATE / secret_of(page)


def path_of(page: StatusPage) -> str:
    """Its path under the base address."""
    return f"/status/{PUBLIC}/" if page.customer_id is None else f"/status/{PRIVATE}/{secret_of(page)}/"


def url_of(page: StatusPage) -> str:
    """Its whole address."""
    return settings.BASE_URL + path_of(page)


def door_of(page: StatusPage) -> str:
    """What its form of subscription names it by: a private page's secret must be known."""
    return PUBLIC if page.customer_id is None else f"{page.ref}.{secret_of(page)}"


def page_behind(door: str) -> StatusPage | None:
    """The open page that a form names; None for a stranger's guess and for an address that was taken back."""
    open_pages = StatusPage.objects.filter(is_open=True)
    if door == PUBLIC:
        return open_pages.filter(customer=None).first()
    ref, _dot, secret = door[:80].partition(".")
    page = open_pages.filter(ref=ref, customer__isnull=False).first()
    edition = page.edition if page else 0
    return page if is_signed(key(), PAGE, f"{ref} {edition}", secret) and page else None


def link_of(subscription: Subscription) -> str:
    """The path at which a subscription is confirmed, looked at and ended, without signing in."""
    return f"/subscriptions/{subscription.ref}/{sign(key(), SUBSCRIPTION, subscription.ref)}"


def subscription_behind(ref: str, signature: str) -> Subscription | None:
    """The subscription of a link; None for a guess."""
    if not is_signed(key(), SUBSCRIPTION, ref, signature):
        return None
    return Subscription.objects.select_related("page__customer").filter(ref=ref).first()


def webhook_secret_of(subscription: Subscription) -> str:
    """What signs the messages to a subscriber's program, as Standard Webhooks has it."""
    digest = hmac.digest(key(), f"{WEBHOOK}\n{subscription.ref}".encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(digest).decode()
