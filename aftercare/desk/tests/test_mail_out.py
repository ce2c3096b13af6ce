"""An agent's answer, taken to a customer's mailbox over real SMTP, and read there."""

import io
from typing import Any

import pytest

from aftercare.desk import actions
from aftercare.desk.files import keep_file
from aftercare.desk.mail.tokens import named_by
from aftercare.desk.models import Attachment, Ticket
from aftercare.desk.tests.mails import hear, letter, mailbox
from aftercare.notify.adapters import email
from aftercare.notify.envelope import envelope_of, sealed
from aftercare.notify.models import Account, Delivery
from aftercare.notify.outcome import Verdict
from aftercare.notify.tests.mailbox import Mailbox
from aftercare.notify.tests.mailbox import mailbox as sink
from tests.world import World

__all__ = ["sink"]


@pytest.fixture
def ticket(world: World) -> Ticket:
    box = mailbox(world)
    hear(
        world, box, letter("Zhao <zhao@starlight.example>", Message_ID="<first@qq.example>", Cc="dev@starlight.example")
    )
    Delivery.objects.all().delete()
    return Ticket.objects.get()


def go_out() -> Delivery:
    delivery = Delivery.objects.select_related("user", "contact", "account").get(kind="conversation")
    outcome = email.send(envelope_of(delivery, delivery.created_at))
    assert outcome.verdict is Verdict.SENT
    return delivery


def test_it_works(world: World, ticket: Ticket, sink: Mailbox, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    file = keep_file(name="补丁.zip", stream=io.BytesIO(b"PK\x03\x04patch"), uploaded_by=world.agent, now=world.now)
    actions.reply(ticket=ticket, author=world.agent, body="请升级 <SDK>。", attachments=[file], now=world.now)
    delivery = go_out()
    mail = sink.mails.pop()
    assert mail["From"] == "Wang <support@provider.example>"
    assert (mail["To"], mail["Cc"]) == ("zhao@starlight.example", "dev@starlight.example")
    assert mail["Subject"] == "Re: 推流失败 [#1]"
    assert (mail["In-Reply-To"], mail["References"]) == ("<first@qq.example>", "<first@qq.example>")
    assert named_by(mail["Message-ID"]) == (ticket.ref, delivery.ref)
    assert mail["Reply-To"].startswith(f"support+{ticket.ref}-")
    assert mail["Auto-Submitted"] is None, "a person wrote it"
    assert "请升级 <SDK>。" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "请升级 &lt;SDK&gt;。" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("补丁.zip", b"PK\x03\x04patch")


def test_internal_notes_stay_inside(world: World, ticket: Ticket) -> None:
    actions.reply(ticket=ticket, author=world.agent, body="between us", internal=True, now=world.now)
    assert not Delivery.objects.filter(channel="email").exists()


def test_a_speakers_name_cannot_add_headers(world: World, ticket: Ticket, sink: Mailbox) -> None:
    world.agent.name = "Wang\r\nBcc: x@y.example"
    world.agent.save()
    actions.reply(ticket=ticket, author=world.agent, body="hi", now=world.now)
    go_out()
    mail = sink.mails.pop()
    assert mail["Bcc"] is None


def test_an_own_server_takes_it(world: World, ticket: Ticket, sink: Mailbox, settings: Any) -> None:
    port = settings.EMAIL_PORT
    settings.EMAIL_HOST, settings.PRIVATE_MAIL = "", True
    account = Account.objects.get()
    account.config |= {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    account.secrets = sealed({"smtp_password": "x"})
    account.save()
    actions.reply(ticket=ticket, author=world.agent, body="hi", now=world.now)
    go_out()
    assert sink.mails.pop()["To"] == "zhao@starlight.example"


def test_an_own_server_in_a_private_network_is_not_called(world: World, ticket: Ticket, settings: Any) -> None:
    account = Account.objects.get()
    account.config |= {"smtp_host": "127.0.0.1", "smtp_port": 25, "smtp_security": "none"}
    account.save()
    actions.reply(ticket=ticket, author=world.agent, body="hi", now=world.now)
    delivery = Delivery.objects.select_related("account").get(kind="conversation")
    assert email.send(envelope_of(delivery, delivery.created_at)).verdict is Verdict.PERMANENT


def test_files_of_a_mail_are_kept_and_too_large_ones_say_so(
    world: World, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    settings.FILE_MAX_BYTES = 1000
    message = letter("zhao@starlight.example")
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="text", subtype="html", filename="截图.html")
    message.add_attachment(b"x" * 2000, maintype="application", subtype="zip", filename="big.zip")
    hear(world, mailbox(world), message)
    small, big = Attachment.objects.all()
    assert (small.name, small.media_type, bool(small.sha256)) == ("截图.html", "image/png", True)
    assert (big.sha256, "larger than a file may be" in big.refused) == ("", True)
