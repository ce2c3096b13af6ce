"""Evidence is gathered after the fact, and never at the cost of the ticket."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.models import Ticket
from aftercare.incidents import evidence
from aftercare.incidents.engine import TRIES, gather_due, process_due
from aftercare.incidents.models import Incident, IncidentAlert
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.oncall.models import Page
from tests.world import World

SESSION = {"session": "s-1", "user": "u-secret", "region": "CN Guangdong", "stall_ms": 9000, "started_at": "x"}


@pytest.fixture
def telemetry_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def series(app: Any, key: str, start: Any, end: Any, filters: Any, **more: Any) -> list[Any]:
        return [(start, None, 0.0), (end, 7.9, 120.0)]

    monkeypatch.setattr(evidence, "metric_series", series)
    monkeypatch.setattr(evidence, "worst_sessions", lambda *args, **more: [SESSION])


@pytest.fixture
def telemetry_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise TimeoutError("the store does not answer")

    monkeypatch.setattr(evidence, "metric_series", fail)


def test_it_works(world: World, incident: Incident, telemetry_answers: None) -> None:
    assert gather_due(world.now) == 1
    kept = Ticket.objects.get().evidence
    assert kept["state"] == "ready"
    assert [point[1] for point in kept["series"]] == [None, 7.9]
    assert kept["sessions"][0]["stall_ms"] == 9000
    assert "u-secret" not in str(kept)
    assert gather_due(world.now) == 0
    assert [value for _at, value in Page.objects.get().chart["points"]] == [None, 7.9]
    assert "at worst 7.9%" in world.client("eng").get(f"/p/{Page.objects.get().ref}").content.decode()
    page = world.client("zhao").get(f"/tickets/{Ticket.objects.get().ref}").content.decode()
    assert "s-1" in page


def test_a_second_look_while_it_lasts(world: World, telemetry_answers: None) -> None:
    alert = open_alert(world, at=world.now)
    assert gather_due(world.now) == 1
    assert gather_due(world.now + timedelta(seconds=30)) == 0
    assert gather_due(world.now + timedelta(minutes=2)) == 1
    assert gather_due(world.now + timedelta(minutes=20)) == 0
    close_alert(alert, at=world.now + timedelta(minutes=30))
    assert gather_due(world.now + timedelta(minutes=31)) == 1
    assert gather_due(world.now + timedelta(hours=1)) == 0


def test_a_failing_query_loses_nothing(world: World, telemetry_is_down: None) -> None:
    open_alert(world, at=world.now)
    now = world.now
    for _attempt in range(TRIES):
        assert gather_due(now) == 1
        now += timedelta(minutes=5)
    assert gather_due(now) == 0
    ticket = Ticket.objects.get()
    assert ticket.evidence["state"] == "unavailable"
    assert ticket.evidence["value"] == 7.9
    assert "could not be read" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_a_later_failure_keeps_what_was_gathered(
    world: World, incident: Incident, telemetry_answers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_due(world.now)
    IncidentAlert.objects.update(evidence_due_at=world.now, evidence_tries=TRIES - 1)
    monkeypatch.setattr(evidence, "worst_sessions", lambda *args: 1 / 0)
    process_due(world.now)
    assert Ticket.objects.get().evidence["state"] == "ready"


def test_a_crash_means_one_more_try(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    open_alert(world, at=world.now)

    def die(*args: Any, **more: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(evidence, "metric_series", die)
    with pytest.raises(SystemExit):
        process_due(world.now)
    assert IncidentAlert.objects.get().evidence_due_at == world.now + timedelta(seconds=30)


def test_the_ticket_shows_the_leading_alert(world: World, telemetry_answers: None) -> None:
    open_alert(world, at=world.now, severity="warning", threshold=2.0)
    open_alert(world, at=world.now, metric="join_success")
    process_due(world.now)
    assert Ticket.objects.get().evidence["metric"] == "join_success"


def test_the_series_comes_from_the_real_store(world: World, telemetry: Any) -> None:
    open_alert(world, at=world.now)
    process_due(world.now)
    kept = Ticket.objects.get().evidence
    assert kept["state"] == "ready"
    assert kept["sessions"] == []
    assert len(kept["series"]) > 100
    assert all(point[1] is None for point in kept["series"])


def test_the_sessions_are_those_the_rule_is_about(world: World, telemetry: Any) -> None:
    row = {
        "customer": world.show.pk,
        "app": world.show_app.pk,
        "ts": world.now - timedelta(minutes=1),
        "interval_ms": 60_000,
        "play_ms": 30_000,
        "stall_ms": 30_000,
        "carrier": "CMCC",
    }
    places = {"a": "Guangdong", "b": "Beijing", "c": "Guangdong"}
    telemetry.add([{**row, "session": name, "province": place} for name, place in places.items()])
    telemetry.add([{**row, "session": "d", "province": "Guangdong", "carrier": "CUCC"}])
    filters = {"province": "Guangdong", "carrier": "CMCC", "region_pair": "CN-CN"}
    open_alert(world, at=world.now, filters=filters)
    process_due(world.now)
    kept = Ticket.objects.get().evidence
    assert sorted(session["session"] for session in kept["sessions"]) == ["a", "c"]
