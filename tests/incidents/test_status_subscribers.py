"""Who subscribed to a status page: asked first, told each update once, never guessed or listed, gone with one press."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents.models import StatusPage, Subscription, SubscriptionAsk
from aftercare.incidents.status import engine, keeping
from aftercare.incidents.status.addresses import door_of, link_of
from aftercare.incidents.status.subscribing import ASKS_OF_ADDRESS, ASKS_OF_CLIENT
from aftercare.notify.adapters.email import message_of
from aftercare.notify.envelope import envelope_of
from aftercare.notify.models import Delivery
from tests.incidents.test_status_page_stands_alone import TITLE, declared, told
from tests.world import World

READER = "reader@elsewhere.example"


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, settings: Any) -> None:
    settings.STATUS_DIR = tmp_path / "status"
    settings.STATUS_DIR.mkdir()
    ASKS_OF_CLIENT.forget()
    ASKS_OF_ADDRESS.forget()


@pytest.fixture
def public(world: World) -> World:
    facts = keeping.PublicFacts("Provider", "服务商", "Asia/Shanghai")
    keeping.save_public(facts=facts, actor=world.ada, now=world.now)
    engine.process_due(world.now)
    return world


def asks(world: World, address: str = READER, page: str = "public", **more: str) -> Any:
    said = {"page": page, "way": "email", "address": address, "language": "en", **more}
    answer = Client(enforce_csrf_checks=True).post("/subscriptions", said)
    engine.process_due(world.now)
    return answer


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(kind__startswith="status.").order_by("id"))


def subscribed(world: World, address: str = READER, **more: str) -> Subscription:
    asks(world, address, **more)
    found = Subscription.objects.get(address=address)
    Client().post(link_of(found))
    found.refresh_from_db()
    assert found.confirmed_at is not None
    return found


def test_nothing_is_sent_before_it_is_confirmed(public: World) -> None:
    assert asks(public).status_code == 200
    (mail,) = mails()
    assert mail.address == READER and "Confirm" in mail.title
    found = Subscription.objects.get()
    sent = message_of(envelope_of(mail, public.now), "<1@here.example>")
    assert link_of(found) in sent.body and link_of(found) not in f"{mail.data}{mail.body}{mail.url_path}"
    told(public, declared(public), public=TITLE)
    assert len(mails()) == 1
    assert Client().get(link_of(found)).status_code == 200
    found.refresh_from_db()
    assert found.confirmed_at is None, "mail programs look at links"


def test_an_update_reaches_each_once_and_one_press_ends_it(public: World) -> None:
    subscribed(public)
    subscribed(public, "chinese@elsewhere.example", language="zh-hans")
    incident = declared(public)
    later = public.now + timedelta(seconds=5)
    public.now = later
    told(public, incident, public=TITLE)
    engine.process_due(later)
    updates = [one for one in mails() if one.kind == "status.update"]
    assert [(one.address, one.title.split(":")[0]) for one in updates] == [
        (READER, "Playback is disturbed in Shanghai"),
        ("chinese@elsewhere.example", "上海播放异常"),
    ]
    sent = message_of(envelope_of(updates[0], later), "<1@here.example>")
    end = re.fullmatch(r"<(https?://[^/]+)(/.+)>", sent.extra_headers["List-Unsubscribe"])
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and end is not None
    assert Client().get(end[2]).status_code == 200 and Subscription.objects.count() == 2
    body = {"List-Unsubscribe": "One-Click"}
    assert Client(enforce_csrf_checks=True).post(end[2], body).status_code == 200
    assert [one.address for one in Subscription.objects.all()] == ["chinese@elsewhere.example"]
    told(public, incident, 2, public=TITLE)
    assert [one.address for one in mails() if one.kind == "status.update"][2:] == ["chinese@elsewhere.example"]


def test_who_subscribed_can_be_neither_guessed_nor_listed(public: World, settings: Any) -> None:
    found = subscribed(public)
    known, unknown = asks(public), asks(public, "nobody@elsewhere.example")
    assert known.status_code == unknown.status_code == 200
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')
    assert token.sub(b"", known.content) == token.sub(b"", unknown.content)
    assert not SubscriptionAsk.objects.exists()
    link = link_of(found)
    for guess in (link[:-2] + "xx", link.replace(found.ref, "000000000000"), f"/subscriptions/{found.ref}/"):
        assert Client().get(guess).status_code == 404
    assert Client().get("/subscriptions").status_code == 405
    for name in ("ada", "zhao", "stranger"):
        assert READER not in public.client(name).get("/status-pages").content.decode()
    files = b"".join(path.read_bytes() for path in Path(settings.STATUS_DIR).rglob("*") if path.is_file())
    assert READER.encode() not in files


def test_one_address_is_not_flooded_and_one_client_asks_ten_times(public: World) -> None:
    for _n in range(6):
        asks(public)
    assert len(mails()) == 3
    answers = [asks(public, f"reader{n}@elsewhere.example").status_code for n in range(8)]
    assert answers.count(429) >= 3 and answers[0] == 200


@pytest.mark.parametrize("address", ["nobody", "a@b", "x@y.z\nBcc: all@evil.example", "http://169.254.169.254/"])
def test_what_is_no_address_is_refused(public: World, address: str) -> None:
    assert asks(public, address).status_code == 400
    assert asks(public, "ftp://elsewhere.example/", way="webhook").status_code == 400
    assert not Subscription.objects.exists() and not mails()


def test_a_private_page_is_subscribed_to_with_its_address_alone(public: World) -> None:
    page = keeping.open_private(customer=public.show, actor=public.ada, now=public.now)
    forged = door_of(page)[:-2] + "xx"
    assert asks(public, page=forged).status_code == 404 and asks(public, page=page.ref).status_code == 404
    found = subscribed(public, page=door_of(StatusPage.objects.get(pk=page.pk)))
    keeping.renew_address(page=page, actor=public.ada, now=public.now)
    public.now += timedelta(seconds=5)
    told(public, declared(public))
    assert not [one for one in mails() if one.kind == "status.update"], "who knew the old address alone hears nothing"
    assert Client().post(link_of(found)).status_code == 409
