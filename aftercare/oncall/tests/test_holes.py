"""An edit that would leave a covered time with nobody is shown before it holds, or refused."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.models import Change, OncallSettings, Schedule, ScheduleVersion
from aftercare.oncall.tests.cast import Duty, make_schedule

DAY = timedelta(days=1)


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for view in ("schedule", "schedules", "settings"):
        monkeypatch.setattr(f"aftercare.oncall.views.{view}.utc_now", lambda: duty.now)
    return duty


def free(duty: Duty, **more: Any) -> dict[str, Any]:
    """Lin is free for a day, and nobody stands in."""
    return {
        "schedule": duty.primary.ref,
        "user": duty.world.eng.ref,
        "kind": "remove",
        "starts_at": "2026-11-24T09:00",
        "ends_at": "2026-11-25T09:00",
        **more,
    }


def test_it_works(at_noon: Duty) -> None:
    lin = at_noon.world.client("eng")
    shown = lin.post("/oncall", free(at_noon))
    assert shown.status_code == 409 and not Change.objects.exists()
    page = shown.content.decode()
    assert "Nothing was saved yet." in page and "2026-11-24 09:00 – 2026-11-25 09:00" in page
    assert 'name="accept_holes" value="1"' in page and f'name="user" value="{at_noon.world.eng.ref}"' in page
    assert lin.post("/oncall", free(at_noon, accept_holes="1")).status_code == 302
    assert Change.objects.get().kind == "remove"


def test_ending_a_cover_that_others_need_is_shown_first(at_noon: Duty) -> None:
    world, now = at_noon.world, at_noon.now
    make = {"schedule": at_noon.primary, "starts_at": now + DAY, "ends_at": now + 2 * DAY, "actor": None, "now": now}
    actions.add_change(kind="remove", user=world.eng, **make)
    cover = actions.add_change(kind="add", user=world.mei, **make)
    path = f"/oncall/changes/{cover.ref}/removal"
    assert world.client("eng").post(path).status_code == 409
    assert world.client("eng").post(path, {"accept_holes": "1"}).status_code == 302
    assert not Change.objects.filter(pk=cover.pk).exists()


def test_a_new_version_that_opens_a_hole_is_shown_and_one_that_only_keeps_it_is_not(at_noon: Duty) -> None:
    world, now = at_noon.world, at_noon.now
    days = make_schedule(world, "Days", [world.eng], every="1 days")
    mornings = days.document["layers"][0] | {"hours": [{"days": "mon-fri", "from": "06:00", "to": "12:00"}]}
    change = {"schedule": days, "name": "Days", "actor": world.ada, "now": now, "accepts_holes": False}
    with pytest.raises(actions.OpensHoles) as opens:
        actions.save_schedule(document=days.document | {"layers": [mornings]}, **change)
    assert opens.value.may_be_meant and len(opens.value.spans) == 65, "64 nights and the weekends within them"
    assert ScheduleVersion.objects.filter(schedule=days).count() == 1
    meant = {**change, "accepts_holes": True}
    saved = actions.save_schedule(document=days.document | {"layers": [mornings]}, **meant)
    again = actions.save_schedule(**{**change, "schedule": saved, "name": "Mornings"}, document=saved.document)
    assert again.version == 3


def test_where_the_settings_refuse_holes_nobody_may_mean_them(at_noon: Duty) -> None:
    actions.save_settings(facts={"on_holes": "refuse"}, actor=None, now=at_noon.now)
    lin = at_noon.world.client("eng")
    page = lin.post("/oncall", free(at_noon, accept_holes="1"))
    assert page.status_code == 409 and "Save it all the same" not in page.content.decode()
    assert not Change.objects.exists()
    document = at_noon.primary.document | {"fallback": [at_noon.world.mei.ref]}
    actions.save_schedule(
        schedule=at_noon.primary, name="Primary", document=document, actor=at_noon.world.ada, now=at_noon.now
    )
    assert lin.post("/oncall", free(at_noon)).status_code == 302, "the fallback holds then"


def test_a_schedule_goes_once_nothing_uses_it(at_noon: Duty) -> None:
    world = at_noon.world
    path = f"/oncall/schedules/{at_noon.backup.ref}/removal"
    assert world.client("zhao").post(path).status_code == 404
    assert world.client("eng").post(path).status_code == 403
    ada = world.client("ada")
    assert "still wakes Backup" in ada.post(path, follow=True).content.decode()
    actions.save_policy(steps=[(at_noon.primary, 300)], actor=None, now=at_noon.now)
    actions.set_customer_schedule(customer=world.show, schedule=at_noon.backup, actor=None, now=at_noon.now)
    assert "Starlight Show still begin with Backup" in ada.post(path, follow=True).content.decode()
    actions.set_customer_schedule(customer=world.show, schedule=None, actor=None, now=at_noon.now)
    assert "Backup is gone." in ada.post(path, follow=True).content.decode()
    assert [one.name for one in Schedule.objects.all()] == ["Primary"]


def settings_of(**more: Any) -> dict[str, Any]:
    """The form as it is sent."""
    return {
        "longest_h": "168",
        "most_hours": "",
        "most_nights": "4",
        "ahead_days": "30",
        "on_holes": "refuse",
        "mails": "on",
        "mail_weekday": "4",
        "mail_hour": "17",
        "timezone": "Europe/Berlin",
        "calls_from": "11",
        "calls_until": "16",
        "answer_within_min": "10",
        **more,
    }


def test_settings_are_a_managers_and_what_is_impossible_is_refused(at_noon: Duty) -> None:
    world = at_noon.world
    for who, status in (("zhao", 404), ("eng", 403), ("mei", 200)):
        assert world.client(who).get("/oncall/settings").status_code == status
    mei = world.client("mei")
    assert mei.post("/oncall/settings", settings_of()).status_code == 302
    kept = OncallSettings.objects.get()
    assert (kept.longest_h, kept.most_hours, kept.most_nights, kept.on_holes, kept.calls) == (
        168,
        None,
        4,
        "refuse",
        False,
    )
    for wrong in ({"calls_from": "16"}, {"ahead_days": "4000"}, {"timezone": "Mars"}, {"most_nights": "9"}):
        assert mei.post("/oncall/settings", settings_of(**wrong)).status_code == 400
    with pytest.raises(Refused, match="between 1 and 168"):
        actions.save_settings(facts={"most_hours": 200}, actor=None, now=at_noon.now)
    found = world.client("ada").get("/oncall/coverage").content.decode()
    assert "The next 30 days" in found and "nights of seven" in found
