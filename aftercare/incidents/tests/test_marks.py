"""An app's incidents as marks on its charts."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.incidents.models import Incident
from aftercare.incidents.tests.scene import open_alert
from aftercare.telemetry.tests.made import crowd
from tests.world import World

MINUTE = timedelta(minutes=1)


def test_it_works(telemetry: Any, world: World, incident: Incident) -> None:
    url = f"/apps/{incident.app.ref}/incidents.json"
    at, before, after = incident.opened_at, incident.opened_at - MINUTE, incident.opened_at + MINUTE
    for name in ("eng", "zhao", "viewer"):
        found = world.client(name).get(url, {"from": before.isoformat(), "to": after.isoformat()}).json()
        assert found == {
            "marks": [{"at": at.timestamp(), "label": incident.title, "url": f"/incidents/{incident.ref}"}]
        }
    assert world.client("eng").get(url, {"from": after.isoformat()}).json() == {"marks": []}
    assert len(world.client("eng").get(url).json()["marks"]) == 1
    telemetry.add(crowd(incident.app, world.now - timedelta(minutes=5), 1))
    page = world.client("eng").get(f"/apps/{incident.app.ref}").content.decode()
    assert f'data-chart-marks="{url}"' in page


def test_trouble_of_all_apps_is_marked_on_each(world: World) -> None:
    open_alert(world, at=world.now, app=None)
    (mark,) = world.client("zhao").get(f"/apps/{world.show_app.ref}/incidents.json").json()["marks"]
    assert mark["label"] == Incident.objects.get().title
    assert world.client("eng").get(f"/apps/{world.social_app.ref}/incidents.json").json() == {"marks": []}


def test_a_stranger_finds_no_app_and_no_incident(world: World, incident: Incident) -> None:
    at = {"from": "2020-01-01T00:00:00Z", "to": (incident.opened_at + MINUTE).isoformat()}
    assert world.client("stranger").get(f"/apps/{incident.app.ref}/incidents.json", at).status_code == 404
    assert world.client("stranger").get(f"/apps/{world.social_app.ref}/incidents.json", at).json() == {"marks": []}
    assert world.client().get(f"/apps/{incident.app.ref}/incidents.json", at).status_code == 302


@pytest.mark.parametrize("said", ["yesterday", "1795400103", "1000-01-01", "9999-12-31T23:59:59Z", "2026-13-01"])
def test_rejects_times_that_cannot_be_read(world: World, incident: Incident, said: str) -> None:
    response = world.client("eng").get(f"/apps/{incident.app.ref}/incidents.json", {"from": said})
    assert response.status_code == 400
    assert "must be a time like" in response.content.decode()
