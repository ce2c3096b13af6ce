"""Who is let in gets the link by mail, and it stays readable nowhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery
from aftercare.notify.tests.mailbox import Mailbox
from tests.world import World

LINK = re.compile(r"http\S+/invitations/[\w-]+")


def invite(world: World, **changes: str) -> str:
    """Zhao invites Nina; the link as the console shows it, once."""
    asked = {"email": "nina@starlight.example", "name": "Nina", "role": "developer", **changes}
    page = world.client("zhao").post(f"/customers/{world.show.ref}/people/new", asked, follow=True)
    return LINK.findall(page.content.decode())[0]


def send_all(world: World) -> None:
    sender = Sender()
    sender.process_due(world.now + timedelta(minutes=1))
    sender.close(5)


def kept() -> str:
    """Everything the outbox still holds."""
    return str(list(Delivery.objects.values()))


def test_it_works(world: World, mailbox: Mailbox) -> None:
    link = invite(world)
    assert Delivery.objects.get().secret_url == link, "nobody can send what is kept nowhere"
    send_all(world)
    mail = mailbox.mails.pop()
    assert mail["To"] == "nina@starlight.example"
    assert mail["Subject"] == "Aftercare 登录邀请", "her company's language, as she has set none"
    for kind in ("plain", "html"):
        assert link in mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
    assert Delivery.objects.get().state == "sent"
    assert link.rsplit("/", 1)[-1] not in kept()
    assert world.client().get(link.split("/", 3)[-1].join(["/", ""])).status_code == 200, "the link still works"


def test_in_the_persons_own_language(world: World, mailbox: Mailbox) -> None:
    world.developer.language = "en"
    world.developer.save()
    world.client("zhao").post(f"/people/{world.developer.ref}/link")
    send_all(world)
    mail = mailbox.mails.pop()
    assert mail["Subject"] == "Your way into Aftercare"
    assert "Set a password: http" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_newer_link_takes_the_place_of_one_that_waits(world: World, mailbox: Mailbox) -> None:
    first = invite(world)
    nina = Delivery.objects.get().user
    assert nina is not None
    world.client("zhao").post(f"/people/{nina.ref}/link")
    assert first.rsplit("/", 1)[-1] not in kept()
    send_all(world)
    assert first not in str(mailbox.mails.pop())
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "sent"]


@pytest.mark.parametrize("answer", ["554 never", "451 later"])
def test_a_failure_forgets_the_link_too(world: World, mailbox: Mailbox, answer: str) -> None:
    mailbox.answer = answer
    token = invite(world).rsplit("/", 1)[-1]
    for _ in range(5):
        send_all(world)
        Delivery.objects.filter(state="pending").update(due_at=world.now)
    assert Delivery.objects.get().state == "failed"
    assert token not in kept()


def test_no_list_shows_it(world: World, mailbox: Mailbox) -> None:
    token = invite(world).rsplit("/", 1)[-1]
    nina = Delivery.objects.get().user
    assert nina is not None
    world.people["nina"] = nina
    shown = world.client("nina").get("/notifications").content.decode()
    assert "Nina" in shown and token not in shown
    for path in (f"/people/{nina.ref}", "/audit"):
        assert token not in world.client("ada").get(path).content.decode()


@override_settings(EMAIL_HOST="")
def test_without_a_mail_server_the_console_shows_it_as_ever(world: World, db: Any) -> None:
    assert invite(world).startswith("http")
    assert not Delivery.objects.exists()
