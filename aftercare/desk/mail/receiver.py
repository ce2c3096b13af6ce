"""The built-in mail server: takes mail for our own mailboxes and for nobody else, and says 250 once it is kept."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections, connection

from aftercare.desk.mail.intake import LARGEST, keep_mail
from aftercare.desk.mail.mailboxes import list_mailboxes, mailbox_with
from aftercare.kernel.clock import utc_now

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # the library tells every line that it hears

WORKERS = 6
CONNECTIONS = 40
IDLE_S = 60
# Of one mail's envelope; a sender with more sends it again for the rest (RFC 5321 section 4.5.3.1.10 asks for 100).
RECIPIENTS = 100
LONGEST_LINE = 1 << 20
TOO_LARGE = f"552 5.3.4 This mail is larger than {LARGEST // (1024 * 1024)} MB. Send large files by a link."
NOT_OURS = "550 5.7.1 No mailbox of ours has this address, and we pass on mail for nobody else."
TOO_MANY = "452 4.5.3 Too many recipients at once. Send the rest in another transaction."
LATER = "451 4.3.0 The mail could not be kept just now. Try again later."
KEPT = "250 2.0.0 Kept."
Result = TypeVar("Result")


class Conversation(SMTP):
    """One connection, with our sentences and our bounds."""

    line_length_limit = LONGEST_LINE
    _unended = 0
    on_end: Callable[["Conversation"], None] | None = None

    def connection_lost(self, error: Exception | None) -> None:
        """The end, told to who counts."""
        super().connection_lost(error)
        if self.on_end is not None:
            self.on_end(self)

    async def push(self, status: str | bytes) -> Any:
        """Answer; what is too large is told in our words."""
        said = status.decode(errors="replace") if isinstance(status, bytes) else status
        return await super().push(TOO_LARGE if said.startswith("552") else said)

    def data_received(self, data: bytes) -> None:
        """Cut a line that never ends: the library would keep all of it."""
        end = data.rfind(b"\n")
        self._unended = len(data) - end - 1 if end >= 0 else self._unended + len(data)
        if self._unended > LARGEST:
            if isinstance(self.transport, asyncio.Transport) and not self.transport.is_closing():
                self.transport.write(f"{TOO_LARGE}\r\n".encode())
                self.transport.close()
            return
        super().data_received(data)


@dataclass
class Receiver:
    """aiosmtpd's handler. The database is asked in threads of its own, so that no mail holds up the next."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WORKERS, thread_name_prefix="mail"))

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Only our own mailboxes."""
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return TOO_MANY
        try:
            is_ours = await self.ask(lambda: mailbox_with(address, list_mailboxes()) is not None)
        except Exception:
            log.exception("a recipient could not be looked up")
            return LATER
        if not is_ours:
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ours."

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """250 when the mail is committed; what cannot be kept stays the sender's to send again."""
        raw = bytes(envelope.original_content or b"")
        if len(raw) > LARGEST:
            return TOO_LARGE
        try:
            await self.ask(lambda: keep(raw, envelope.mail_from or "", list(envelope.rcpt_tos)))
        except Exception:
            log.exception("a mail could not be kept")
            return LATER
        return KEPT

    async def ask(self, work: Callable[[], Result]) -> Result:
        """Run database work in a thread, and give its connection back."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, with_database, work)


def with_database(work: Callable[[], Result]) -> Result:
    """Run `work` with a connection that is alive, and return it to the pool."""
    close_old_connections()
    try:
        return work()
    finally:
        connection.close()


def keep(raw: bytes, return_path: str, recipients: list[str]) -> None:
    """Keep the mail for every mailbox of ours that it is for."""
    boxes = list_mailboxes()
    found = {box.pk: box for address in recipients if (box := mailbox_with(address, boxes))}
    keep_mail(raw=raw, accounts=found.values(), return_path=return_path, recipients=recipients, now=utc_now())


class MailDoor:
    """The listening socket on the event loop of `serve`."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.receiver = Receiver()
        self._server: asyncio.Server | None = None
        self._open: set[Conversation] = set()

    async def start(self) -> None:
        """Listen. Raises OSError where the address is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.greet, self.host, self.port)

    def greet(self) -> asyncio.Protocol:
        """A protocol for one connection; above CONNECTIONS it is told to come back."""
        if len(self._open) >= CONNECTIONS:
            return Full()
        made = Conversation(
            self.receiver,
            data_size_limit=LARGEST,
            timeout=IDLE_S,
            ident="Aftercare",
            enable_SMTPUTF8=True,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],  # nobody signs in here
        )
        made.on_end = self._open.discard
        self._open.add(made)
        return made

    def stop(self) -> None:
        """Take no more connections; who is in the middle of a mail sends it again."""
        if self._server is not None:
            self._server.close()
        for one in list(self._open):
            if one.transport is not None:
                one.transport.close()
        self.receiver.pool.shutdown(wait=False)


class Full(asyncio.Protocol):
    """Says that there is no room, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One line."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        transport.write(b"421 4.3.2 Too many connections. Try again in a minute.\r\n")
        transport.close()
