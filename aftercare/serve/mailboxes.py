"""Keeping an eye on every mailbox that is read over IMAP: a thread each, connected again for as long as it takes."""

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, close_old_connections, connections

from aftercare.desk.mail.fetching import fetch_new, place_of
from aftercare.desk.mail.imap import Mailbox, MailboxError
from aftercare.kernel.clock import utc_now
from aftercare.kernel.outbound import AddressError
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify.models import Account, Channel

log = logging.getLogger(__name__)

WAIT_S = 20.0  # a server may end an IDLE after 30 minutes; a dead connection is noticed much sooner
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0
MOST_MAILBOXES = 30


class MailboxWatch:
    """Begins a thread for every mailbox in use that has an IMAP host, and ends it when the mailbox changes."""

    def __init__(self) -> None:
        self._watchers: dict[int, Watcher] = {}

    def process_due(self, now: datetime) -> int:
        """Begin and end threads as the settings say; returns how many are at work."""
        wanted = {
            account.pk: account
            for account in Account.objects.filter(channel=Channel.EMAIL, enabled=True).order_by("pk")[:MOST_MAILBOXES]
            if account.config.get("imap_host")
        }
        for pk, watcher in list(self._watchers.items()):
            if pk not in wanted or watcher.settings != settings_of(wanted[pk]):
                watcher.stop()
                del self._watchers[pk]
        for pk, account in wanted.items():
            if pk not in self._watchers:
                self._watchers[pk] = Watcher(account)
                self._watchers[pk].start()
        return len(self._watchers)

    def stop(self) -> None:
        """End them all; each may finish the mail it has in hand."""
        for watcher in self._watchers.values():
            watcher.stop()


def settings_of(account: Account) -> tuple[str, str]:
    """What a change of means a new connection."""
    return repr(sorted(account.config.items())), account.secrets


class Watcher(threading.Thread):
    """One mailbox: connect, take what is new, wait for more."""

    def __init__(self, account: Account) -> None:
        super().__init__(name=f"mailbox-{account.ref}", daemon=True)
        self.account = account
        self.settings = settings_of(account)
        self._stopping = threading.Event()
        self._failures = 0

    def stop(self) -> None:
        """End at the next turn."""
        self._stopping.set()

    def run(self) -> None:
        """Until stopped."""
        while not self._stopping.is_set():
            try:
                self._stay()
            except (MailboxError, AddressError, OSError, InvalidToken) as error:
                self._failures += 1
                self._tell(str(error) or type(error).__name__)
            except DatabaseError:
                self._failures += 1
            except Exception as error:
                log.exception("mailbox %s: it could not be read", self.account.ref)
                self._failures += 1
                self._tell(repr(error))
            finally:
                connections.close_all()
            if self._failures:
                self._stopping.wait(min(FIRST_RETRY_S * 2 ** (self._failures - 1), LONGEST_RETRY_S))

    def _stay(self) -> None:
        mailbox = Mailbox(place_of(self.account))
        try:
            self._failures = 0
            self._tell("")
            while not self._stopping.is_set():
                close_old_connections()
                fetch_new(self.account, mailbox, clock=utc_now, is_stopping=self._stopping.is_set)
                connections.close_all()  # nothing is held while the server is silent
                mailbox.wait(WAIT_S)
        finally:
            mailbox.close()

    def _tell(self, error: str) -> None:
        try:
            Account.objects.filter(pk=self.account.pk).update(last_error=error[:500])
        except DatabaseError:
            log.warning("mailbox %s: %s", self.account.ref, error)
