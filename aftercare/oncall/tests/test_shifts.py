"""Who holds when: turns, covers, holes."""

from datetime import timedelta
from itertools import pairwise

import pytest

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions, queries
from aftercare.oncall.queries import Shift
from aftercare.oncall.tests.cast import Duty, empty

HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


def names(found: list[Shift]) -> list[str]:
    return [shift.names or "-" for shift in found]


def cover(duty: Duty, start: timedelta, end: timedelta, who: str = "ada") -> None:
    actions.add_change(
        schedule=duty.primary,
        user=duty.world.people[who],
        starts_at=duty.now + start,
        ends_at=duty.now + end,
        reason="dentist",
        actor=duty.world.ada,
        now=duty.now,
    )


def test_it_works(duty: Duty) -> None:
    assert [user.name for user in queries.on_duty(duty.now)] == ["Lin", "Ada"]
    first, second = queries.duties(duty.now)
    assert (first.now.names, first.then and first.then.names) == ("Lin", "Mei")
    assert first.until == duty.now + WEEK - 2 * HOUR
    assert (second.now.users, second.until, second.then) == ((duty.world.ada,), None, None)
    found = queries.shifts(duty.primary, duty.now, duty.now + 3 * WEEK)
    assert names(found) == ["Lin", "Mei", "Lin", "Mei"]


def test_before_the_first_day_is_a_hole(duty: Duty) -> None:
    found = queries.shifts(duty.primary, duty.now - WEEK, duty.now)
    assert names(found) == ["-", "Lin"]
    assert len(queries.holes(duty.primary, duty.now - WEEK, duty.now + WEEK)) == 1
    assert queries.on_duty(duty.now - WEEK) == []


def test_a_cover_cuts_the_shift(duty: Duty) -> None:
    cover(duty, HOUR, 3 * HOUR)
    found = queries.shifts(duty.primary, duty.now, duty.now + 5 * HOUR)
    assert names(found) == ["Lin", "Ada", "Lin"]
    assert [shift.starts_at - duty.now for shift in found] == [0 * HOUR, HOUR, 3 * HOUR]
    assert queries.on_duty(duty.now + 2 * HOUR) == [duty.world.ada]


def test_who_covers_for_themselves_is_shown_as_a_cover(duty: Duty) -> None:
    cover(duty, HOUR, 3 * HOUR, "eng")
    found = queries.shifts(duty.primary, duty.now, duty.now + 5 * HOUR)
    assert names(found) == ["Lin", "Lin", "Lin"]
    assert [bool(shift.change) for shift in found] == [False, True, False]


def test_of_two_covers_the_newer_holds(duty: Duty) -> None:
    cover(duty, HOUR, 4 * HOUR)
    cover(duty, 2 * HOUR, 3 * HOUR, "mei")
    found = queries.shifts(duty.primary, duty.now, duty.now + 5 * HOUR)
    assert names(found) == ["Lin", "Ada", "Mei", "Ada", "Lin"]


def test_shifts_leave_no_gap(duty: Duty) -> None:
    cover(duty, -HOUR, 200 * HOUR)
    found = queries.shifts(duty.primary, duty.now - WEEK, duty.now + 4 * WEEK)
    assert found[0].starts_at == duty.now - WEEK
    assert found[-1].ends_at == duty.now + 4 * WEEK
    assert all(a.ends_at == b.starts_at for a, b in pairwise(found))


def test_somebody_who_left_is_a_hole(duty: Duty) -> None:
    duty.world.mei.is_active = False
    duty.world.mei.save()
    assert names(queries.shifts(duty.primary, duty.now, duty.now + 2 * WEEK)) == ["Lin", "-", "Lin"]
    said = queries.warnings_about(duty.primary, duty.now)
    assert "Nobody is on Primary from 2026-11-30" in said[0]
    assert "Mei can take no pages any more but still has a place in the schedule." in said


def test_a_schedule_of_nobody_is_one_hole_and_says_so(duty: Duty) -> None:
    empty(duty.backup)
    assert names(queries.shifts(duty.backup, duty.now, duty.now + WEEK)) == ["-"]
    assert queries.warnings_about(duty.backup, duty.now) == ["Backup has nobody in it: pages pass it by."]


def test_people_nobody_can_reach_are_named(duty: Duty) -> None:
    duty.hook(duty.world.eng, "https://hooks.example.com/lin")
    said = queries.warnings_about(duty.primary, duty.now)
    assert [sentence for sentence in said if "Mei" in sentence]
    assert not [sentence for sentence in said if "Lin" in sentence]


def test_it_rejects_what_does_not_fit(duty: Duty) -> None:
    with pytest.raises(Refused, match="end must lie after"):
        cover(duty, HOUR, HOUR)
    with pytest.raises(Refused, match="over already"):
        cover(duty, -2 * HOUR, -HOUR)
    with pytest.raises(Refused, match="cannot take pages"):
        cover(duty, HOUR, 2 * HOUR, "agent")
    with pytest.raises(Refused, match="between 1 and 20 steps"):
        actions.save_policy(steps=[], actor=None, now=duty.now)
    with pytest.raises(Refused, match="30 seconds"):
        actions.save_policy(steps=[(duty.primary, 5)], actor=None, now=duty.now)
