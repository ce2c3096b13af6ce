"""Answering from where a message was read or heard: a key on the phone, a reply, a button in a chat.

Whoever answers is the person whom the message was sent to, never whoever the vendor's call names: a mark that only that
message carries says which it was. What the answer does is for the room that wrote the message.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from aftercare.kernel import events
from aftercare.kernel.signing import is_signed, sign
from aftercare.notify.events import ContactAnswered
from aftercare.notify.models import Account, Answer, ContactAnswer, Delivery, State

PURPOSE = "contact-answer"
INBOUND = "contact-inbound"
ANSWERABLE = "answerable"
VALID_FOR = timedelta(days=7)
# How long a plain "1" may be about the newest message: after a day nobody knows what it answers.
REPLIES_FOR = timedelta(hours=24)
KEYS = {"1": Answer.TAKE, "2": Answer.PASS_ON}


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


def button(ref: str, answer: str) -> str:
    """What a button in a chat gives back: at most 64 bytes, which is what Telegram takes."""
    return f"{answer}:{one_time_mark(ref)}"


def reply_code(ref: str) -> str:
    """Three digits by which a reply names its message, behind the 1 or the 2."""
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
    return reverse("notify:ring_receipts", args=[account.ref, inbound_token(account)]) if account.vendor else ""


@transaction.atomic
def take_answer(*, delivery: Delivery, answer: str, now: datetime) -> bool:
    """Keep an answer and tell the rooms above; whether it was new. Each counts once, whoever repeats it.

    An answer to a message that told of several things is about all of them.
    """
    for other in delivery.bundled.exclude(pk=delivery.pk).order_by("subject_ref"):
        take_answer(delivery=other, answer=answer, now=now)
    if not can_be_answered(delivery.data) or now - delivery.created_at > VALID_FOR or delivery.user_id is None:
        return False
    _kept, is_new = ContactAnswer.objects.get_or_create(delivery=delivery, answer=Answer(answer), defaults={"at": now})
    if is_new:
        events.publish(
            ContactAnswered(delivery.pk, delivery.subject_ref, delivery.user_id, delivery.channel, answer, now)
        )
    return is_new


def press(*, account: Account, pressed: str, by: str, now: datetime) -> bool:
    """A button was pressed in one of the account's chats, by the person with this id there; whether it counted.

    A stranger's press, a forged one and one from another account's chat do nothing.
    """
    answer, _colon, mark = pressed.partition(":")
    delivery = delivery_of(mark) if answer in Answer.values else None
    if delivery is None or delivery.account_id != account.pk or not is_theirs(delivery, by):
        return False
    return take_answer(delivery=delivery, answer=answer, now=now)


def is_theirs(delivery: Delivery, by: str) -> bool:
    """Whether this id is the receiver's. Where a number or a mail address was written to, the vendor told the id."""
    _message, _bar, told = delivery.provider_message_id.partition("|")
    return bool(by) and hmac.compare_digest((told or delivery.address).encode(), by.encode())


def reply(*, account: Account, address: str, text: str, now: datetime) -> bool:
    """A text came back from a number: `1` takes, `2` passes on, with the message's code behind it where several wait.

    Whether it was understood. A number that nothing was sent to says nothing here.
    """
    said = "".join(text.split())[:8]
    answer, code = KEYS.get(said[:1]), said[1:]
    if answer is None or (code and not (len(code) == 3 and code.isdecimal())):
        return False
    waiting = Delivery.objects.filter(
        account=account,
        address=address,
        created_at__gt=now - REPLIES_FOR,
        state__in=[State.SENT, State.SENDING],
        bundle=None,  # what was told of together is answered by the one that spoke
    )
    open_ones = [row for row in waiting.order_by("-id")[:50] if can_be_answered(row.data)]
    if code:
        open_ones = [row for row in open_ones if reply_code(row.ref) == code]
    about = {row.subject_ref for row in open_ones if code or not row.answers.exists()}
    meant = next((row for row in open_ones if row.subject_ref in about), None)
    if meant is None or len(about) != 1:
        return False
    take_answer(delivery=meant, answer=answer, now=now)
    return True
