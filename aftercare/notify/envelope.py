"""What an adapter needs to know of one delivery: plain values, so that threads never touch the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.notify.models import Delivery


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
    urgency: str
    repeat: bool
    language: str
    data: dict[str, Any]
    at: datetime


def envelope_of(delivery: Delivery, now: datetime) -> Envelope:
    """The envelope of a claimed row, its title saying "repeat" in the reader's language where it is one."""
    language = (delivery.user.language if delivery.user else "") or settings.LANGUAGE_CODE
    return Envelope(
        ref=delivery.ref,
        channel=delivery.channel,
        address=delivery.address,
        secret=delivery.contact.secret if delivery.contact else "",
        kind=delivery.kind,
        subject_ref=delivery.subject_ref,
        title=title_of(delivery, language),
        body=delivery.body,
        url=settings.BASE_URL + delivery.url_path,
        urgency=delivery.urgency,
        repeat=delivery.repeat,
        language=language,
        data=delivery.data,
        at=now,
    )


def title_of(delivery: Delivery, language: str) -> str:
    """The title in this language's words, marked when the message goes out again."""
    if not delivery.repeat:
        return delivery.title
    with translation.override(language):
        return _("Repeat: %(title)s") % {"title": delivery.title}
