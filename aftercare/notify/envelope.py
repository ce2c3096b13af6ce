"""What an adapter needs to know of one delivery: plain values, so that threads never touch the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.sealing import seal, unseal
from aftercare.notify.answers import one_time_mark
from aftercare.notify.leaving import links_of
from aftercare.notify.mail_tags import reply_address
from aftercare.notify.models import CODE_KIND, Account, Delivery, Vendor
from aftercare.notify.reach import TO_PERSON

SEALED_FOR = "notify account"
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - where an account keeps what its webhooks are signed with


@dataclass(frozen=True)
class Credentials:
    """An account with a vendor, opened: what its adapter needs to speak."""

    ref: str
    config: dict[str, Any]
    secrets: dict[str, str]
    vendor: str = ""


@dataclass(frozen=True)
class Envelope:
    """One attempt to send one delivery; `at` is the instant it was claimed."""

    ref: str
    channel: str
    address: str
    secret: str
    kind: str
    subject_ref: str
    title: str
    body: str
    url: str
    secret_url: str
    urgency: str
    repeat: bool
    language: str
    data: dict[str, Any]
    at: datetime
    account: Credentials | None = None
    is_event: bool = False  # for a program: `data` is the whole of what it is told
    unsubscribe: str = ""  # where a reader who does not sign in ends it
    callback: str = ""  # where a vendor tells what became of it, with the mark that lets it answer once

    @property
    def is_personal(self) -> bool:
        """Whether it goes to one person through the account, not into a chat."""
        return bool(self.data.get("to") == TO_PERSON)

    @property
    def loudness(self) -> str:
        """How it is made urgent where the channel can; a code never is."""
        return "" if self.kind == CODE_KIND else str(self.data.get("loudness", ""))


def envelope_of(delivery: Delivery, now: datetime) -> Envelope:
    """The envelope of a claimed row, its title saying "repeat" in the reader's language where it is one.

    A chat's language is in the row's `data`; a person's is their own.
    """
    language = str(delivery.data.get("language") or language_of(delivery.user))
    account = credentials_of(delivery.account) if delivery.account else None
    links = links_of(delivery)
    return Envelope(
        ref=delivery.ref,
        channel=delivery.channel,
        address=delivery.address,
        secret=links.secret if links else secret_of(delivery, account),
        kind=delivery.kind,
        subject_ref=delivery.subject_ref,
        title=title_of(delivery, language),
        body=body_of(delivery, language),
        url=links.url if links else settings.BASE_URL + delivery.url_path,
        unsubscribe=links.unsubscribe if links else "",
        secret_url=delivery.secret_url,
        urgency=delivery.urgency,
        repeat=delivery.repeat,
        language=language,
        data=data_of(delivery),
        at=now,
        account=account,
        is_event=delivery.endpoint_id is not None,
        callback=callback_of(delivery),
    )


def data_of(delivery: Delivery) -> dict[str, Any]:
    """What the row keeps, and of a mail that can be answered the address for replies."""
    address = reply_address(delivery)
    return {**delivery.data, "mail": {"reply_to": address}} if address else delivery.data


def callback_of(delivery: Delivery) -> str:
    """Where Twilio tells of this message; the others have one address for an account."""
    if delivery.account is None or delivery.account.vendor != Vendor.TWILIO:
        return ""
    path = reverse("notify:twilio_delivery", args=[delivery.account.ref, one_time_mark(delivery.ref)])
    return settings.BASE_URL + path


def secret_of(delivery: Delivery, account: Credentials | None) -> str:
    """What signs a webhook: the secret of its endpoint, of its contact method, or of the account it speaks for."""
    holder = delivery.endpoint or delivery.contact
    if holder is not None:
        return holder.secret
    return account.secrets.get(WEBHOOK_SECRET, "") if account else ""


def credentials_of(account: Account) -> Credentials:
    """The account with its secrets unsealed. Raises InvalidToken where they were sealed by another installation."""
    opened = unseal(settings.SECRET_KEY, SEALED_FOR, account.secrets) if account.secrets else "{}"
    return Credentials(account.ref, account.config, json.loads(opened), account.vendor)


def sealed(secrets: Mapping[str, str]) -> str:
    """Secrets as `Account.secrets` keeps them."""
    return seal(settings.SECRET_KEY, SEALED_FOR, json.dumps(dict(secrets)))


def language_of(user: User | None) -> str:
    """What somebody is written to in: their own language, else their company's, else ours."""
    if user is None:
        return settings.LANGUAGE_CODE
    return user.language or (user.customer.language if user.customer else "") or settings.LANGUAGE_CODE


def title_of(delivery: Delivery, language: str) -> str:
    """The title in this language's words, marked when the message goes out again or tells of several things."""
    title = delivery.title
    if not (delivery.together or delivery.repeat):
        return title
    with translation.override(language):
        if delivery.together:
            title = _("%(count)s at once: %(title)s") % {"count": 1 + len(delivery.together), "title": title}
        return _("Repeat: %(title)s") % {"title": title} if delivery.repeat else title


def body_of(delivery: Delivery, language: str) -> str:
    """The body, and under it what else the message tells of, a line each."""
    if not delivery.together:
        return delivery.body
    with translation.override(language):
        also = _("At the same time:")
    return "\n".join([delivery.body, "", also, *(f"· {other.title}" for other in delivery.together)]).strip()
