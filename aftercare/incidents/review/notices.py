"""Routine words to one of our own people: in the console, and by mail where the installation sends any."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import translation

from aftercare.accounts.models import User
from aftercare.notify import actions as notify
from aftercare.notify.models import Channel


def tell(
    person: User, *, kind: str, subject_ref: str, words: Callable[[], tuple[str, str]], url_path: str, now: datetime
) -> None:
    """Title and body, out of `words`, in the person's language. Writes rows in the caller's transaction."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        title, body = words()
    notify.push(user=person, kind=kind, subject_ref=subject_ref, title=title, body=body, url_path=url_path, now=now)
    if settings.EMAIL_HOST:
        notify.send(
            user=person,
            channel=Channel.EMAIL,
            address=person.email,
            kind=kind,
            subject_ref=subject_ref,
            title=title,
            body=body,
            url_path=url_path,
            now=now,
        )
