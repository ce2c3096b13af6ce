"""A mailbox read over IMAP, from a real Dovecot: its past imported in silence, then every mail at once."""

import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aftercare.desk.engine import keep_house, process_due
from aftercare.desk.mail.fetching import fetch_new, place_of
from aftercare.desk.mail.imap import Mailbox, MailboxError
from aftercare.desk.models import Inbound, MailFolder, Ticket
from aftercare.desk.tests.mails import letter, mailbox
from aftercare.kernel.clock import utc_now
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account, Delivery
from aftercare.serve.mailboxes import MailboxWatch
from tests.dovecot import PASSWORD, USER, Dovecot, new_place
from tests.world import make_world

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
ZHAO = "zhao@starlight.example"


@pytest.fixture
def dovecot(settings: Any) -> Iterator[Dovecot]:
    settings.PRIVATE_MAIL = True
    server = Dovecot(new_place())
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.place, ignore_errors=True)


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    told = {"imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "none", "imap_user": USER}
    account = mailbox(make_world(), **told)
    account.secrets = sealed({"imap_password": PASSWORD})
    account.save()
    return account


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came to hold"
        time.sleep(0.05)


def test_the_past_comes_in_silence_and_the_present_at_once(dovecot: Dovecot, account: Account) -> None:
    for number in range(3):
        dovecot.put(letter(ZHAO, f"old {number}", f"old {number}").as_bytes())
    watch = MailboxWatch()
    watch.process_due(utc_now())
    try:
        until(lambda: Inbound.objects.count() == 3)
        account.refresh_from_db()
        assert account.quiet
        process_due(utc_now())
        keep_house(utc_now())
        account.refresh_from_db()
        assert (Ticket.objects.count(), Delivery.objects.count(), account.quiet) == (3, 0, False)
        time.sleep(1)  # it waits in IDLE by now
        dovecot.put(letter(ZHAO, "new", "new").as_bytes())
        begun = time.monotonic()
        until(lambda: Inbound.objects.count() == 4, seconds=10)
        assert time.monotonic() - begun < 5, "told by IDLE, not found by looking again"
        process_due(utc_now())
        assert Delivery.objects.filter(channel="email").exists()
        dovecot.stop()
        dovecot.start()
        dovecot.put(letter(ZHAO, "after", "after").as_bytes())
        until(lambda: Inbound.objects.count() == 5, seconds=40)
    finally:
        watch.stop()
        for watcher in watch._watchers.values():
            watcher.join(30)
    assert MailFolder.objects.get().seen_uid == 5


def test_a_crash_between_keeping_and_the_cursor_doubles_nothing(dovecot: Dovecot, account: Account) -> None:
    dovecot.put(letter(ZHAO).as_bytes())
    box = Mailbox(place_of(account))
    assert fetch_new(account, box, clock=utc_now) == 1
    MailFolder.objects.update(seen_uid=0)
    fetch_new(account, box, clock=utc_now)
    MailFolder.objects.update(uid_validity=1)
    fetch_new(account, box, clock=utc_now)
    box.close()
    assert Inbound.objects.count() == 1


def test_a_wrong_password_is_told_in_the_servers_words(dovecot: Dovecot, account: Account) -> None:
    account.secrets = sealed({"imap_password": "wrong"})
    account.save()
    with pytest.raises(MailboxError, match="uthentication"):
        Mailbox(place_of(account))
