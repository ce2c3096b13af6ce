"""My notifications and my contact methods."""

from collections.abc import Iterator

import pytest

from aftercare.notify import actions, engine
from aftercare.notify.models import ContactMethod, Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.notify.tokens import confirmation_path
from tests.world import World


@pytest.fixture
def hook(world: World) -> Iterator[ContactMethod]:
    yield actions.add_contact(user=world.eng, channel="webhook", address="https://hooks.example.com/", now=world.now)


def test_my_notifications_are_mine(world: World) -> None:
    for name in ("eng", "stranger"):
        actions.send(
            user=world.people[name], channel="push", kind="x", subject_ref="x", title=f"For {name}", now=world.now
        )
    shown = world.client("eng").get("/notifications").content.decode()
    assert "For eng" in shown and "For stranger" not in shown
    assert "Nothing was sent to you yet" in world.client("viewer").get("/notifications").content.decode()
    assert world.client().get("/notifications").status_code == 302


def test_notifications_are_paged(world: World) -> None:
    for n in range(60):
        actions.send(user=world.eng, channel="push", kind="x", subject_ref="x", title=f"Nr {n:03}", now=world.now)
    client = world.client("eng")
    assert "Nr 059" in client.get("/notifications").content.decode()
    assert "Nr 000" in client.get("/notifications?page=2").content.decode()


def test_notifications_are_filtered(world: World) -> None:
    common = {"user": world.eng, "kind": "x", "subject_ref": "x", "now": world.now}
    actions.send(channel="push", title="By push", **common)
    actions.send(channel="email", address="lin@provider.example", title="By mail", body="about Guangdong", **common)
    client = world.client("eng")
    for query, there, gone in (
        ("channel=push", "By push", "By mail"),
        ("q=guangdong", "By mail", "By push"),
        ("channel=nonsense&q=by+p", "By push", "By mail"),
    ):
        shown = client.get(f"/notifications?{query}").content.decode()
        assert there in shown and gone not in shown, query
    assert "No notification fits" in client.get("/notifications?state=failed").content.decode()


def test_adding_a_webhook_and_testing_it(world: World, receiver: Receiver) -> None:
    client = world.client("eng")
    assert client.post("/settings/contacts", {"channel": "webhook", "address": receiver.url}).status_code == 302
    contact = ContactMethod.objects.get()
    assert contact.secret.startswith("whsec_") and not contact.verified
    assert "Not confirmed" in client.get("/settings/contacts").content.decode()
    client.post(f"/settings/contacts/{contact.ref}/test")
    engine.process_due(Delivery.objects.get().due_at)
    receiver.take().verify(contact.secret)
    contact.refresh_from_db()
    assert contact.verified, "a receiver that took the test is confirmed"
    assert "Sent" in client.get("/settings/contacts/rows").content.decode()


def test_a_foreign_e_mail_address_is_confirmed_by_its_link(world: World) -> None:
    client = world.client("eng")
    client.post("/settings/contacts", {"channel": "email", "address": "Lin@Elsewhere.example"})
    contact = ContactMethod.objects.get()
    assert (contact.address, contact.verified) == ("lin@elsewhere.example", False)
    client.post(f"/settings/contacts/{contact.ref}/test")
    assert Delivery.objects.get().url_path == confirmation_path(contact)
    visitor = world.client()
    assert "Shall pages for Lin go to" in visitor.get(confirmation_path(contact)).content.decode()
    contact.refresh_from_db()
    assert not contact.verified, "looking does not confirm: mail scanners look too"
    assert visitor.post(confirmation_path(contact)).status_code == 302
    contact.refresh_from_db()
    assert contact.verified
    assert visitor.get(f"/settings/contacts/{contact.ref}/confirm/forged").status_code == 404


def test_ones_own_sign_in_address_needs_no_confirming(world: World) -> None:
    world.client("eng").post("/settings/contacts", {"channel": "email", "address": world.eng.email})
    assert ContactMethod.objects.get().verified


@pytest.mark.parametrize(
    ("channel", "address", "sentence"),
    [
        ("webhook", "ftp://example.com/", "A webhook address begins with https:// or http://."),
        ("email", "nobody", "This is not an e-mail address."),
    ],
)
def test_it_rejects(world: World, channel: str, address: str, sentence: str) -> None:
    answer = world.client("eng").post("/settings/contacts", {"channel": channel, "address": address})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_switching_off_and_removing(world: World, hook: ContactMethod) -> None:
    client = world.client("eng")
    client.post(f"/settings/contacts/{hook.ref}/use", {"enabled": "0"})
    hook.refresh_from_db()
    assert not hook.enabled
    client.post(f"/settings/contacts/{hook.ref}/removal")
    assert not ContactMethod.objects.exists()


@pytest.mark.parametrize("name", ["mei", "stranger", "viewer", "ada"])
@pytest.mark.parametrize("verb", ["test", "use", "removal"])
def test_somebody_elses_do_not_exist(world: World, hook: ContactMethod, name: str, verb: str) -> None:
    assert world.client(name).post(f"/settings/contacts/{hook.ref}/{verb}").status_code == 404
    assert ContactMethod.objects.filter(enabled=True).count() == 1
    assert not Delivery.objects.exists()


def test_chinese(world: World) -> None:
    world.eng.language = "zh-hans"
    world.eng.save()
    assert "我的联系方式" in world.client("eng").get("/settings/contacts").content.decode()
