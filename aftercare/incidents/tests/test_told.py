"""Alerts from elsewhere become incidents as our own do; those of the provider's own systems stay the provider's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident, IncidentAlert, Kind
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from aftercare.watch.actions import raise_alerts, recover_alerts
from aftercare.watch.models import Alert, AlertSource
from aftercare.watch.types import Told
from tests.world import World

MINUTE = timedelta(minutes=1)
FULL = Told(
    fingerprint="disk",
    title="Disk full on edge-sh-01",
    body="98% of /data is used.\n<script>alert(1)</script>",
    labels={"instance": "edge-sh-01"},
    link="https://prometheus.example/graph",
)


def make_source(world: World, *, own: bool = False) -> AlertSource:
    """Starlight Live's Prometheus, or that of the provider's own systems."""
    place = {} if own else {"customer": world.show, "app": world.show_app}
    return AlertSource.objects.create(name="Prometheus", kind="alertmanager", created_at=world.now, **place)


def test_a_told_alert_opens_incident_page_and_ticket_in_its_own_words(world: World) -> None:
    raise_alerts(origin=make_source(world), told=[FULL], now=world.now)
    incident, page, ticket = Incident.objects.get(), Page.objects.get(), Ticket.objects.get()
    assert (incident.title, incident.title_zh) == (FULL.title, FULL.title)
    assert (page.subject_ref, page.severity, ticket.severity) == (incident.ref, "warning", "P3")
    assert ticket.messages.get().body.startswith("Monitoring reported this at")
    assert "监控" in ticket.messages.get().body_zh
    for who, path in (("zhao", "incidents"), ("mei", "incidents"), ("zhao", "tickets")):
        ref = incident.ref if path == "incidents" else ticket.ref
        shown = world.client(who).get(f"/{path}/{ref}").content.decode()
        assert "98% of /data is used." in shown and "instance=edge-sh-01" in shown
        assert "<script>alert(1)" not in shown and "https://prometheus.example/graph" in shown
        assert "skeleton" not in shown.partition('id="measured"')[2].partition("</aside>")[0]


def test_firing_again_is_an_update_and_counts_nothing_twice(world: World) -> None:
    source = make_source(world)
    raise_alerts(origin=source, told=[FULL], now=world.now)
    sent = Delivery.objects.count()
    raised = raise_alerts(origin=source, told=[replace(FULL, body="99%")], now=world.now + MINUTE)
    alert = Alert.objects.get()
    assert (raised.opened, raised.known, alert.body, alert.last_seen_at) == ((), 1, "99%", world.now + MINUTE)
    assert (Incident.objects.count(), Ticket.objects.get().messages.count(), Delivery.objects.count()) == (1, 1, sent)


def test_a_warning_that_becomes_red_raises_the_page_and_never_falls(world: World) -> None:
    source = make_source(world)
    raise_alerts(origin=source, told=[FULL], now=world.now)
    incident = Incident.objects.get()
    world.client("mei").post(f"/incidents/{incident.ref}/acknowledgement")
    raise_alerts(origin=source, told=[replace(FULL, severity="red")], now=world.now + MINUTE)
    raise_alerts(origin=source, told=[FULL], now=world.now + 2 * MINUTE)
    incident.refresh_from_db()
    page, ticket = Page.objects.get(), Ticket.objects.get()
    assert (incident.severity, incident.status, page.severity, page.state) == ("red", "open", "red", "open")
    assert (ticket.severity, Alert.objects.get().severity) == ("P2", "red")
    assert incident.timeline.filter(kind=Kind.SEVERITY_RAISED).count() == 1


def test_red_opens_at_once_what_was_ended_as_a_warning(world: World) -> None:
    source = make_source(world)
    raise_alerts(origin=source, told=[FULL], now=world.now)
    incident = Incident.objects.get()
    world.client("mei").post(f"/incidents/{incident.ref}/resolution", {"anyway": "1"})
    raise_alerts(origin=source, told=[replace(FULL, severity="red")], now=world.now + MINUTE)
    incident.refresh_from_db()
    assert (incident.status, incident.severity, incident.reopens_at) == ("open", "red", None)
    assert Page.objects.exclude(state="closed").get().severity == "red"


def test_the_last_recovery_resolves_in_words_that_claim_no_measure(world: World) -> None:
    source = make_source(world)
    raise_alerts(origin=source, told=[FULL, replace(FULL, fingerprint="b", title="Load")], now=world.now)
    recover_alerts(origin=source, fingerprints=["disk"], now=world.now + MINUTE)
    assert Incident.objects.get().status == "open"
    assert recover_alerts(origin=source, fingerprints=["b", "disk"], now=world.now + 2 * MINUTE) == 1
    incident, last = Incident.objects.get(), Ticket.objects.get().messages.order_by("-pk")[0]
    assert (incident.status, incident.end_reason, Page.objects.get().state) == ("resolved", "told", "closed")
    assert "says since" in last.body and "within their limits" not in last.body
    assert "Back within the limit" not in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()


def test_the_provider_s_own_is_nobody_else_s_business(world: World, telemetry: Any) -> None:
    raise_alerts(origin=make_source(world, own=True), told=[FULL], now=world.now)
    incident = Incident.objects.get()
    assert (incident.customer, incident.app, Page.objects.get().customer) == (None, None, None)
    assert not Ticket.objects.exists()
    assert not incident.customers.exists()
    for who in ("zhao", "developer", "viewer", "stranger"):
        client = world.client(who)
        assert client.get(f"/incidents/{incident.ref}").status_code == 404
        for path in ("/", "/incidents", "/alerts", "/incidents/strip", "/search?q=Disk", f"/apps/{world.show_app.ref}"):
            assert "Disk full" not in client.get(path).content.decode(), (who, path)
    for path in (f"/incidents/{incident.ref}", "/", "/incidents", "/alerts", "/pages"):
        assert "Disk full" in world.client("eng").get(path).content.decode(), path


def test_the_provider_s_own_alerts_are_grouped_by_their_source(world: World) -> None:
    first, second = make_source(world, own=True), make_source(world, own=True)
    raise_alerts(origin=first, told=[FULL], now=world.now)
    raise_alerts(origin=first, told=[replace(FULL, fingerprint="b")], now=world.now + MINUTE)
    raise_alerts(origin=second, told=[FULL], now=world.now + MINUTE)
    assert sorted(incident.alerts.count() for incident in Incident.objects.all()) == [1, 2]
    recover_alerts(origin=first, fingerprints=["disk", "b"], now=world.now + 2 * MINUTE)
    assert Incident.objects.filter(status="resolved").count() == 1


def test_told_and_measured_alerts_of_one_app_are_one_incident(world: World) -> None:
    source = make_source(world)
    raise_alerts(origin=source, told=[FULL], now=world.now)
    open_alert(world, at=world.now + MINUTE)
    incident = Incident.objects.get()
    assert (incident.alerts.count(), incident.severity) == (2, "red")
    shown = world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert "98% of /data is used." in shown and "Stall rate" in shown


def test_a_storm_is_one_incident_one_page_and_one_message(world: World) -> None:
    source = make_source(world)
    storm = [replace(FULL, fingerprint=str(n), title=f"Host {n} is down") for n in range(499)]
    raise_alerts(origin=source, told=[*storm, replace(FULL, severity="red")], now=world.now)
    incident, ticket = Incident.objects.get(), Ticket.objects.get()
    assert incident.title == "Disk full on edge-sh-01, and 499 more alerts"
    assert (IncidentAlert.objects.count(), Page.objects.count(), ticket.messages.count()) == (500, 1, 1)
    page = world.client("mei").get(f"/incidents/{incident.ref}").content.decode()
    assert "and 492 more alerts" in page
    recover_alerts(origin=source, fingerprints=[str(n) for n in range(499)], now=world.now + MINUTE)
    assert incident.timeline.filter(kind=Kind.ALERT_CLOSED).count() == 1
    assert "Over, 499 alerts" in world.client("mei").get(f"/incidents/{incident.ref}").content.decode()


def test_a_storm_that_comes_one_by_one_is_one_line_and_few_messages(world: World) -> None:
    source = make_source(world)
    for number in range(30):
        told = replace(FULL, fingerprint=str(number), title=f"Host {number} is down")
        raise_alerts(origin=source, told=[told], now=world.now + timedelta(seconds=number))
    incident, ticket = Incident.objects.get(), Ticket.objects.get()
    assert incident.timeline.filter(kind=Kind.ALERT_JOINED).count() == 1
    assert ticket.messages.count() <= 7
    for number in range(29):
        recover_alerts(origin=source, fingerprints=[str(number)], now=world.now + MINUTE)
    page = world.client("mei").get(f"/incidents/{incident.ref}").content.decode()
    assert "Over, 29 alerts, the worst of them: Host 0 is down" in page


def test_an_occurrence_that_is_over_never_opens_again(world: World) -> None:
    source = make_source(world)
    once = replace(FULL, is_once=True)
    raise_alerts(origin=source, told=[once], now=world.now)
    recover_alerts(origin=source, fingerprints=["disk"], now=world.now + MINUTE)
    assert raise_alerts(origin=source, told=[once], now=world.now + MINUTE).opened == ()
    assert len(raise_alerts(origin=source, told=[FULL], now=world.now + MINUTE).opened) == 1


def test_an_alert_has_exactly_one_origin(world: World) -> None:
    alert = open_alert(world, at=world.now)
    source = make_source(world)
    for wrong in ({"source": source}, {"monitor": None}, {"monitor": None, "source": source}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**wrong)
