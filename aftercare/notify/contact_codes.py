"""Proving an address by a code: six digits, ten minutes, five tries, and only so many in a day.

The code itself is in no row that anybody is shown: the contact keeps its keyed hash, the delivery forgets it once it is
sent.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.kernel.errors import Refused
from aftercare.notify.contacts import confirm_contact, keep_record
from aftercare.notify.models import CODE_KIND, RINGING, Channel, ContactMethod, Delivery
from aftercare.notify.outbox import drop_pending, send
from aftercare.notify.tokens import confirmation_path

DIGITS = 6
VALID_FOR = timedelta(minutes=10)
TRIES = 5
# What Aliyun allows of codes to one number; we ask it of every channel, and of each person in all.
TO_ONE_ADDRESS = ((60, 1), (3600, 5), (86_400, 10))
OF_ONE_PERSON = ((3600, 10), (86_400, 20))
TEST_KIND = "contact.test"
TRIALS = (CODE_KIND, TEST_KIND)
NEWER = gettext_noop("A newer code took its place.")


def needs_code(contact: ContactMethod) -> bool:
    """Whether this address is proved by a code."""
    return contact.channel in RINGING and not contact.verified


@transaction.atomic
def send_test(*, contact: ContactMethod, now: datetime) -> Delivery:
    """Send a test to one contact method; to an address not yet confirmed it carries the link or the code that confirms.

    Raises Refused where too many were sent.
    """
    if needs_code(contact):
        return send_code(contact=contact, now=now)
    if contact.channel in RINGING:
        check_often(contact, now)
    wants_proof = contact.channel == Channel.EMAIL and not contact.verified
    path = confirmation_path(contact) if wants_proof else "/settings/contacts"
    with translation.override(contact.user.language or settings.LANGUAGE_CODE):
        title = _("Test message from Aftercare")
        body = _("If you can read this, pages will reach you here.")
        if wants_proof:
            body = _("Open the link below to confirm that this address is yours. Until then no page goes to it.")
    keep_record("contact.test", contact, contact.user, now)
    return send(
        user=contact.user,
        contact=contact,
        channel=contact.channel,
        address=contact.address,
        kind=TEST_KIND,
        subject_ref=contact.ref,
        title=title,
        body=body,
        url_path=path,
        now=now,
    )


@transaction.atomic
def send_code(*, contact: ContactMethod, now: datetime) -> Delivery:
    """Send a new code, in whose favour the earlier one ends. Raises Refused where too many were sent."""
    row = ContactMethod.objects.select_for_update(of=("self",)).select_related("user__customer").get(pk=contact.pk)
    check_often(row, now)
    drop_pending(subject_ref=row.ref, kind=CODE_KIND, reason=NEWER)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row.code_hash, row.code_until, row.code_tries = hash_of(row, code), now + VALID_FOR, 0
    row.save(update_fields=["code_hash", "code_until", "code_tries"])
    with translation.override(row.user.language or settings.LANGUAGE_CODE):
        title, body = _("Your code for Aftercare"), _("It holds for ten minutes. Tell it to nobody.")
    keep_record("contact.test", row, row.user, now)
    return send(
        user=row.user,
        contact=row,
        channel=row.channel,
        address=row.address,
        kind=CODE_KIND,
        subject_ref=row.ref,
        title=title,
        body=body,
        secret_url=code,
        url_path="/settings/contacts",
        now=now,
    )


def check_often(contact: ContactMethod, now: datetime) -> None:
    """Refuse more codes and tests than TO_ONE_ADDRESS and OF_ONE_PERSON, whoever asks for them."""
    trials = Delivery.objects.filter(kind__in=TRIALS, created_at__gt=now - timedelta(days=1))
    there = list(trials.filter(channel=contact.channel, address=contact.address).values_list("created_at", flat=True))
    mine = list(trials.filter(user=contact.user, channel__in=RINGING).values_list("created_at", flat=True))
    for times, limits in ((there, TO_ONE_ADDRESS), (mine, OF_ONE_PERSON)):
        for seconds, count in limits:
            if count_since(times, now - timedelta(seconds=seconds)) >= count:
                raise Refused(_("Too many tests were sent. Wait a while, then ask for one again."))


def count_since(times: Iterable[datetime], since: datetime) -> int:
    """How many of these are later."""
    return sum(at > since for at in times)


def confirm_by_code(*, contact: ContactMethod, typed: str, now: datetime) -> None:
    """The person has read the code: pages go there from now on. A wrong one uses up a try, and that is kept.

    Raises Refused for a code that is wrong, over, or tried too often.
    """
    refusal = try_code(contact, "".join(typed.split()), now)
    if refusal:
        raise Refused(refusal)


@transaction.atomic
def try_code(contact: ContactMethod, typed: str, now: datetime) -> str:
    """Count one try; the sentence that refuses it, empty where the code is right."""
    row = ContactMethod.objects.select_for_update(of=("self",)).select_related("user").get(pk=contact.pk)
    if not row.code_hash or row.code_until is None or now >= row.code_until:
        return _("This code is over. Ask for a new one.")
    if row.code_tries >= TRIES:
        return _("This code was tried too often. Ask for a new one.")
    if not hmac.compare_digest(row.code_hash, hash_of(row, typed)):
        row.code_tries += 1
        row.save(update_fields=["code_tries"])
        return _("This is not the code that was sent.")
    row.code_hash, row.code_until, row.code_tries = "", None, 0
    row.save(update_fields=["code_hash", "code_until", "code_tries"])
    confirm_contact(contact=row, now=now)
    return ""


def hash_of(contact: ContactMethod, code: str) -> str:
    """What is kept of a code: valid for this row and this address alone."""
    text = f"contact-code\n{contact.ref}\n{contact.address}\n{code}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hex()
