"""E-mail over SMTP."""

import smtplib
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_noop as _

from aftercare.kernel.outbound import AddressError
from aftercare.notify.adapters.servers import server_for
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, unknown


def message_id_of(ref: str, token: str = "") -> str:
    """The Message-ID of a delivery: the same for every attempt, so that a mailbox may count them once.

    `token` is what a room above knows its conversation by, when an answer names this identifier.
    """
    host = urlsplit(settings.BASE_URL).hostname or "aftercare"
    return f"<{ref}{'.' if token else ''}{token}@{host if '.' in host else host + '.aftercare'}>"


def send(envelope: Envelope) -> Outcome:
    """Hand the message to the mail server. Never raises."""
    connection = server_for(envelope)
    if connection is None:
        return permanent(_("No mail server is set up"), "AFTERCARE_SMTP_HOST")
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        return permanent(_("The mail server refused our sign-in"), said(error.smtp_error))
    except AddressError as error:
        return permanent(_("The mail server's address is not one that may be called"), error.wrong.value)
    except (OSError, smtplib.SMTPException) as error:
        connection.close()
        return temporary(_("The mail server cannot be reached"), str(error))
    message_id = message_id_of(envelope.ref, thread_of(envelope).get("token", ""))
    try:
        connection.send_messages([message_of(envelope, message_id)])
        return sent(message_id)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return by_code(code, text)
    except smtplib.SMTPResponseException as error:
        return by_code(error.smtp_code, error.smtp_error)
    except FileNotFoundError as error:
        return permanent(_("A file of the message is not there"), str(error.filename))
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


def thread_of(envelope: Envelope) -> dict[str, Any]:
    """What a room above says of the mail's conversation; empty for what is none.

    `token`, `reply_to`, `in_reply_to`, `references`, `cc`, `files` (each `name`, `type`, `path`), `speaker`,
    `is_automatic`, `language`.
    """
    thread: dict[str, Any] = envelope.data.get("mail") or {}
    return thread


def message_of(envelope: Envelope, message_id: str) -> EmailMultiAlternatives:
    """The mail in the reader's language: plain text, and the same as modest HTML."""
    thread = thread_of(envelope)
    default = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = (thread.get("speaker") or default[0], envelope.account.config["address"]) if envelope.account else default
    template = "notify/letter" if envelope.account else "notify/mail"
    with translation.override(thread.get("language") or envelope.language):
        context = {"envelope": envelope, "sender": sender[0]}
        text = render_to_string(f"{template}.txt", context)
        html = render_to_string(f"{template}.html", context)
    message = EmailMultiAlternatives(
        " ".join(envelope.title.split()),
        text,
        formataddr((" ".join(sender[0].split()), sender[1])),
        [envelope.address],
        cc=thread.get("cc", []),
        headers=headers_of(envelope, message_id),
    )
    message.attach_alternative(html, "text/html")
    for file in thread.get("files", []):
        message.attach(file["name"], Path(file["path"]).read_bytes(), file["type"])
    return message


def headers_of(envelope: Envelope, message_id: str) -> dict[str, str]:
    """Identifiers of the thread, and whether a machine wrote it: a person's answer must not be taken for one."""
    thread = thread_of(envelope)
    headers = {"Message-ID": message_id, "X-Aftercare-Kind": envelope.kind}
    if envelope.account is None:
        headers["Auto-Submitted"] = "auto-generated"
    elif thread.get("is_automatic"):
        headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if thread.get("reply_to"):
        headers["Reply-To"] = thread["reply_to"]
    if thread.get("in_reply_to"):
        headers |= {"In-Reply-To": thread["in_reply_to"], "References": " ".join(thread["references"])}
    if envelope.unsubscribe:  # RFC 8058
        headers |= {"List-Unsubscribe": f"<{envelope.unsubscribe}>"}
        headers |= {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if envelope.repeat:
        headers["X-Aftercare-Repeat"] = "1"
    return headers
