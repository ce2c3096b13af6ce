"""A subscriber's address can be neither guessed nor listed: not by the form's answer, not by a link, not on any page,
in any file, over the API or by a search; not by the provider's own people either.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aftercare.audit.models import Entry
from aftercare.incidents.models import Subscription, SubscriptionAsk
from aftercare.incidents.status import engine
from aftercare.incidents.status.addresses import link_of
from tests.api.calling import Program
from tests.incidents.readers import READER, asks, open_public, subscribed
from tests.incidents.test_status_page_stands_alone import TITLE, declared, told
from tests.world import World


@pytest.fixture
def public(world: World, tmp_path: Path, settings: Any) -> World:
    return open_public(world, tmp_path, settings)


def test_the_form_answers_the_same_for_who_is_known_and_who_is_not(public: World) -> None:
    subscribed(public)
    known, unknown = asks(public), asks(public, "nobody@elsewhere.example")
    assert known.status_code == unknown.status_code == 200
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')
    assert token.sub(b"", known.content) == token.sub(b"", unknown.content)
    assert not SubscriptionAsk.objects.exists()
    work = []
    for address in (READER, "third@elsewhere.example"):
        said = {"page": "public", "way": "email", "address": address, "language": "en"}
        with CaptureQueriesContext(connection) as done:
            assert Client().post("/subscriptions", said).status_code == 200
        work.append([one["sql"].replace(address, "") for one in done])
    assert len(work[0]) == len(work[1]) > 0, "nor does the time that the answer takes tell it"


def test_no_link_is_guessed(public: World) -> None:
    found = subscribed(public)
    link = link_of(found)
    assert len(link.rpartition("/")[2]) >= 22, "128 bits"
    guesses = (link[:-2] + "xx", link.replace(found.ref, "0" * 12), f"/subscriptions/{found.ref}", link.lower())
    for guess in guesses:
        for answer in (Client().get(guess), Client().post(f"{guess}/end")):
            assert answer.status_code == 404 and READER not in answer.content.decode()
    assert Client().get("/subscriptions").status_code == 405


def test_nobody_lists_them(public: World, settings: Any) -> None:
    subscribed(public)
    told(public, declared(public), public=TITLE)
    engine.process_due(public.now)
    asked = "reader@else"
    for name in ("ada", "mei", "eng", "zhao", "stranger"):
        client, program = public.client(name), Program(public, public.people[name])
        for path in ("/status-pages", "/", "/incidents", "/audit", f"/search?q={asked}"):
            assert READER not in client.get(path).content.decode(), (name, path)
        for path in (f"/search?q={asked}", "/incidents"):
            assert READER not in program.client.get(f"/api/v1{path}").content.decode(), (name, path)
    files = b"".join(path.read_bytes() for path in Path(settings.STATUS_DIR).rglob("*") if path.is_file())
    assert READER.encode() not in files
    assert not Entry.objects.filter(detail__icontains=READER).exists()


def test_nothing_of_whoever_never_confirmed_is_kept(public: World) -> None:
    asks(public)
    assert Subscription.objects.get().confirmed_at is None
    engine.Sweeping.last = None
    engine.sweep_due(public.now + timedelta(days=3))
    assert not Subscription.objects.exists()
