"""Hours on call, by what held at the time: days off, holidays, nights, people who left, covers that were ended."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.queries.hours import Hours, Sort, hours_of_month
from aftercare.oncall.tests.cast import Duty, make_schedule

HOUR = timedelta(hours=1)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
LATER = datetime(2027, 2, 10, tzinfo=UTC)


def of(found: list[Hours], person: str, schedule: str) -> Hours:
    [one] = [one for one in found if (one.user.name, one.schedule.name) == (person, schedule)]
    return one


def test_it_works(duty: Duty) -> None:
    world = duty.world
    days = make_schedule(world, "Days", [world.mei], [world.eng], every="1 days")
    actions.save_schedule(
        schedule=days, name="Days", document=days.document | {"holidays": "CN"}, actor=None, now=duty.now
    )
    found = hours_of_month(JANUARY, LATER)
    mei, lin = of(found, "Mei", "Days"), of(found, "Lin", "Days")
    assert mei.total + lin.total == 31 * 24 * HOUR
    assert mei.night + lin.night == 31 * 8 * HOUR
    holidays = mei.of[Sort.HOLIDAY] + lin.of[Sort.HOLIDAY]
    assert holidays >= 24 * HOUR, "New Year's Day is one"
    assert of(found, "Ada", "Backup").of[Sort.DAY_OFF] == 10 * 24 * HOUR, "the weekends of January 2027"


def test_a_month_counts_as_far_as_it_has_gone_by(duty: Duty) -> None:
    now = datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert of(hours_of_month(DECEMBER, now), "Ada", "Backup").total == 24 * HOUR
    assert hours_of_month(JANUARY, now) == []


def test_each_instant_counts_by_the_version_that_held(duty: Duty) -> None:
    world = duty.world
    handed_over = datetime(2026, 12, 10, 16, tzinfo=UTC)  # midnight in Shanghai
    document = actions.turns_document(
        timezone="Asia/Shanghai", turns=[[world.mei]], starts=datetime.fromisoformat("2026-11-23T10:00")
    )
    actions.save_schedule(schedule=duty.backup, name="Backup", document=document, actor=None, now=handed_over)
    world.ada.is_active = False
    world.ada.save()
    found = hours_of_month(DECEMBER, LATER)
    assert of(found, "Ada", "Backup").total == 10 * 24 * HOUR
    assert of(found, "Mei", "Backup").total == 21 * 24 * HOUR


def test_a_cover_that_was_ended_counts_until_then(duty: Duty) -> None:
    world, start = duty.world, datetime(2026, 12, 1, 4, tzinfo=UTC)
    change = actions.add_change(
        schedule=duty.backup, user=world.mei, starts_at=start, ends_at=start + 8 * HOUR, actor=None, now=start
    )
    actions.remove_change(change=change, actor=None, now=start + 3 * HOUR)
    assert of(hours_of_month(DECEMBER, LATER), "Mei", "Backup").total == 3 * HOUR
    with pytest.raises(Refused, match="over already"):
        actions.remove_change(change=change, actor=None, now=start + 4 * HOUR)


def test_the_file(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.oncall.views.hours.utc_now", lambda: LATER)
    duty.world.ada.name = "=HYPERLINK(1)"
    duty.world.ada.save()
    answer = duty.world.client("mei").get("/oncall/hours.csv?month=2026-12")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    [ada] = [row for row in rows if row["schedule"] == "Backup"]
    assert (ada["person"], ada["hours"], ada["night_hours"]) == ("'=HYPERLINK(1)", "744.00", "248.00")
    assert duty.world.client("eng").get("/oncall/hours.csv").status_code == 403
    assert duty.world.client("zhao").get("/oncall/hours.csv").status_code == 404
