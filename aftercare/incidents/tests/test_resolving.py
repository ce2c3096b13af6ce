"""Resolving by hand: what is not over cannot be silenced, and never stays silent."""

from datetime import timedelta

import pytest

from aftercare.desk.models import Message, Ticket
from aftercare.incidents.actions import reopen_incident, resolve_incident
from aftercare.incidents.engine import process_due
from aftercare.incidents.models import Incident, Status
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.tests.scene import close_alert
from aftercare.kernel.clock import utc_now
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert
from tests.world import World

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def telemetry_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.incidents.evidence.metric_series", lambda *args, **more: [])
    monkeypatch.setattr("aftercare.incidents.evidence.worst_sessions", lambda *args, **more: [])


@pytest.fixture
def ended(world: World, incident: Incident) -> Incident:
    """Resolved by Lin although its alert is open."""
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    incident.refresh_from_db()
    return incident


def test_it_works(world: World, incident: Incident) -> None:
    Alert.objects.update(closed_at=world.now, close_reason="recovered")  # the closing is on its way to the incident
    assert world.client("eng").post(f"/incidents/{incident.ref}/resolution").status_code == 302
    incident.refresh_from_db()
    assert (incident.status, incident.resolved_by, incident.reopens_at) == (Status.RESOLVED, world.eng, None)
    assert Page.objects.get().state == "closed"
    page = world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert "Our engineers ended the incident" in page
    assert "Lin resolved" not in page


def test_refuses_while_an_alert_is_open(world: World, incident: Incident) -> None:
    answer = world.client("eng").post(f"/incidents/{incident.ref}/resolution")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It is not over yet: Stall rate of Starlight Live is 7.9% (limit 5%)." in page
    assert "Resolve anyway" in page and 'name="anyway"' in page
    incident.refresh_from_db()
    assert (incident.status, Page.objects.get().state) == (Status.OPEN, "open")


def test_resolve_anyway(world: World, incident: Incident) -> None:
    answer = world.client("eng").post(f"/incidents/{incident.ref}/resolution", {"anyway": "1"})
    assert answer.status_code == 302
    incident.refresh_from_db()
    assert incident.status == Status.RESOLVED
    assert TEN_MINUTES > incident.reopens_at - utc_now() > TEN_MINUTES - timedelta(minutes=1)


def test_a_fault_that_lasts_opens_again(world: World, ended: Incident) -> None:
    process_due(world.now + TEN_MINUTES - timedelta(seconds=1))
    ended.refresh_from_db()
    assert ended.status == Status.RESOLVED
    assert process_due(world.now + TEN_MINUTES) >= 1
    ended.refresh_from_db()
    assert (ended.status, ended.resolved_at, ended.reopens_at, ended.end_reason) == (Status.OPEN, None, None, "")
    page = Page.objects.get(state="open")
    assert (page.subject_ref, page.severity) == (ended.ref, "red")
    last = Ticket.objects.get().messages.order_by("-pk")[0]
    assert "It is not over: Stall rate of Starlight Live is 7.9% (limit 5%)" in last.body
    told = world.client("zhao").get(f"/incidents/{ended.ref}").content.decode()
    assert "Opened again, it is not over" in told
    assert not reopen_incident(incident=ended, now=world.now + TEN_MINUTES)
    close_alert(Alert.objects.get(), at=world.now + 2 * TEN_MINUTES)
    ended.refresh_from_db()
    assert (ended.status, ended.end_reason) == (Status.RESOLVED, "recovered")


def test_what_recovered_meanwhile_stays_resolved(world: World, ended: Incident) -> None:
    close_alert(Alert.objects.get(), at=world.now + timedelta(minutes=5))
    process_due(world.now + TEN_MINUTES)
    ended.refresh_from_db()
    assert (ended.status, ended.resolved_by, ended.reopens_at) == (Status.RESOLVED, world.eng, None)
    assert not Page.objects.exclude(state="closed").exists()


def test_now_counts_alerts_that_no_incident_speaks_of(world: World, ended: Incident) -> None:
    for name in ("agent", "zhao"):
        page = world.client(name).get("/").content.decode()
        assert "1 alert is still open, though its incident was resolved by hand" in page
        assert "Nothing is broken" not in page
        strip = world.client(name).get("/incidents/strip").content.decode()
        assert "1 open alert" in strip and "Nothing urgent" not in strip
    theirs = world.client("stranger").get("/").content.decode()
    assert "Nothing is broken" in theirs
    assert "still open" not in theirs


def test_what_ended_too_early_is_opened_again_by_hand(world: World, incident: Incident) -> None:
    lin, path = world.client("eng"), f"/incidents/{incident.ref}"
    assert "It is not over" not in lin.get(path).content.decode()
    lin.post(f"{path}/resolution", {"anyway": "1"})
    assert "It is not over" in lin.get(path).content.decode()
    refused = lin.post(f"{path}/reopening", {"text": " "})
    assert refused.status_code == 409 and Incident.objects.get().status == "resolved"
    for _again in range(2):
        assert lin.post(f"{path}/reopening", {"text": "Viewers in Hangzhou still stall"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.status, incident.acknowledged_by, incident.resolved_at) == ("acknowledged", world.eng, None)
    assert incident.timeline.filter(kind="reopened").count() == 1
    page = lin.get(path).content.decode()
    assert "Lin opened it again, it is not over" in page and "Viewers in Hangzhou" in page
    ticket = incident.customers.get().ticket
    last = Message.objects.filter(ticket=ticket).order_by("-pk")[0]
    assert last.side == "system" and "Hangzhou" not in last.body
    assert "Hangzhou" not in world.client("zhao").get(path).content.decode()
    assert clock_of(incident) is not None and not Page.objects.filter(state="open").exists()


def test_opened_again_it_wakes_where_that_is_asked(world: World, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}"
    world.client("eng").post(f"{path}/resolution", {"anyway": "1"})
    world.client("eng").post(f"{path}/reopening", {"text": "It came back", "wakes": "on"})
    incident.refresh_from_db()
    assert incident.status == "open" and Page.objects.get(state="open").subject_ref == incident.ref
    for name in ("zhao", "stranger"):
        assert world.client(name).post(f"{path}/reopening", {"text": "x"}).status_code in (403, 404)
