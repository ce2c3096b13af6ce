"""The mail server that a message is handed to: the installation's, or an account's own."""

import smtplib
import socket
import ssl
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from aftercare.kernel.outbound import Target, is_machines, is_public, pin
from aftercare.notify.envelope import Credentials, Envelope

TIMEOUT_S = 5


class MailServer(Protocol):
    """What an adapter needs of one: Django's backend has it."""

    def open(self) -> Any:
        """Connect and sign in."""

    def send_messages(self, email_messages: list[EmailMessage]) -> Any:
        """Hand these over."""

    def close(self) -> None:
        """Say goodbye."""


def server_for(envelope: Envelope) -> MailServer | None:
    """Who takes the envelope; None where no mail server is set up."""
    account = envelope.account
    if account is not None and account.config.get("smtp_host"):
        return AccountServer(account)
    if not settings.EMAIL_HOST:
        return None
    return get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_S)


class AccountServer:
    """An account's own server. Its host is typed by a person: public, unless `AFTERCARE_ALLOW_PRIVATE_MAIL` is set."""

    def __init__(self, account: Credentials) -> None:
        self.account = account
        self.smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, secure and sign in. Raises OSError (AddressError is told as one) or SMTPException."""
        config, secrets = self.account.config, self.account.secrets
        host, port = str(config["smtp_host"]), int(config.get("smtp_port") or 587)
        allowed = is_machines if settings.PRIVATE_MAIL else is_public
        target = pin(Target("smtp", host, port, ""), is_allowed=allowed)
        security = config.get("smtp_security", "starttls")
        smtp = (PinnedTLS if security == "tls" else Pinned)(target.pinned)
        smtp.connect_to(host, port)
        self.smtp = smtp
        if security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if config.get("smtp_user"):
            smtp.login(str(config["smtp_user"]), secrets.get("smtp_password", ""))

    def send_messages(self, email_messages: list[EmailMessage]) -> None:
        """Hand these over, each to all its recipients. Raises OSError or SMTPException."""
        assert self.smtp is not None  # noqa: S101
        for message in email_messages:
            self.smtp.sendmail(
                self.account.config["address"],
                message.recipients(),
                message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg]  # Django's own
            )

    def close(self) -> None:
        """Say goodbye; an end of the connection is as good."""
        if self.smtp is not None:
            try:
                self.smtp.quit()
            except (OSError, smtplib.SMTPException):
                self.smtp.close()


class Pinned(smtplib.SMTP):
    """SMTP to the one address that the name was resolved to; TLS is checked against the name."""

    def __init__(self, address: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self.address = address

    def connect_to(self, host: str, port: int) -> None:
        """Connect and hear the greeting. Raises SMTPConnectError where it is none."""
        self._host = host
        code, said = self.connect(host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self.address, port), timeout)


class PinnedTLS(Pinned):
    """The same, secured from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
