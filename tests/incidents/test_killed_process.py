"""kill -9 of a real process that tells customers, tells them of a change, or writes status pages: whoever goes on loses
nobody, tells nobody twice, and every file is whole.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aftercare.accounts.models import Customer
from aftercare.desk.models import Message, Ticket
from aftercare.incidents.models import ChangeNotice, Incident, IncidentCustomer, StatusPage, Subscription, Telling
from aftercare.incidents.status import keeping
from aftercare.incidents.status.addresses import folder_of
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.tests.changing import DAY, announced, make_edge
from aftercare.notify.models import Delivery
from tests.paging.dying import Process, until
from tests.world import World, make_world

MANY = 120
READERS = 3_000
TEXT = "An edge drops packets."
WORKER = """
import os, sys
from datetime import datetime
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from aftercare.incidents import engine
from aftercare.incidents.status import engine as pages
print("ready", flush=True)
for line in sys.stdin:
    now = datetime.fromisoformat(line.strip())
    print(engine.process_due(now), pages.process_due(now), flush=True)
"""


@contextmanager
def working() -> Iterator[Process]:
    """A process that works on incidents and status pages."""
    process = Process(script=WORKER)
    try:
        yield process
    finally:
        process.kill()


def crowd(world: World) -> tuple[Incident, list[Customer]]:
    """An incident that touches many customers."""
    made = Customer.objects.bulk_create(
        Customer(name=f"Customer {n}", language="en", created_at=world.now) for n in range(MANY)
    )
    incident = Incident.objects.create(title="Packets are lost", severity="red", opened_at=world.now)
    IncidentCustomer.objects.bulk_create(IncidentCustomer(incident=incident, customer=one) for one in made)
    return incident, made


def tell(world: World, incident: Incident, now: datetime) -> None:
    """One update to all of them."""
    facts: dict[str, Any] = {"stage": "identified", "body": TEXT, "body_zh": "丢包。"}
    within = timedelta(minutes=30)
    post_update(incident=incident, author=world.eng, next_within=within, token="a" * 32, now=now, **facts)


def go_on(now: datetime) -> None:
    """Another process does what is left."""
    with working() as second:
        while second.work(now) != "0 0":
            pass


def test_an_update_reaches_each_customer_once(transactional_db: Any) -> None:
    world = make_world()
    incident, _made = crowd(world)
    tell(world, incident, world.now)
    told = Telling.objects.filter(told_at__isnull=False)
    with working() as first:
        first.begin(world.now)
        until(lambda: told.count() >= 5)
        first.kill()
    assert told.count() < MANY, "killed in the middle of it"
    go_on(world.now)
    assert told.count() == MANY == Ticket.objects.filter(incident_ref=incident.ref).count()
    assert Message.objects.filter(body=TEXT).count() == MANY


def test_an_update_is_written_to_each_subscriber_once(
    transactional_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("AFTERCARE_STATUS_DIR", str(tmp_path))
    settings.STATUS_DIR = tmp_path
    world = make_world()
    incident, made = crowd(world)
    page = keeping.open_private(customer=made[0], actor=world.ada, now=world.now)
    addresses = [f"reader{n}@elsewhere.example" for n in range(READERS)]
    facts: dict[str, Any] = {"page": page, "edition": page.edition, "way": "email", "language": "en"}
    facts |= {"asked_at": world.now, "confirmed_at": world.now}
    Subscription.objects.bulk_create(Subscription(**facts, address=one) for one in addresses)
    tell(world, incident, world.now)
    written = Delivery.objects.filter(kind="status.update")
    with working() as first:
        first.begin(world.now)
        until(lambda: written.count() >= 1)
        first.kill()
    assert written.count() < READERS, "killed in the middle of it"
    go_on(world.now)
    assert sorted(written.values_list("address", flat=True)) == sorted(addresses)


def test_a_change_is_told_to_each_customer_once(transactional_db: Any) -> None:
    world = make_world()
    _incident, made = crowd(world)
    make_edge(world)
    change = announced(world, customers=made)
    now = world.now + 3.1 * DAY
    told = ChangeNotice.objects.filter(touched__change=change, told_at__isnull=False)
    with working() as first:
        first.begin(now)
        until(lambda: told.count() >= 5)
        first.kill()
    assert told.count() < MANY
    go_on(now)
    tickets = list(change.customers.values_list("ticket", flat=True))
    assert len(tickets) == len(set(tickets)) and None not in tickets
    assert Message.objects.filter(ticket__in=tickets).count() == len(tickets)


def test_status_pages_are_whole(
    transactional_db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("AFTERCARE_STATUS_DIR", str(tmp_path))
    settings.STATUS_DIR = tmp_path
    world = make_world()
    incident, made = crowd(world)
    for one in made:
        keeping.open_private(customer=one, actor=world.ada, now=world.now)
    go_on(world.now)
    folders = [folder_of(page) for page in StatusPage.objects.all()]
    tell(world, incident, world.now)
    with working() as first:
        first.begin(world.now + timedelta(seconds=1))
        drafts = tmp_path / ".drafts"
        until(lambda: drafts.is_dir() and any(drafts.iterdir()))
        first.kill()
    stale = [folder for folder in folders if TEXT not in (folder / "index.html").read_text()]
    assert stale, "killed before all of it was written"
    for folder in folders:
        assert (folder / "index.html").read_text().endswith("</html>\n")
        json.loads((folder / "status.json").read_text())
    go_on(world.now + timedelta(seconds=70))
    assert all(TEXT in (folder / name).read_text() for folder in folders for name in ("index.html", "status.json"))
