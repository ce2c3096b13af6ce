"""E-mail through a real SMTP exchange at loopback."""

from typing import Any

import pytest
from django.test import override_settings

from aftercare.notify.adapters import email
from aftercare.notify.adapters.email import message_id_of
from aftercare.notify.outcome import Verdict
from aftercare.notify.tests.mailbox import Mailbox
from aftercare.notify.tests.test_webhook import envelope


def mail(**more: Any) -> Any:
    return envelope("lin@provider.example", channel="email", **more)


def test_it_works(mailbox: Mailbox) -> None:
    link = "http://127.0.0.1/p/x/y"
    outcome = email.send(mail(body="Red, since 12:00.", data={"acknowledge_url": link}))
    message = mailbox.mails.pop()
    assert (outcome.verdict, outcome.provider_message_id) == (Verdict.SENT, message_id_of("abc123"))
    assert message["Subject"] == "卡顿率 6%"
    assert message["Message-ID"] == message_id_of("abc123"), "the same for every attempt"
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Red, since 12:00." in text and f"Acknowledge: {link}" in text
    assert link in message.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_repeat_says_so_in_the_readers_language(mailbox: Mailbox) -> None:
    email.send(mail(repeat=True, title="重复：卡顿率 6%", language="zh-hans"))
    message = mailbox.mails.pop()
    assert message["X-Aftercare-Repeat"] == "1"
    assert "可能已经发给过你" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_title_cannot_add_headers(mailbox: Mailbox) -> None:
    email.send(mail(title="Freeze\r\nBcc: victim@example.com"))
    message = mailbox.mails.pop()
    assert message["Bcc"] is None
    assert message["Subject"] == "Freeze Bcc: victim@example.com"


def test_an_address_cannot_add_headers(mailbox: Mailbox) -> None:
    outcome = email.send(envelope("a@b.example\nBcc: victim@example.com", channel="email"))
    assert outcome.verdict is Verdict.PERMANENT


@pytest.mark.parametrize(
    ("answer", "recipient_answer", "verdict"),
    [
        ("451 later", "250 OK", Verdict.TEMPORARY),
        ("554 never", "250 OK", Verdict.PERMANENT),
        ("250 OK", "450 later", Verdict.TEMPORARY),
        ("250 OK", "550 no such person", Verdict.PERMANENT),
    ],
)
def test_what_the_server_says(mailbox: Mailbox, answer: str, recipient_answer: str, verdict: Verdict) -> None:
    mailbox.answer, mailbox.recipient_answer = answer, recipient_answer
    assert email.send(mail()).verdict is verdict


def test_no_server_is_said_plainly() -> None:
    with override_settings(EMAIL_HOST=""):
        assert email.send(mail()).error == "No mail server is set up: AFTERCARE_SMTP_HOST"
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=9):
        assert email.send(mail()).verdict is Verdict.TEMPORARY
