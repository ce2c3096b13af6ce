"""At every instant exactly the declared people hold; a hole is on the coverage page, and nothing else is called one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aftercare.oncall import actions, queries
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries.coverage import coverage
from aftercare.oncall.queries.duty import users_on
from tests.paging.night import Night
from tests.paging.random_schedules import documents

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
AHEAD = timedelta(days=90)  # what the settings say at first


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_hole_is_a_hole_everywhere(night: Night, data: st.DataObject) -> None:
    world = night.world
    Schedule.objects.all().delete()
    document = data.draw(documents([world.eng.ref, world.mei.ref]))
    schedule = actions.save_schedule(name="Any", document=document, actor=None, now=NOW)
    held = queries.shifts(schedule, NOW, NOW + AHEAD)
    assert held[0].starts_at == NOW and held[-1].ends_at == NOW + AHEAD
    assert all(one.ends_at == other.starts_at for one, other in pairwise(held))
    (told,) = coverage(NOW).schedules
    for minutes in data.draw(st.lists(st.integers(0, int(AHEAD.total_seconds()) // 60 - 1), min_size=1, max_size=8)):
        at = NOW + timedelta(minutes=minutes)
        is_hole = any(begins <= at < ends for begins, ends in told.holes)
        assert is_hole == (not users_on(schedule, at)), at
        (one,) = [shift for shift in held if shift.starts_at <= at < shift.ends_at]
        assert one.users == users_on(schedule, at), at


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whoever_saves_it_is_told_of_the_first_hole(night: Night, data: st.DataObject) -> None:
    world = night.world
    Schedule.objects.all().delete()
    document = data.draw(documents([world.eng.ref]))
    schedule = actions.save_schedule(name="Any", document=document, actor=None, now=NOW)
    said = queries.warnings_about(schedule, NOW)
    has_hole = bool(queries.holes(schedule, NOW, NOW + timedelta(weeks=4)))
    assert has_hole == any("Nobody is on Any" in one or "has nobody in it" in one for one in said)
