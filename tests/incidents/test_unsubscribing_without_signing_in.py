"""Whoever has the link of a mail ends their subscription with it: without signing in, without a cookie, by one press of
the mail program; and nothing goes there any more, what was waiting included.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents.models import Incident, StatusPage, Subscription
from aftercare.incidents.status import keeping
from aftercare.incidents.status.addresses import door_of, link_of
from aftercare.notify.adapters.email import message_of
from aftercare.notify.envelope import envelope_of
from aftercare.notify.models import Delivery
from tests.incidents.readers import open_public, subscribed, updates
from tests.incidents.test_status_page_stands_alone import TITLE, declared, told
from tests.world import World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def public(world: World, tmp_path: Path, settings: Any) -> World:
    return open_public(world, tmp_path, settings)


def sent(world: World) -> list[Delivery]:
    """Everybody is told one update, a moment later."""
    world.now += timedelta(seconds=5)
    told(world, declared(world), public=TITLE)
    return updates()


def end_of(world: World, mail: Delivery) -> str:
    """The path that the mail's own headers name (RFC 2369, RFC 8058)."""
    headers = message_of(envelope_of(mail, world.now), "<1@here.example>").extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<(https?://[^/]+)(/.+)>", headers["List-Unsubscribe"])
    assert found is not None
    return found[2]


def test_one_press_of_the_mail_program_ends_it(public: World) -> None:
    subscribed(public)
    subscribed(public, "other@elsewhere.example")
    first, second = sent(public)
    nobody = Client(enforce_csrf_checks=True)
    assert nobody.post(end_of(public, first), ONE_CLICK).status_code == 200
    assert not nobody.cookies.get("sessionid")
    assert [one.address for one in Subscription.objects.all()] == [second.address], "the other's stands"


def test_a_look_ends_nothing_and_the_button_does(public: World) -> None:
    subscribed(public)
    [mail] = sent(public)
    nobody = Client()
    look = nobody.get(end_of(public, mail))
    assert look.status_code == 200 and "Unsubscribe" in look.content.decode()
    assert Subscription.objects.count() == 1, "mail programs and their scanners look at links"
    path = end_of(public, mail)
    assert nobody.post(path).status_code == 200
    assert not Subscription.objects.exists()
    assert nobody.post(path).status_code == 404, "what is gone is as what never was"


def test_what_was_waiting_is_not_sent(public: World) -> None:
    found = subscribed(public)
    [mail] = sent(public)
    assert mail.state == "pending"
    assert Client().post(f"{link_of(found)}/end").status_code == 200
    mail.refresh_from_db()
    assert mail.state != "pending" and mail.last_error == "The subscription was ended."
    told(public, Incident.objects.get(), 2, public=TITLE)
    assert updates() == [mail], "nothing new is written to whoever left"


def test_another_subscribers_link_ends_nothing_of_mine(public: World) -> None:
    mine, other = subscribed(public), subscribed(public, "other@elsewhere.example")
    forged = link_of(other).replace(other.ref, mine.ref)
    for path in (forged, f"{forged}/end", f"{link_of(mine)[:-1]}/end"):
        assert Client().post(path).status_code == 404
    assert Subscription.objects.filter(confirmed_at__isnull=False).count() == 2


def test_the_link_lives_on_when_the_page_has_another_address_or_is_closed(public: World) -> None:
    page = keeping.open_private(customer=public.show, actor=public.ada, now=public.now)
    door = door_of(StatusPage.objects.get(pk=page.pk))
    first, second = (subscribed(public, f"{name}@elsewhere.example", page=door) for name in ("a", "b"))
    keeping.renew_address(page=page, actor=public.ada, now=public.now)
    assert Client().post(f"{link_of(first)}/end").status_code == 200
    keeping.close_page(page=page, actor=public.ada, now=public.now)
    assert Client().post(f"{link_of(second)}/end").status_code == 200
    assert not Subscription.objects.exists(), "nothing is kept of the addresses"
