"""Trouble of all apps of a customer: an incident of its own, told in the customer's name."""

from datetime import timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.desk.models import Ticket
from aftercare.incidents.engine import process_due
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.oncall.models import Page
from tests.world import World


def test_it_works(world: World) -> None:
    alert = open_alert(world, at=world.now, app=None)
    incident, page, ticket = Incident.objects.get(), Page.objects.get(), Ticket.objects.get()
    assert incident.title == "Stall rate of all apps of Starlight Show is 7.9% (limit 5%)"
    assert "“星光秀场全部应用”" in incident.title_zh
    assert (incident.app, incident.customer, page.customer, ticket.customer) == (None, *[world.show] * 3)
    assert ticket.app is None
    for name in ("eng", "zhao"):
        client = world.client(name)
        for path in ("/", "/incidents", f"/incidents/{incident.ref}", f"/tickets/{ticket.ref}", "/alerts"):
            answer = client.get(path)
            told = answer.content.decode()
            assert answer.status_code == 200 and ("Starlight" in told or "All apps" in told), path
    world.client("eng").post(f"/incidents/{incident.ref}/acknowledgement")
    close_alert(alert, at=world.now + timedelta(minutes=3))
    incident.refresh_from_db()
    assert (incident.status, incident.end_reason) == ("resolved", "recovered")


def test_a_stranger_sees_nothing_of_it(world: World) -> None:
    open_alert(world, at=world.now, app=None)
    client = world.client("stranger")
    assert client.get(f"/incidents/{Incident.objects.get().ref}").status_code == 404
    for path in ("/", "/incidents", "/alerts", "/tickets", "/incidents/strip"):
        assert "Starlight" not in client.get(path).content.decode(), path


def test_one_apps_trouble_is_not_lost_in_it(world: World) -> None:
    open_alert(world, at=world.now, app=None)
    open_alert(world, at=world.now)
    open_alert(world, at=world.now, app=None, metric="join_success", comparison="below", threshold=95.0)
    apps = Incident.objects.order_by("pk").values_list("app", flat=True)
    assert list(apps) == [None, world.show_app.pk]


def test_the_evidence_is_of_all_apps(world: World, telemetry: Any) -> None:
    second = App.objects.create(customer=world.show, name="Starlight Radio", created_at=world.now)
    row = {"ts": world.now - timedelta(minutes=1), "interval_ms": 60_000}
    for app, name, stall_ms in (
        (world.show_app, "a", 10_000),
        (second, "b", 50_000),
        (world.social_app, "x", 60_000),
    ):
        facts = {"customer": app.customer_id, "app": app.pk, "session": name}
        telemetry.add([{**row, **facts, "stall_ms": stall_ms, "play_ms": 60_000 - stall_ms}])
    open_alert(world, at=world.now, app=None, metric="rebuffering_ratio")
    process_due(world.now)
    kept = Ticket.objects.get().evidence
    assert kept["state"] == "ready"
    assert [(one["session"], one["app"]) for one in kept["sessions"]] == [("b", second.ref), ("a", world.show_app.ref)]
    assert [value for _at, value, _volume in kept["series"] if value is not None] == [50.0]
