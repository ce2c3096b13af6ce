"""Trouble that a measurement told of: name, labels and unit in incident and ticket, its course as evidence."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.models import Ticket
from aftercare.incidents.engine import process_due
from aftercare.incidents.models import Incident, IncidentAlert
from aftercare.watch.tests.watching import Stage
from tests.measuring import Door
from tests.world import World

LABELS = {"host": "edge-1"}


def flood(world: World, door: Door, stage: Stage) -> None:
    """Ten megabytes a second where five are the limit, seen by the real evaluation."""
    stage.now = world.now
    facts = {"metric": "rate(edge.sent)", "unit": "By/s", "threshold": 5e6, "window_s": 120, "filters": LABELS}
    stage.monitor(world.show_app, **facts)
    door.counter(
        world.show_app, "edge.sent", [(LABELS, 3e8 * n, world.now - timedelta(seconds=300 - 30 * n)) for n in range(11)]
    )
    stage.tick()


@pytest.fixture
def stage(telemetry: Any, world: World) -> Stage:
    return Stage(telemetry, world.now)


def test_it_works(world: World, door: Door, stage: Stage) -> None:
    flood(world, door, stage)
    incident, ticket = Incident.objects.get(), Ticket.objects.get()
    assert incident.title == "edge.sent (per second) of Starlight Live (host=edge-1) is 10 MB/s (limit 5 MB/s)"
    assert "edge.sent（每秒）" in incident.title_zh and "host=edge-1" in incident.title_zh
    process_due(stage.now)
    evidence = IncidentAlert.objects.get().evidence
    assert (evidence["state"], evidence["threshold"], evidence["definition"]["unit"]) == ("ready", 5, "MB/s")
    assert [value for _at, value, _points in evidence["series"] if value is not None] == pytest.approx(
        [10] * 6, rel=0.05
    )
    assert evidence["sessions"] == []
    for path in (f"/incidents/{incident.ref}", f"/tickets/{ticket.ref}"):
        page = world.client("zhao").get(path)
        told = page.content.decode()
        assert page.status_code == 200 and "edge.sent" in told and " points" in told, path
    assert world.client("stranger").get(f"/incidents/{incident.ref}").status_code == 404
