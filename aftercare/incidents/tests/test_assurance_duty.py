"""People join a schedule for the event, and the pages of its customers begin there."""

from datetime import timedelta

import pytest

from aftercare.incidents.assurance.duty import add_duty, remove_duty
from aftercare.incidents.assurance.engine import switch_due
from aftercare.incidents.assurance.planning import call_off, change_plan
from aftercare.incidents.tests.gala import DAY, HOUR, make_gala, plan
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions import remove_change, set_customer_schedule
from aftercare.oncall.models import Change
from aftercare.oncall.queries import policy_snapshot, schedule_duty, schedules_of_customers
from aftercare.oncall.tests.cast import Duty, make_duty, make_schedule
from tests.world import World

MONDAY_GALA = timedelta(days=4, hours=8)


@pytest.fixture
def duty(world: World) -> Duty:
    """Lin and Mei on the primary schedule, Ada behind."""
    return make_duty(world)


def test_somebody_joins_for_the_event_alone(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)

    def holders(hours: float) -> set[str]:
        return {user.name for user in schedule_duty(duty.primary, start + hours * HOUR).now.users}

    assert [holders(at) for at in (-0.1, 0, 2.9, 3)] == [{"Lin"}, {"Lin", "Ada"}, {"Lin", "Ada"}, {"Lin"}]
    change = Change.objects.get()
    assert "Friday gala" in change.reason


def test_pages_of_its_customers_begin_with_its_people_while_it_lasts(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    special = make_schedule(world, "Gala", [world.mei])
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=special, user=world.ada, actor=world.mei, now=duty.now)

    def first() -> str:
        return str(policy_snapshot(world.show.pk, "red")["steps"][0]["name"])

    assert first() == "Primary"
    switch_due(start)
    assert first() == "Gala"
    assert policy_snapshot(world.social.pk, "red")["steps"][0]["name"] == "Primary"
    switch_due(gala.ends_at)
    assert first() == "Primary"
    assert schedules_of_customers() == {}


def test_a_customers_own_schedule_is_never_taken(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    set_customer_schedule(customer=world.show, schedule=duty.backup, actor=world.ada, now=duty.now)
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    switch_due(start)
    assert schedules_of_customers() == {world.show.pk: duty.backup}
    switch_due(gala.ends_at)
    assert schedules_of_customers() == {world.show.pk: duty.backup}


def test_what_a_person_chose_meanwhile_stays(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    switch_due(start)
    set_customer_schedule(customer=world.show, schedule=duty.backup, actor=world.ada, now=start + HOUR)
    switch_due(gala.ends_at)
    assert schedules_of_customers() == {world.show.pk: duty.backup}


def test_of_two_events_the_one_that_goes_on_keeps_its_people_first(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    first = make_gala(world, starts_at=start, now=duty.now)
    second = make_gala(world, starts_at=start + HOUR, now=duty.now)
    add_duty(assurance=first, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    add_duty(assurance=second, schedule=duty.backup, user=world.mei, actor=world.mei, now=duty.now)
    switch_due(start + 2 * HOUR)
    assert schedules_of_customers() == {world.show.pk: duty.primary}
    switch_due(first.ends_at)
    assert schedules_of_customers() == {world.show.pk: duty.backup}
    switch_due(second.ends_at)
    assert schedules_of_customers() == {}


def test_duty_moves_with_the_event_and_goes_with_it(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    moved = plan(world, start + DAY)
    change_plan(assurance=gala, plan=moved, actor=world.mei, now=duty.now + HOUR)
    change = Change.objects.get()
    assert (change.starts_at, change.ends_at) == (start + DAY, start + DAY + 3 * HOUR)
    call_off(assurance=gala, actor=world.mei, now=duty.now + 2 * HOUR)
    assert not Change.objects.exists()


def test_who_was_taken_off_the_calendar_by_hand_stays_off(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    gala = make_gala(world, starts_at=start, now=duty.now)
    add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    remove_change(change=Change.objects.get(), actor=world.mei, now=duty.now)
    change_plan(assurance=gala, plan=plan(world, start + DAY), actor=world.mei, now=duty.now + HOUR)
    assert not Change.objects.exists()
    assert "taken off the calendar by hand" in world.client("ada").get(gala.path).content.decode()


def test_who_takes_no_pages_is_refused_and_a_line_is_removed_once(duty: Duty) -> None:
    world, start = duty.world, duty.now + MONDAY_GALA
    gala = make_gala(world, starts_at=start, now=duty.now)
    with pytest.raises(Refused):
        add_duty(assurance=gala, schedule=duty.primary, user=world.agent, actor=world.mei, now=duty.now)
    one = add_duty(assurance=gala, schedule=duty.primary, user=world.ada, actor=world.mei, now=duty.now)
    remove_duty(assurance=gala, duty_id=one.pk, actor=world.mei, now=duty.now)
    with pytest.raises(Refused, match="no longer"):
        remove_duty(assurance=gala, duty_id=one.pk, actor=world.mei, now=duty.now)
    assert not Change.objects.exists()
