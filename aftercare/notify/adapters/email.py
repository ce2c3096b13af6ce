"""E-mail over SMTP."""

import smtplib
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_noop as _

from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, unknown

TIMEOUT_S = 5


def message_id_of(ref: str) -> str:
    """The Message-ID of a delivery: the same for every attempt, so that a mailbox may count them once."""
    host = urlsplit(settings.BASE_URL).hostname or "aftercare"
    return f"<{ref}@{host if '.' in host else host + '.aftercare'}>"


def send(envelope: Envelope) -> Outcome:
    """Hand the message to the mail server. Never raises."""
    if not settings.EMAIL_HOST:
        return permanent(_("No mail server is set up"), "AFTERCARE_SMTP_HOST")
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_S)
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        return permanent(_("The mail server refused our sign-in"), said(error.smtp_error))
    except (OSError, smtplib.SMTPException) as error:
        return temporary(_("The mail server cannot be reached"), str(error))
    message_id = message_id_of(envelope.ref)
    try:
        connection.send_messages([message_of(envelope, message_id)])
        return sent(message_id)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return by_code(code, text)
    except smtplib.SMTPResponseException as error:
        return by_code(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return unknown(_("The mail server broke off"), str(error))
    except ValueError as error:
        return permanent(_("The message cannot be written"), str(error))
    finally:
        connection.close()


def by_code(code: int, text: bytes | str) -> Outcome:
    """4xx may work later, 5xx never will (RFC 5321 section 4.2.1)."""
    detail = f"{code} {said(text)}"
    if 400 <= code < 500:
        return temporary(_("The mail server cannot take it now"), detail)
    return permanent(_("The mail server refused it"), detail)


def said(text: bytes | str) -> str:
    """What the server wrote, as text."""
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def message_of(envelope: Envelope, message_id: str) -> EmailMultiAlternatives:
    """The mail in the reader's language: plain text, and the same as modest HTML."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated", "X-Aftercare-Kind": envelope.kind}
    if envelope.repeat:
        headers["X-Aftercare-Repeat"] = "1"
    with translation.override(envelope.language):
        context = {"envelope": envelope, "sender": sender[0]}
        text = render_to_string("notify/mail.txt", context)
        html = render_to_string("notify/mail.html", context)
    subject = " ".join(envelope.title.split())
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [envelope.address], headers=headers)
    message.attach_alternative(html, "text/html")
    return message
