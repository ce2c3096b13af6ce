"""The resource map: by hand, learnt, and for the provider's staff alone."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.accounts.models import IngestKey
from aftercare.audit.models import Entry
from aftercare.telemetry.actions import learn_from_sessions
from aftercare.telemetry.actions.learning import learn_when_due
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.telemetry.queries.nodes import seen_nodes
from aftercare.telemetry.tests.made import crowd, row
from tests.world import World


@pytest.fixture
def edge(world: World) -> Resource:
    return Resource.objects.create(kind="edge", name="edge-sh-01", created_at=world.now)


def test_it_learns_who_is_on_a_node(telemetry: Any, world: World, edge: Resource) -> None:
    start = world.now - timedelta(seconds=70)
    telemetry.add(crowd(world.show_app, start, 4, edge="edge-sh-01", domain="pull.example"))
    telemetry.add(crowd(world.social_app, start, 2, edge="edge-of-nobody"))
    domain = Resource.objects.create(kind="cdn_domain", name="pull.example")
    assert learn_from_sessions(now=world.now) == 2
    assert learn_from_sessions(now=world.now) == 2
    assert set(ResourceServes.objects.values_list("resource", "customer", "app", "source")) == {
        (edge.pk, world.show.pk, world.show_app.pk, "learnt"),
        (domain.pk, world.show.pk, world.show_app.pk, "learnt"),
    }
    page = world.client("eng").get(f"/resources/{edge.ref}").content.decode()
    assert "Starlight Show" in page and "serves 1 customer" in page and "Whisper 1-1</th>" not in page
    listed = world.client("eng").get("/resources").content.decode()
    assert "edge-of-nobody" in listed


def test_what_is_no_longer_reported_is_forgotten_but_not_what_a_person_said(
    telemetry: Any, world: World, edge: Resource
) -> None:
    old = world.now - timedelta(days=31)
    for customer, source in ((world.show, "learnt"), (world.social, "hand")):
        ResourceServes.objects.create(resource=edge, customer=customer, source=source, last_seen_at=old)
    learn_from_sessions(now=world.now)
    assert list(ResourceServes.objects.values_list("customer", flat=True)) == [world.social.pk]


def test_the_map_is_read_every_ten_minutes(telemetry: Any, world: World, edge: Resource) -> None:
    telemetry.add(crowd(world.show_app, world.now - timedelta(seconds=70), 1, edge="edge-sh-01"))
    assert learn_when_due(now=world.now) == 1
    assert learn_when_due(now=world.now + timedelta(minutes=9)) == 0
    assert learn_when_due(now=world.now + timedelta(minutes=11)) == 1


def test_by_hand(telemetry: Any, world: World) -> None:
    client = world.client("eng")
    made = client.post("/resources/new", {"kind": "cluster", "name": "华东 1"})
    resource = Resource.objects.get()
    assert made.headers["Location"] == f"/resources/{resource.ref}"
    again = client.post("/resources/new", {"kind": "cluster", "name": "华东 1"})
    assert again.status_code == 400 and "already" in again.content.decode()
    url = f"/resources/{resource.ref}/customers"
    assert client.post(url, {"customer": world.show.pk}).status_code == 302
    assert client.post(url, {"customer": world.show.pk}).status_code == 302
    wrong = client.post(url, {"customer": world.show.pk, "app": world.social_app.pk})
    assert wrong.status_code == 400 and "another customer" in wrong.content.decode()
    tie = ResourceServes.objects.get()
    assert (tie.source, tie.app) == ("hand", None)
    assert client.post(f"{url}/{tie.pk}/end").status_code == 302
    assert not ResourceServes.objects.exists()
    assert list(Entry.objects.order_by("id").values_list("action", flat=True))[-4:] == [
        "resource.add",
        "resource.serve",
        "resource.serve",
        "resource.unserve",
    ]


def test_a_key_of_its_own(telemetry: Any, world: World, edge: Resource) -> None:
    """What a node reports belongs to the provider, and is no session on the node."""
    client, url = world.client("eng"), f"/resources/{edge.ref}/keys/new"
    assert 'value="edge-sh-01"' in client.get(url).content.decode()
    assert client.post(url, {"label": "", "quota_lines_per_s": "5"}).status_code == 400
    shown = client.post(url, {"label": "edge-sh-01", "quota_lines_per_s": "5000"}).content.decode()
    key = IngestKey.objects.get(resource_ref=edge.ref)
    assert f"ak_{key.prefix}_" in shown and "edge-sh-01" in shown
    assert (key.customer, key.quota_lines_per_s) == (None, 5000)
    page = client.get(f"/resources/{edge.ref}").content.decode()
    assert key.prefix in page and "none in the last day" in page
    own = row(world.show_app, "own", world.now - timedelta(seconds=70), edge="edge-sh-01", interval_ms=5000, opened=1)
    telemetry.add([own | {"customer": 0, "app": 0}])
    page = client.get(f"/resources/{edge.ref}").content.decode()
    assert "none in the last day" not in page and "nobody reported being on it" in page
    assert "edge-sh-01" not in [found.name for found in seen_nodes(world.now - timedelta(hours=1), world.now)]
    for name, status in (("agent", 403), ("zhao", 404), ("stranger", 404)):
        assert world.client(name).get(url).status_code == status
        assert world.client(name).post(url, {"label": "x", "quota_lines_per_s": "1"}).status_code == status


def test_customers_people_find_no_map(telemetry: Any, world: World, edge: Resource) -> None:
    tie = ResourceServes.objects.create(resource=edge, customer=world.show, source="hand")
    for name in ("zhao", "viewer", "stranger"):
        client = world.client(name)
        for url in ("/resources", "/resources/new", f"/resources/{edge.ref}"):
            assert client.get(url).status_code == 404
        assert client.post(f"/resources/{edge.ref}/customers", {"customer": world.show.pk}).status_code == 404
        assert client.post(f"/resources/{edge.ref}/customers/{tie.pk}/end").status_code == 404


def test_agents_read_and_do_not_write(telemetry: Any, world: World, edge: Resource) -> None:
    client = world.client("agent")
    assert client.get("/resources").status_code == 200
    assert client.get(f"/resources/{edge.ref}").status_code == 200
    assert client.get("/resources/new").status_code == 403
    assert client.post(f"/resources/{edge.ref}/customers", {"customer": world.show.pk}).status_code == 403
