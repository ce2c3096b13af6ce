"""Calendars as people keep them: several blocks a day, 24:00, holidays, make-up days, and two weeks ahead."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aftercare.audit.models import Entry
from aftercare.clocks import actions
from aftercare.clocks.calendars import DayAhead, days_ahead
from aftercare.clocks.due import due
from aftercare.clocks.hours_text import read_hours, write_hours
from aftercare.clocks.models import Calendar, Clock
from aftercare.clocks.queries import explain, hours_of_calendar
from aftercare.clocks.types import Policy
from aftercare.kernel.errors import Refused
from tests.world import World

WEEK = {f"week_{n}": "09:00-12:00, 13:30-18:00" for n in range(5)} | {"week_5": "", "week_6": ""}


def sent(**more: str) -> dict[str, str]:
    return {"name": "Office", "timezone": "Asia/Shanghai", "country": "CN", **WEEK, **more}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("09:00-12:00, 13:30-18:00", "09:00-12:00, 13:30-18:00"),
        ("13:30～18:00；9:00—12:00", "09:00-12:00, 13:30-18:00"),
        ("9：00至18：00", "09:00-18:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("  ", ""),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, shown: str) -> None:
    assert write_hours(read_hours(text)) == shown


@pytest.mark.parametrize(
    "text", ["9-18", "09:00", "18:00-09:00", "09:00-24:01", "09:60-10:00", "09:00-12:00, 11:00-13:00"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_hours(text)


def test_a_calendar_is_made_looked_at_and_changed(world: World) -> None:
    client = world.client("mei")
    draft = client.post("/settings/calendars/new", sent(then="preview"))
    assert draft.status_code == 200 and "not saved yet" in draft.content.decode()
    assert not Calendar.objects.exists()
    made = client.post("/settings/calendars/new", sent(is_default="on", day_0="2026-12-12", hours_0="", label_0="Move"))
    assert made.status_code == 302
    calendar = Calendar.objects.get()
    assert calendar.is_default and calendar.special_days.get().label == "Move"
    page = client.get(f"/settings/calendars/{calendar.ref}").content.decode()
    assert 'value="Office"' in page and 'value="2026-12-12"' in page and 'value="CN" selected' in page
    client.post(f"/settings/calendars/{calendar.ref}", sent(name="Renamed", is_default="on"))
    calendar.refresh_from_db()
    assert (calendar.name, calendar.special_days.count()) == ("Renamed", 0)
    assert "Renamed" in client.get("/settings/calendars").content.decode()
    assert list(Entry.objects.filter(subject=calendar.ref).order_by("pk").values_list("action", flat=True)) == [
        "calendar.add",
        "calendar.change",
    ]


def test_one_calendar_is_the_default(world: World) -> None:
    for name in ("A", "B"):
        world.client("ada").post("/settings/calendars/new", sent(name=name, is_default="on"))
    assert [c.name for c in Calendar.objects.filter(is_default=True)] == ["B"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"timezone": "Mars/Base"},
        {"timezone": "../etc/passwd"},
        {"country": "XX"},
        {"week_0": "9-18"},
        {f"week_{n}": "" for n in range(7)},
        {"day_0": "2026-13-01"},
        {"day_0": "2026-12-12", "day_1": "2026-12-12"},
        {"hours_0": "09:00-10:00"},
    ],
)
def test_the_form_rejects(world: World, wrong: dict[str, str]) -> None:
    answer = world.client("mei").post("/settings/calendars/new", sent(**wrong))
    assert answer.status_code == 400
    assert not Calendar.objects.exists()


def test_who_may_not(world: World) -> None:
    for name, status in (("eng", 403), ("agent", 403), ("zhao", 404), ("stranger", 404)):
        for path in ("/settings/calendars", "/settings/calendars/new"):
            assert world.client(name).get(path).status_code == status
            assert world.client(name).post("/settings/calendars/new", sent()).status_code == status


def kept(world: World, **more: Any) -> Calendar:
    world.client("mei").post("/settings/calendars/new", sent(**more))
    return Calendar.objects.get()


def golden_week(calendar: Calendar) -> dict[date, DayAhead]:
    """Two weeks around the first of October, by day."""
    hours = hours_of_calendar(calendar, around=date(2026, 10, 1))
    return {day.day: day for day in days_ahead(hours, date(2026, 9, 28))}


def test_holidays_close_make_up_days_open_and_people_have_the_last_word(world: World) -> None:
    """2026-10-01 is National Day, 2026-10-10 a make-up working Saturday (State Council notice for 2026)."""
    calendar = kept(world, day_0="2026-10-10", hours_0="10:00-11:00", label_0="half a day")
    days = golden_week(calendar)
    assert days[date(2026, 10, 1)].is_closed and days[date(2026, 10, 1)].label
    assert days[date(2026, 10, 10)].hours == "10:00-11:00" and days[date(2026, 10, 10)].label == "half a day"
    calendar.special_days.all().delete()
    days = golden_week(calendar)
    assert days[date(2026, 10, 10)].hours == "09:00-12:00, 13:30-18:00"
    assert days[date(2026, 10, 10)].label == "make-up working day"


def test_a_day_of_24_hours_loses_no_minute_at_midnight(world: World) -> None:
    calendar = kept(world, country="", **{f"week_{n}": "00:00-24:00" for n in range(7)})
    start = datetime(2026, 12, 1, 12, tzinfo=UTC)
    hours = hours_of_calendar(calendar, around=start.date())
    assert due(start, 86_400 * 3, hours).at == start + timedelta(days=3)


def test_the_explanation_adds_up(world: World) -> None:
    """From Friday 17:50: ten minutes of Friday, none of the weekend, the rest on Monday after nine."""
    calendar = kept(world, country="")
    start = datetime(2026, 12, 4, 9, 50, tzinfo=UTC)  # 17:50 in Shanghai
    policy = Policy(1800, hours_of_calendar(calendar, around=start.date()))
    actions.start(kind="group_reply", subject_ref="x", customer_id=None, policy=policy, at=start)
    told = explain(Clock.objects.get(), start + timedelta(minutes=2))
    assert told.clock.due_at == datetime(2026, 12, 7, 1, 20, tzinfo=UTC)  # Monday 09:20
    counted = [stretch for stretch in told.stretches if stretch.is_counted]
    assert [stretch.seconds for stretch in counted] == [120, 480, 1200]
    assert [stretch.is_ahead for stretch in counted] == [False, True, True]
    assert counted[-1].span == "12-07 09:00:00 – 09:20:00"
    assert all(s.why == "not counted: outside opening hours" for s in told.stretches if not s.is_counted)
