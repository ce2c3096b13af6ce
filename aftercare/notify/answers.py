"""The marks by which an answer to a message is known, wherever it comes back: on a key, in a reply, on a button.

Whoever answers is the person whom the message was sent to, never whoever the vendor's call names: a mark that only that
message carries says which it was (`answering`).
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from aftercare.kernel.signing import is_signed, sign
from aftercare.notify.models import Account, Answer, Channel, Delivery

PURPOSE = "contact-answer"
INBOUND = "contact-inbound"
ANSWERABLE = "answerable"
# Whom the message may be handed over to by a button: pairs of ref and name, which whoever writes it chooses.
PEOPLE = "people"
KEYS = {"1": Answer.TAKE, "2": Answer.PASS_ON, "4": Answer.RESOLVE}


def can_be_answered(data: Mapping[str, Any]) -> bool:
    """Whether whoever wrote the message wants answers to it."""
    return bool(data.get(ANSWERABLE))


def one_time_mark(ref: str) -> str:
    """What a message carries so that an answer to it is known: `<ref>.<signature>`."""
    return f"{ref}.{sign(settings.SECRET_KEY.encode(), PURPOSE, ref)}"


def delivery_of(mark: str) -> Delivery | None:
    """The message whose mark this is; None for one that was made by somebody else, or is too old."""
    ref, _dot, signature = mark.partition(".")
    if not is_signed(settings.SECRET_KEY.encode(), PURPOSE, ref, signature):
        return None
    return Delivery.objects.filter(ref=ref).select_related("contact", "user").first()


def button(ref: str, answer: str, place: int | None = None) -> str:
    """What a button in a chat gives back: at most 64 bytes, which is what Telegram takes. `place` is that of the person
    whom it hands over to, among the message's PEOPLE."""
    return f"{answer}{'' if place is None else place}:{one_time_mark(ref)}"


def buttons_of(ref: str, data: Mapping[str, Any]) -> list[tuple[Answer, str, str]]:
    """The buttons of a message: what each answers, what it gives back, and the name of whom it hands over to."""
    plain = [(one, button(ref, one), "") for one in Answer if one is not Answer.HAND_OVER]
    people = [str(name) for _ref, name in data.get(PEOPLE) or []]
    return plain + [(Answer.HAND_OVER, button(ref, Answer.HAND_OVER, n), name) for n, name in enumerate(people)]


def reply_code(ref: str) -> str:
    """Three digits by which a reply names its message, behind the 1, 2, 3 or 4."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{PURPOSE} reply\n{ref}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:4]) % 1000:03}"


def inbound_token(account: Account) -> str:
    """The part of an address that a vendor is told and nobody else, for those who sign nothing."""
    return sign(settings.SECRET_KEY.encode(), INBOUND, account.ref)


def is_inbound(account: Account, token: str) -> bool:
    """Whether this is the account's own (constant time)."""
    return is_signed(settings.SECRET_KEY.encode(), INBOUND, account.ref, token)


def inbound_path(account: Account) -> str:
    """Where the account's vendor brings receipts and replies; empty for one that brings none."""
    if account.vendor == "twilio":
        return reverse("notify:twilio_message", args=[account.ref]) if account.channel == "sms" else ""
    if account.channel == Channel.WECOM:
        return reverse("notify:wecom_app", args=[account.ref])
    return reverse("notify:ring_receipts", args=[account.ref, inbound_token(account)]) if account.vendor else ""
