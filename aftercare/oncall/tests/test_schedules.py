"""Schedules in the console: the form, versions, several people at once, hours, fallback."""

from datetime import UTC, datetime, timedelta

import pytest

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions, queries
from aftercare.oncall.models import Schedule
from aftercare.oncall.tests.cast import Duty, make_schedule

HOUR = timedelta(hours=1)


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for views in ("schedule", "schedules", "swaps"):
        monkeypatch.setattr(f"aftercare.oncall.views.{views}.utc_now", lambda: duty.now)
    return duty


def form(**more: str) -> dict[str, str]:
    """Days by Lin and Mei together, nights of workdays by Ada, from Monday on; Mei where nobody is left."""
    return {
        "name": "Media",
        "timezone": "Asia/Shanghai",
        "holidays": "cn",
        "layer_0_name": "Days",
        "layer_0_turns": "Lin，mei@provider.example\n-",
        "layer_0_every": "2",
        "layer_0_unit": "week",
        "layer_0_starts": "2026-11-23T10:00",
        "layer_1_name": "Nights",
        "layer_1_turns": "Ada",
        "layer_1_every": "1",
        "layer_1_unit": "day",
        "layer_1_starts": "2026-11-23T10:00",
        "layer_1_hours": "workdays 20:00-08:00",
        "layer_2_turns": "",
        "layer_2_every": "1",
        "layer_2_unit": "week",
        **more,
    }


def test_it_works_from_the_page(at_noon: Duty) -> None:
    world = at_noon.world
    answer = world.client("mei").post("/oncall/schedules/new", form(fallback=world.mei.ref))
    media = Schedule.objects.get(name="Media")
    assert answer.status_code == 302 and answer["Location"] == f"/oncall/schedules/{media.ref}"
    assert media.document == {
        "timezone": "Asia/Shanghai",
        "holidays": "CN",
        "fallback": [world.mei.ref],
        "layers": [
            {
                "name": "Days",
                "turns": [[world.eng.ref, world.mei.ref], []],
                "every": "2 weeks",
                "starts": "2026-11-23 10:00:00",
            },
            {
                "name": "Nights",
                "turns": [[world.ada.ref]],
                "every": "1 days",
                "starts": "2026-11-23 10:00:00",
                "hours": [{"days": "workdays", "from": "20:00", "to": "08:00"}],
            },
        ],
    }
    told = [(shift.names, shift.is_fallback) for shift in queries.shifts(media, at_noon.now, at_noon.now + 21 * HOUR)]
    assert told == [("Lin, Mei", False), ("Ada", False), ("Lin, Mei", False)]
    later = datetime(2026, 12, 8, 4, tzinfo=UTC)
    assert [(one.names, one.is_fallback) for one in queries.shifts(media, later, later + HOUR)] == [("Mei", True)]


def test_the_form_gives_back_what_was_saved(at_noon: Duty) -> None:
    client = at_noon.world.client("mei")
    client.post("/oncall/schedules/new", form())
    media = Schedule.objects.get(name="Media")
    shown = client.get(f"/oncall/schedules/{media.ref}").content.decode()
    assert "Lin, Mei\n-</textarea>" in shown and "workdays 20:00-08:00</textarea>" in shown
    assert 'value="2026-11-23T10:00"' in shown
    client.post(f"/oncall/schedules/{media.ref}", form(version="1"))
    media.refresh_from_db()
    assert media.version == 1, "the same once more is no version"


def test_a_layer_without_turns_goes_and_each_save_is_a_version(at_noon: Duty) -> None:
    client = at_noon.world.client("mei")
    client.post("/oncall/schedules/new", form())
    media = Schedule.objects.get(name="Media")
    client.post(f"/oncall/schedules/{media.ref}", form(version="1", layer_1_turns="", accept_holes="1"))
    assert [one.version for one in media.versions.all()] == [2, 1]
    assert [len(one.document["layers"]) for one in media.versions.all()] == [1, 2]
    late = client.post(f"/oncall/schedules/{media.ref}", form(version="1"))
    assert late.status_code == 400 and "Somebody has changed this schedule meanwhile" in late.content.decode()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"layer_0_turns": "Somebody"}, "“Somebody” is nobody who can take pages."),
        ({"layer_0_turns": "Wang"}, "“Wang” is nobody who can take pages."),
        ({"layer_1_hours": "nights"}, "“nights” is not like “mon-fri 09:00-18:00”."),
        ({"layer_1_hours": "someday 09:00-18:00"}, "“someday” is no day"),
        ({"layer_1_starts": ""}, "Say when the first turn begins."),
        ({"holidays": "XX"}, "there are no public holidays known for “XX”"),
        ({"name": "Primary"}, "There is a schedule called “Primary” already."),
        ({"layer_0_starts": "1815-01-01T00:00"}, "the year lies between 2000 and 2100"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(at_noon: Duty, more: dict[str, str], sentence: str) -> None:
    answer = at_noon.world.client("ada").post("/oncall/schedules/new", form(**more))
    shown = answer.content.decode()
    assert answer.status_code == 400 and sentence in shown
    assert "2026-11-23T10:00" in shown and not Schedule.objects.filter(name="Media").exists()


def test_everybody_of_a_turn_is_called(duty: Duty) -> None:
    both = make_schedule(duty.world, "Both", [duty.world.eng, duty.world.mei])
    actions.save_policy(steps=[(both, 300)], actor=None, now=duty.now)
    assert {notice.user.name for notice in duty.page().notices.all()} == {"Lin", "Mei"}


def test_a_step_can_be_a_person_and_two_steps_one_moment(duty: Duty) -> None:
    world = duty.world
    actions.save_policy(steps=[(world.ada, 0), (duty.primary, 300)], actor=None, now=duty.now)
    page = duty.page()
    assert {notice.user.name for notice in page.notices.all()} == {"Ada"}
    assert page.next_step_at is not None and page.next_step_at - duty.now == timedelta(seconds=1)
    with pytest.raises(Refused, match="cannot take pages"):
        actions.save_policy(steps=[(world.agent, 300)], actor=None, now=duty.now)


def test_who_left_may_keep_their_place_while_something_else_changes(duty: Duty) -> None:
    world = duty.world
    world.mei.is_active = False
    world.mei.save()
    document = duty.primary.document | {"fallback": [world.ada.ref]}
    saved = actions.save_schedule(schedule=duty.primary, name="Primary", document=document, actor=None, now=duty.now)
    assert [one.names for one in queries.shifts(saved, duty.now, duty.now + 14 * 24 * HOUR)] == ["Lin", "Ada", "Lin"]
    with pytest.raises(Refused, match="cannot take pages"):
        make_schedule(world, "New", [world.mei])
