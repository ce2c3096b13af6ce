"""The on-call page, its forms, and the strip."""

from datetime import timedelta

import pytest

from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.tests.cast import Duty, empty
from tests.world import World


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for views in ("schedule", "schedules", "swaps"):
        monkeypatch.setattr(f"aftercare.oncall.views.{views}.utc_now", lambda: duty.now)
    return duty


def test_it_works(at_noon: Duty) -> None:
    shown = at_noon.world.client("eng").get("/oncall").content.decode()
    assert "Lin" in shown and "Mei" in shown and "Backup" in shown
    assert shown.count('class="calendar-week"') == 4


def test_holes_are_drawn_and_told(at_noon: Duty) -> None:
    empty(at_noon.backup)
    shown = at_noon.world.client("eng").get("/oncall").content.decode()
    assert "Backup has nobody in it" in shown
    assert "shift-hole" in shown


def test_before_there_is_anything(world: World) -> None:
    shown = world.client("ada").get("/oncall").content.decode()
    assert "Make the first schedule" in shown
    assert "Make the first schedule" not in world.client("agent").get("/oncall").content.decode()


def test_a_cover(at_noon: Duty) -> None:
    form = {
        "schedule": at_noon.primary.ref,
        "kind": "instead",
        "user": at_noon.world.ada.ref,
        "starts_at": "2026-11-23T14:00",
        "ends_at": "2026-11-23T18:00",
        "reason": "dentist",
    }
    assert at_noon.world.client("eng").post("/oncall", form).status_code == 302
    change = Change.objects.get()
    assert change.starts_at == at_noon.now + timedelta(hours=2), "typed in Shanghai's time"
    assert at_noon.world.client("agent").post("/oncall", form).status_code == 403
    assert at_noon.world.client("agent").post(f"/oncall/changes/{change.ref}/removal").status_code == 403
    assert at_noon.world.client("eng").post(f"/oncall/changes/{change.ref}/removal").status_code == 302
    assert not Change.objects.exists()


def test_it_rejects_a_cover_that_ends_before_it_begins(at_noon: Duty) -> None:
    form = {
        "schedule": at_noon.primary.ref,
        "kind": "instead",
        "user": at_noon.world.ada.ref,
        "starts_at": "2026-11-23T14:00",
        "ends_at": "2026-11-23T13:00",
    }
    answer = at_noon.world.client("eng").post("/oncall", form)
    assert answer.status_code == 400
    assert "The end must lie after the beginning." in answer.content.decode()


def test_saving_a_schedule_says_what_it_leaves_open(at_noon: Duty) -> None:
    form = {
        "name": "Night",
        "timezone": "Europe/London",
        "layer_0_turns": "Mei",
        "layer_0_every": "1",
        "layer_0_unit": "day",
        "layer_0_starts": "2026-12-01T09:00",
    }
    answer = at_noon.world.client("mei").post("/oncall/schedules/new", form, follow=True)
    shown = answer.content.decode()
    assert Schedule.objects.get(name="Night").document["layers"][0]["turns"] == [[at_noon.world.mei.ref]]
    assert "Nobody is on Night from 2026-11-23 12:00 until 2026-12-01 17:00." in shown
    assert "Mei has no confirmed contact method" in shown


def test_it_rejects_a_zone_that_does_not_exist(at_noon: Duty) -> None:
    path = f"/oncall/schedules/{at_noon.primary.ref}"
    form = {
        "name": "Primary",
        "timezone": "Mars/Olympus",
        "layer_0_turns": "Lin",
        "layer_0_every": "1",
        "layer_0_unit": "week",
        "layer_0_starts": "2026-12-01T09:00",
    }
    answer = at_noon.world.client("ada").post(path, form)
    assert answer.status_code == 400 and "Mars/Olympus" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/oncall/policies/new", "/oncall/management", "/oncall/rooms", "/oncall/schedules/new"]
)
def test_changing_needs_the_right(at_noon: Duty, path: str) -> None:
    for name in ("eng", "agent"):
        assert at_noon.world.client(name).get(path).status_code == 403
        assert at_noon.world.client(name).post(path).status_code == 403


@pytest.mark.parametrize("name", ["zhao", "viewer", "stranger"])
def test_for_customers_people_it_does_not_exist(at_noon: Duty, name: str) -> None:
    client = at_noon.world.client(name)
    for path in (
        "/oncall",
        "/oncall/policies",
        "/oncall/management",
        "/oncall/rooms",
        "/oncall/schedules/new",
        f"/oncall/schedules/{at_noon.primary.ref}",
    ):
        assert client.get(path).status_code == 404, path
        assert client.post(path).status_code == 404, path
    assert client.get("/oncall/strip").content == b""


def test_the_strip(at_noon: Duty) -> None:
    shown = at_noon.world.client("agent").get("/oncall/strip").content.decode()
    assert "Lin" in shown and "then Mei" in shown
    Schedule.objects.all().delete()
    assert "Nobody is on duty" in at_noon.world.client("agent").get("/oncall/strip").content.decode()
