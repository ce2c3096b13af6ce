"""The proof of the coming 90 days: holes of the policy, empty steps, people out of reach, too long without a break."""

from datetime import UTC, datetime, timedelta

import pytest

from aftercare.oncall import actions, queries
from aftercare.oncall.tests.cast import Duty, empty, make_schedule

DAY = timedelta(days=1)


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    monkeypatch.setattr("aftercare.oncall.views.schedule.utc_now", lambda: duty.now)
    return duty


def test_it_works(at_noon: Duty) -> None:
    world = at_noon.world
    for user in (world.eng, world.mei, world.ada):
        at_noon.hook(user, f"https://hooks.example.com/{user.name}")
    own = make_schedule(world, "Mornings", [world.mei], every="1 days")
    actions.save_schedule(
        schedule=own,
        name="Mornings",
        document=own.document
        | {"layers": [own.document["layers"][0] | {"hours": [{"days": "all", "from": "06:00", "to": "12:00"}]}]},
        actor=None,
        now=at_noon.now,
    )
    actions.set_customer_schedule(customer=world.show, schedule=own, actor=world.ada, now=at_noon.now)
    found = queries.coverage(at_noon.now)
    assert found.unheard == [] and found.empty_steps == [] and found.unreachable == []
    [(customer, covered)] = found.customers
    assert customer == world.show and len(covered.holes) == 90
    assert covered.holes[0] == (at_noon.now, datetime(2026, 11, 23, 22, tzinfo=UTC))
    assert [(user.name, one.held) for user, one in found.overworked] == [("Ada", 90 * DAY)]
    shown = world.client("agent").get("/oncall/coverage").content.decode()
    assert "Starlight" in shown and "90 holes" in shown and "On call for too long" in shown


def test_the_policy_is_uncovered_where_every_step_is(duty: Duty) -> None:
    world, now = duty.world, duty.now
    for schedule, first in ((duty.primary, 0), (duty.backup, 2)):
        actions.add_change(
            schedule=schedule,
            kind="remove",
            user=world.eng if first == 0 else world.ada,
            starts_at=now + first * DAY,
            ends_at=now + (first + 3) * DAY,
            actor=None,
            now=now,
        )
    assert queries.coverage(now).unheard == [(now + 2 * DAY, now + 3 * DAY)]
    actions.save_policy(steps=[(duty.primary, 300), (world.mei, 300)], actor=None, now=now)
    assert queries.coverage(now).unheard == [], "a person is there all the time"


def test_steps_that_wake_nobody_and_people_out_of_reach_are_named(duty: Duty) -> None:
    empty(duty.backup)
    found = queries.coverage(duty.now)
    assert found.empty_steps == ["Backup"] and not found.is_whole
    assert sorted(user.name for user in found.unreachable) == ["Lin", "Mei"]


def test_nothing_at_all_is_said(at_noon: Duty) -> None:
    for schedule in (at_noon.primary, at_noon.backup):
        schedule.delete()
    shown = at_noon.world.client("agent").get("/oncall/coverage").content.decode()
    assert "There is no schedule" in shown and "Nobody on any step of the policy" in shown
    assert at_noon.world.client("zhao").get("/oncall/coverage").status_code == 404
