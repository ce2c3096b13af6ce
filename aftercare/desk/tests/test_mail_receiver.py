"""The built-in mail server, spoken to over real SMTP."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator

import pytest

from aftercare.desk.engine import process_due
from aftercare.desk.mail import receiver
from aftercare.desk.mail.receiver import MailDoor
from aftercare.desk.models import Inbound, Ticket
from aftercare.desk.tests.mails import SUPPORT, letter, mailbox
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account, Channel
from tests.service import free_port
from tests.world import make_world

kept: list[bytes] = []


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """A mailbox that is in no database: most of what a mail server says needs none."""
    box = Account(channel=Channel.EMAIL, name="Support", config={"address": SUPPORT}, pk=1)
    monkeypatch.setattr(receiver, "list_mailboxes", lambda: [box])
    monkeypatch.setattr(receiver, "keep_mail", lambda **told: kept.append(told["raw"]))
    kept.clear()
    return box


@pytest.fixture
def door() -> Iterator[MailDoor]:
    made = MailDoor("127.0.0.1", free_port())
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def begin() -> None:
        await made.start()
        ready.set()

    thread = threading.Thread(target=lambda: (loop.create_task(begin()), loop.run_forever()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield made
    loop.call_soon_threadsafe(made.stop)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    made.receiver.pool.shutdown(wait=True)


def client(door: MailDoor) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", door.port, timeout=20)


@pytest.mark.django_db(transaction=True)
def test_it_works(door: MailDoor) -> None:
    world = make_world()
    box = mailbox(world)
    with client(door) as smtp:
        smtp.send_message(letter("Zhao <zhao@starlight.example>"))
        assert Inbound.objects.count() == 1, "kept when 250 was said"
        smtp.send_message(letter("Zhao <zhao@starlight.example>"))
    assert Inbound.objects.count() == 1, "sent twice, kept once"
    process_due(utc_now())
    assert Ticket.objects.get().customer == world.show
    Account.objects.filter(pk=box.pk).update(enabled=False)
    with client(door) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.send_message(letter("a@b.example"))


def test_only_our_mailboxes_take_mail(account: Account, door: MailDoor) -> None:
    with client(door) as smtp:
        smtp.ehlo()
        smtp.mail("eve@elsewhere.example")
        code, said = smtp.rcpt("victim@elsewhere.example")
        assert (code, b"pass on mail for nobody" in said) == (550, True)
        assert smtp.rcpt(f"support+x@{SUPPORT.partition('@')[2]}")[0] == 250
        assert smtp.rcpt(SUPPORT.upper())[0] == 250


def test_many_recipients_are_sent_in_turns(account: Account, door: MailDoor) -> None:
    with client(door) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.example")
        codes = [smtp.rcpt(f"support+{n}@provider.example")[0] for n in range(102)]
    assert codes == [250] * 100 + [452] * 2


def test_200_mb_are_refused_with_a_sentence(account: Account, door: MailDoor) -> None:
    with client(door) as smtp:
        smtp.ehlo()
        code, said = smtp.mail("a@b.example", [f"SIZE={200 * 1024 * 1024}"])
        assert (code, b"larger than 36 MB" in said) == (552, True)


def test_more_than_it_said_is_refused_too_and_the_connection_goes_on(
    account: Account, door: MailDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "LARGEST", 200_000)
    with client(door) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.example")
        smtp.rcpt(SUPPORT)
        code, said = smtp.data(b"Subject: x\r\n\r\n" + (b"y" * 70 + b"\r\n") * 5000)
        assert (code, b"larger than" in said) == (552, True)
        smtp.send_message(letter("a@b.example"))
    assert len(kept) == 1


def test_a_line_without_end_is_cut(account: Account, door: MailDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "LARGEST", 1_000_000)
    with client(door) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.example")
        smtp.rcpt(SUPPORT)
        smtp.docmd("DATA")
        assert smtp.sock is not None
        with pytest.raises(OSError):
            for _ in range(200):
                smtp.sock.sendall(b"y" * 100_000)
                smtp.sock.settimeout(5)
        smtp.sock = None
    assert not kept


def test_what_is_not_kept_stays_the_senders(account: Account, door: MailDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(receiver, "keep_mail", broken)
    with client(door) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(letter("a@b.example"))
    assert refused.value.smtp_code == 451


def test_too_many_are_told_to_come_back(account: Account, door: MailDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "CONNECTIONS", 2)
    first, second = client(door), client(door)
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as third:
        assert third.recv(200).startswith(b"421 ")
    first.quit()
    second.quit()
    with client(door) as smtp:
        assert smtp.noop()[0] == 250
