"""Answers to a message by mail, at the address that only this message carries (`mail_tags`).

That the reply comes from where the mail went is asked as well: mails are handed on.
"""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.notify.answering import COUNTED, NOT_UNDERSTOOD, SENTENCE_KIND, carry_out
from aftercare.notify.answers import can_be_answered
from aftercare.notify.envelope import language_of
from aftercare.notify.models import Channel, Delivery
from aftercare.notify.outbox import send
from aftercare.notify.reply_words import understood

# Two machines do not answer each other for ever.
SENTENCES_AT_MOST, SENTENCES_WITHIN = 5, timedelta(hours=1)


def answer_by_mail(*, delivery: Delivery, sender: str, text: str, now: datetime) -> bool:
    """Take a mail's first line as an answer, as a text message would be, and tell its writer what became of it;
    whether it came from whom we wrote to.
    """
    if sender.lower() != delivery.address.lower() or not can_be_answered(delivery.data):
        return False
    line = next((line for line in text.splitlines() if line.strip()), "")
    with translation.override(language_of(delivery.user)):
        said = understood(line)
        words = _(NOT_UNDERSTOOD) if said is None else carry_out(delivery, said, now)
        title = words or _(COUNTED)
    lately = Delivery.objects.filter(
        kind=SENTENCE_KIND, address=delivery.address, created_at__gt=now - SENTENCES_WITHIN
    )
    if lately.count() < SENTENCES_AT_MOST:
        send(
            user=delivery.user,
            channel=Channel.EMAIL,
            address=delivery.address,
            kind=SENTENCE_KIND,
            subject_ref=delivery.subject_ref,
            title=title,
            url_path=delivery.url_path,
            now=now,
        )
    return True
