"""Mailboxes and mails to place, as staff see them."""

import pytest

from aftercare.desk.models import AsideMail, AsideState, Contact, Inbound, MailDomain, MailFolder, Ticket
from aftercare.desk.tests.mails import hear, letter, mailbox
from aftercare.notify.models import Account, Delivery
from aftercare.notify.queries import credentials_of
from tests.world import World

FORM = {
    "name": "Support",
    "address": "Support@Provider.example",
    "aliases": "help@provider.example，hilfe@provider.example",
    "enabled": "on",
    "imap_host": "imap.provider.example",
    "imap_port": "993",
    "imap_security": "tls",
    "imap_user": "support",
    "imap_password": "geheim",
    "imap_folder": "INBOX",
    "import_days": "30",
    "smtp_port": "587",
    "smtp_security": "starttls",
}


def stranger(world: World) -> AsideMail:
    """Qian of a company that we do not know by mail yet."""
    hear(world, mailbox(world), letter("Qian <qian@starlight.example>", "<script>alert(1)</script>", "直播卡"))
    return AsideMail.objects.get()


def test_a_mailbox_is_added_and_its_password_shown_to_nobody(world: World) -> None:
    client = world.client("ada")
    assert client.post("/settings/mailboxes/new", FORM).status_code == 302
    account = Account.objects.get()
    assert (account.config["address"], account.config["aliases"][1]) == (
        "support@provider.example",
        "hilfe@provider.example",
    )
    assert "geheim" not in account.secrets + str(account.config)
    page = client.get(f"/settings/mailboxes/{account.ref}").content.decode()
    assert "geheim" not in page and "imap.provider.example" in page
    client.post(f"/settings/mailboxes/{account.ref}", FORM | {"imap_password": "", "name": "Help"})
    account.refresh_from_db()
    assert (account.name, credentials_of(account).secrets["imap_password"]) == ("Help", "geheim")
    assert "Help" in client.get("/settings/mailboxes").content.decode()


def test_rejects_an_address_of_another_mailbox(world: World) -> None:
    mailbox(world, "help@provider.example")
    answer = world.client("ada").post("/settings/mailboxes/new", FORM)
    assert (answer.status_code, "belongs to another mailbox" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "localhost"])
def test_a_test_calls_no_private_host(world: World, host: str) -> None:
    account = mailbox(world, imap_host=host, imap_port=143)
    answer = world.client("ada").post(f"/settings/mailboxes/{account.ref}/test", follow=True)
    assert "private network" in answer.content.decode()
    assert Delivery.objects.get().address == world.ada.email


def test_an_import_is_ended_by_a_person_once_nothing_waits(world: World) -> None:
    account = mailbox(world)
    Account.objects.update(quiet=True)
    folder = MailFolder.objects.create(account=account, uid_validity=1, seen_uid=3, import_until_uid=9)
    row = Inbound.objects.create(account=account, provider_message_id="1", due_at=world.now, received_at=world.now)
    client = world.client("ada")
    assert (
        "still being worked on"
        in client.post(f"/settings/mailboxes/{account.ref}/opening", follow=True).content.decode()
    )
    row.delete()
    client.post(f"/settings/mailboxes/{account.ref}/opening")
    account.refresh_from_db()
    folder.refresh_from_db()
    assert (account.quiet, folder.seen_uid) == (False, 9)


def test_a_strangers_mail_is_placed_with_its_domain(world: World) -> None:
    aside = stranger(world)
    client = world.client("agent")
    listed = client.get("/mails").content.decode()
    assert "qian@starlight.example" in listed and "<script>alert" not in listed
    page = client.get(f"/mails/{aside.ref}").content.decode()
    assert "直播卡" in page and "<script>alert" not in page
    answer = client.post(f"/mails/{aside.ref}/placing", {"customer": world.show.ref, "with_domain": "on"})
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/tickets/{ticket.ref}"
    assert MailDomain.objects.get().domain == "starlight.example"
    assert Contact.objects.get().customer == world.show
    again = client.post(f"/mails/{aside.ref}/placing", {"customer": world.social.ref})
    assert (again.status_code, Ticket.objects.count()) == (409, 1)


def test_a_mail_is_put_away_and_stays(world: World) -> None:
    aside = stranger(world)
    world.client("agent").post(f"/mails/{aside.ref}/dropping")
    aside.refresh_from_db()
    assert (aside.state, aside.settled_by) == (AsideState.DROPPED, world.agent)
    assert "直播卡" in world.client("agent").get(f"/mails/{aside.ref}").content.decode()


def test_requires_a_domain_of_ones_own(world: World) -> None:
    client = world.client("ada")
    told = {"domain": "qq.com", "customer": world.show.ref}
    assert client.post("/settings/mail-domains", told).status_code == 400
    assert client.post("/settings/mail-domains", told | {"domain": "Starlight.example"}).status_code == 302
    taken = client.post("/settings/mail-domains", told | {"domain": "starlight.example", "customer": world.social.ref})
    assert taken.status_code == 400
    client.post(f"/settings/mail-domains/{MailDomain.objects.get().pk}/removal")
    assert not MailDomain.objects.exists()


def test_strangers_and_readers_are_kept_out(world: World) -> None:
    aside = stranger(world)
    account = Account.objects.get()
    for path in ("/mails", f"/mails/{aside.ref}", "/settings/mailboxes", f"/settings/mailboxes/{account.ref}"):
        assert world.client("zhao").get(path).status_code == 404
    assert world.client("agent").get("/settings/mailboxes").status_code == 403
