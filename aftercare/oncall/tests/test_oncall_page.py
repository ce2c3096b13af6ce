"""The on-call page, its forms, and the strip."""

from datetime import timedelta

import pytest

from aftercare.oncall.models import EscalationPolicy, Override, Rotation
from aftercare.oncall.tests.cast import Duty
from tests.world import World


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    monkeypatch.setattr("aftercare.oncall.views.schedule.utc_now", lambda: duty.now)
    return duty


def test_it_works(at_noon: Duty) -> None:
    shown = at_noon.world.client("eng").get("/oncall").content.decode()
    assert "Lin" in shown and "Mei" in shown and "Backup" in shown
    assert shown.count('class="calendar-week"') == 4


def test_holes_are_drawn_and_told(at_noon: Duty) -> None:
    at_noon.backup.members.all().delete()
    shown = at_noon.world.client("eng").get("/oncall").content.decode()
    assert "Backup has nobody in it" in shown
    assert "shift-hole" in shown


def test_before_there_is_anything(world: World) -> None:
    shown = world.client("ada").get("/oncall").content.decode()
    assert "Make the first rotation" in shown
    assert "Make the first rotation" not in world.client("agent").get("/oncall").content.decode()


def test_a_cover(at_noon: Duty) -> None:
    form = {
        "rotation": at_noon.primary.ref,
        "user": at_noon.world.ada.ref,
        "starts_at": "2026-11-23T14:00",
        "ends_at": "2026-11-23T18:00",
        "reason": "dentist",
    }
    assert at_noon.world.client("eng").post("/oncall", form).status_code == 302
    override = Override.objects.get()
    assert override.starts_at == at_noon.now + timedelta(hours=2), "typed in Shanghai's time"
    assert at_noon.world.client("agent").post("/oncall", form).status_code == 403
    assert at_noon.world.client("agent").post(f"/oncall/overrides/{override.ref}/removal").status_code == 403
    assert at_noon.world.client("eng").post(f"/oncall/overrides/{override.ref}/removal").status_code == 302
    assert not Override.objects.exists()


def test_it_rejects_a_cover_that_ends_before_it_begins(at_noon: Duty) -> None:
    form = {
        "rotation": at_noon.primary.ref,
        "user": at_noon.world.ada.ref,
        "starts_at": "2026-11-23T14:00",
        "ends_at": "2026-11-23T13:00",
    }
    answer = at_noon.world.client("eng").post("/oncall", form)
    assert answer.status_code == 400
    assert "The cover must end after it begins." in answer.content.decode()


def test_saving_a_rotation_says_what_it_leaves_open(at_noon: Duty) -> None:
    form = {
        "name": "Night",
        "timezone": "Europe/London",
        "shift_length_days": "1",
        "handoff_time": "09:00",
        "starts_on": "2026-12-01",
        "place_0": at_noon.world.mei.ref,
        "place_1": "",
    }
    answer = at_noon.world.client("mei").post("/oncall/rotations/new", form, follow=True)
    shown = answer.content.decode()
    assert Rotation.objects.get(name="Night").members.get().user == at_noon.world.mei
    assert "Nobody is on Night from 2026-11-23 12:00 until 2026-12-01 17:00." in shown
    assert "Mei has no confirmed contact method" in shown


def test_it_rejects_a_zone_that_does_not_exist(at_noon: Duty) -> None:
    path = f"/oncall/rotations/{at_noon.primary.ref}"
    form = {
        "name": "Primary",
        "timezone": "Mars/Olympus",
        "shift_length_days": "7",
        "handoff_time": "09:00",
        "starts_on": "2026-12-01",
    }
    answer = at_noon.world.client("ada").post(path, form)
    assert answer.status_code == 400 and "Mars/Olympus" in answer.content.decode()


def test_the_policy(at_noon: Duty) -> None:
    client = at_noon.world.client("ada")
    assert client.get("/oncall/policy").status_code == 200
    form = {"repeat": "3", "rotation_0": at_noon.backup.ref, "minutes_0": "2.5"}
    assert client.post("/oncall/policy", form).status_code == 302
    policy = EscalationPolicy.objects.get()
    assert (policy.repeat, policy.version) == (3, 2)
    assert policy.steps == [{"rotation": at_noon.backup.ref, "delay_s": 150}]


@pytest.mark.parametrize("path", ["/oncall/policy", "/oncall/rotations/new"])
def test_changing_needs_the_right(at_noon: Duty, path: str) -> None:
    for name in ("eng", "agent"):
        assert at_noon.world.client(name).get(path).status_code == 403
        assert at_noon.world.client(name).post(path).status_code == 403


@pytest.mark.parametrize("name", ["zhao", "viewer", "stranger"])
def test_for_customers_people_it_does_not_exist(at_noon: Duty, name: str) -> None:
    client = at_noon.world.client(name)
    for path in ("/oncall", "/oncall/policy", "/oncall/rotations/new", f"/oncall/rotations/{at_noon.primary.ref}"):
        assert client.get(path).status_code == 404, path
        assert client.post(path).status_code == 404, path
    assert client.get("/oncall/strip").content == b""


def test_the_strip(at_noon: Duty) -> None:
    shown = at_noon.world.client("agent").get("/oncall/strip").content.decode()
    assert "Lin" in shown and "then Mei" in shown
    Rotation.objects.all().delete()
    assert "Nobody is on duty" in at_noon.world.client("agent").get("/oncall/strip").content.decode()
