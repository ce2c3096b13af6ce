"""Reading a mailbox over IMAP: what is new in one folder, and waiting there for more (IDLE, RFC 2177)."""

import imaplib
import re
import select
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from aftercare.desk.mail.intake import LARGEST
from aftercare.kernel.outbound import Target, is_machines, is_public, pin

TIMEOUT_S = 30
UIDS_AT_ONCE = 50
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
UID = re.compile(rb"UID (\d+)")


class MailboxError(Exception):
    """The server will not do what was asked; the sentence is its own."""


@dataclass(frozen=True)
class Place:
    """Where a mailbox is read. `security` is tls, starttls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str = "INBOX"


class Pinned(imaplib.IMAP4):
    """IMAP to the one address that the name was resolved to; TLS is checked against the name."""

    def __init__(self, place: Place, timeout_s: float) -> None:
        allowed = is_machines if settings.PRIVATE_MAIL else is_public
        self.address = pin(Target("imap", place.host, place.port, ""), is_allowed=allowed).pinned
        self.is_tls = place.security == "tls"
        super().__init__(place.host, place.port, timeout=timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.address, self.port), timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) if self.is_tls else plain


class Mailbox:
    """One connection, its folder chosen read-only: nothing is marked, moved or deleted in anybody's mailbox."""

    def __init__(self, place: Place, *, timeout_s: float = TIMEOUT_S) -> None:
        """Connect, sign in, choose the folder.

        Raises MailboxError with the server's words, AddressError for a host that may not be called, OSError.
        """
        self.imap = Pinned(place, timeout_s)
        try:
            if place.security == "starttls":
                self.imap.starttls(ssl.create_default_context())
            self.imap.login(place.user, place.password)
            done, said = self.imap.select(quoted(place.folder), readonly=True)
            if done != "OK":
                raise MailboxError(words(said))
            self.uid_validity = int(words(self.imap.response("UIDVALIDITY")[1]) or 0)
        except imaplib.IMAP4.error as error:
            self.close()
            raise MailboxError(str(error)) from None
        except (MailboxError, OSError, ValueError):
            self.close()
            raise

    def newest_uid(self) -> int:
        """The highest UID in the folder, 0 in an empty one."""
        found = self.search("ALL")
        return max(found, default=0)

    def since(self, day: date) -> list[int]:
        """UIDs of mails that arrived on this day or later."""
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return self.search(f"SINCE {day.day:02d}-{months[day.month - 1]}-{day.year}")

    def after(self, uid: int) -> list[int]:
        """UIDs above this one, in order; a server answers `n:*` with the last one even where it is lower."""
        return sorted(found for found in self.search(f"UID {uid + 1}:*") if found > uid)

    def search(self, asked: str) -> list[int]:
        """UIDs that the server finds. Raises MailboxError, OSError."""
        done, said = self.call("SEARCH", None, asked)
        if done != "OK":
            raise MailboxError(words(said))
        return [int(one) for one in words(said).split()]

    def fetch(self, uid: int) -> bytes | None:
        """A mail's bytes, None where it is gone or larger than a mail may be."""
        done, said = self.call("FETCH", str(uid), "(UID RFC822.SIZE)")
        told = SIZE.search(b" ".join(part for part in said if isinstance(part, bytes)))
        if done != "OK" or told is None or int(told[1]) > LARGEST:
            return None
        done, said = self.call("FETCH", str(uid), "(UID BODY.PEEK[])")
        return next((bytes(part[1]) for part in said if isinstance(part, tuple)), None) if done == "OK" else None

    def call(self, *asked: str | None) -> tuple[str, list[bytes | tuple[bytes, bytes] | None]]:
        """A UID command. Raises MailboxError, OSError."""
        try:
            done, said = self.imap.uid(*(one for one in asked if one is not None))
        except imaplib.IMAP4.error as error:
            raise MailboxError(str(error)) from None
        return done, said

    def wait(self, seconds: float) -> bool:
        """Wait until the server tells of something, at most so long; whether it did.

        Without IDLE it just waits: the caller looks again. Raises MailboxError, OSError.
        """
        sock = self.imap.sock
        if "IDLE" not in self.imap.capabilities:
            select.select([sock], [], [], seconds)
            return True
        tag = self.imap._new_tag()
        self.imap.send(tag + b" IDLE\r\n")
        if not self.imap.readline().startswith(b"+"):
            raise MailboxError("IDLE")
        heard = self.pending() or bool(select.select([sock], [], [], seconds)[0])
        self.imap.send(b"DONE\r\n")
        while not (line := self.imap.readline()).startswith(tag):
            heard = heard or b"EXISTS" in line
            if not line:
                raise MailboxError("The server hung up.")
        return heard

    def pending(self) -> bool:
        """Whether TLS holds something that was read already and that a select would not see."""
        return isinstance(self.imap.sock, ssl.SSLSocket) and self.imap.sock.pending() > 0

    def close(self) -> None:
        """Hang up."""
        try:
            self.imap.logout()
        except (imaplib.IMAP4.error, OSError):
            self.imap.shutdown()


def quoted(name: str) -> str:
    """A folder's name as IMAP writes it."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def words(said: Sequence[bytes | tuple[bytes, bytes] | None]) -> str:
    """What the server said, as text."""
    return b" ".join(part for part in said if isinstance(part, bytes)).decode(errors="replace")
