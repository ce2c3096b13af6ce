"""Who subscribed to a status page: asked first, told each update once, and by nobody flooded."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents.models import StatusPage, Subscription
from aftercare.incidents.status import keeping
from aftercare.incidents.status.addresses import door_of, link_of
from aftercare.notify.adapters.email import message_of
from aftercare.notify.envelope import envelope_of
from tests.incidents.readers import READER, asks, mails, open_public, subscribed, updates
from tests.incidents.test_status_page_stands_alone import TITLE, declared, told
from tests.world import World


@pytest.fixture
def public(world: World, tmp_path: Path, settings: Any) -> World:
    return open_public(world, tmp_path, settings)


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


def test_an_update_reaches_each_once(public: World) -> None:
    subscribed(public)
    subscribed(public, "chinese@elsewhere.example", language="zh-hans")
    incident = declared(public)
    public.now += timedelta(seconds=5)
    for _twice in range(2):
        told(public, incident, public=TITLE)
    assert [(one.address, one.title.split(":")[0]) for one in updates()] == [
        (READER, "Playback is disturbed in Shanghai"),
        ("chinese@elsewhere.example", "上海播放异常"),
    ]


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
    assert not updates(), "who knew the old address alone hears nothing"
    assert Client().post(link_of(found)).status_code == 409
