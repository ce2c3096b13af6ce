"""The calendar feed, the page and the engine say the same of who is on call, for any schedule and at any instant."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from aftercare.oncall import actions, queries
from aftercare.oncall.models import Feed, Schedule
from aftercare.oncall.queries.duty import users_on
from tests.paging.night import Night
from tests.paging.random_schedules import documents

PEOPLE = ("eng", "mei", "ada")


def address(night: Night, schedule: Schedule) -> str:
    """A new private address of this schedule's calendar."""
    shown = night.world.client("eng").post("/oncall/calendars", {"schedule": schedule.ref}).content.decode()
    found = re.search(r"/calendar/[\w-]+\.ics", shown)
    assert found is not None
    return found[0]


def read(path: str) -> list[tuple[datetime, datetime, set[str]]]:
    """The calendar as a program reads it: from when to when who is on call."""
    events = Calendar.from_ical(Client().get(path).content).walk("VEVENT")
    return [(one.start, one.end, set(str(one["SUMMARY"]).partition(": ")[2].split(", "))) for one in events]


def said_by_page(night: Night) -> set[str]:
    """Who is on call now by the strip on every page of the staff."""
    shown = night.world.client("agent").get("/oncall/strip").content.decode()
    return {name for names in re.findall(r"<strong>([^<]*)</strong>", shown) for name in names.split(", ")}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_they_agree(night: Night, data: st.DataObject) -> None:
    world = night.world
    refs = [world.people[name].ref for name in PEOPLE]
    document = data.draw(documents(refs))
    Feed.objects.all().delete()
    Schedule.objects.all().delete()
    night.now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    schedule = actions.save_schedule(name="Any", document=document, actor=None, now=night.now)
    night.now = data.draw(instants(ZoneInfo(document["timezone"])))
    calendar = read(address(night, schedule))
    offsets = data.draw(st.lists(st.integers(-13 * 24 * 60, 89 * 24 * 60), max_size=6))
    for at in (night.now, *(night.now + timedelta(minutes=offset) for offset in offsets)):
        (held,) = queries.shifts(schedule, at, at + timedelta(seconds=1))
        by_engine = {user.name for user in users_on(schedule, at)}
        by_feed = set().union(*(names for begins, ends, names in calendar if begins <= at < ends))
        assert by_engine == {user.name for user in held.users} == by_feed, at
    assert {user.name for user in users_on(schedule, night.now)} == said_by_page(night)


def instants(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """Instants of a year, minutes exactly, with the days of changed clocks among them."""
    any_of_them = st.integers(0, 365 * 24 * 60).map(lambda m: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
    changes = ["2027-03-14T07:00", "2027-11-07T06:00", "2027-03-28T01:00", "2027-10-02T15:30"]
    near = st.tuples(st.sampled_from(changes), st.integers(-90, 90)).map(
        lambda pair: datetime.fromisoformat(f"{pair[0]}+00:00") + timedelta(minutes=pair[1])
    )
    return any_of_them | near
