"""Calendars behind private addresses: what they show is what the engine does, and they can be taken back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from aftercare.oncall import queries
from aftercare.oncall.models import Feed, Schedule
from aftercare.oncall.tests.cast import Duty


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    monkeypatch.setattr("aftercare.oncall.views.feeds.utc_now", lambda: duty.now)
    return duty


def address(duty: Duty, who: str, schedule: Schedule | None = None) -> str:
    """The path of a new address."""
    answer = duty.world.client(who).post("/oncall/calendars", {"schedule": schedule.ref if schedule else ""})
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    found = re.search(r"/calendar/[\w-]+\.ics", answer.content.decode())
    assert found is not None
    return found[0]


def events(path: str) -> list[Any]:
    """What a calendar program reads, which is signed in nowhere."""
    answer = Client().get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_it_works(at_noon: Duty) -> None:
    found = events(address(at_noon, "eng", at_noon.primary))
    start = (at_noon.now - timedelta(days=14)).replace(hour=0)
    engine = [
        (shift.starts_at, shift.ends_at, f"Primary: {shift.names}")
        for shift in queries.shifts(at_noon.primary, start, at_noon.now + timedelta(days=90))
        if shift.users
    ]
    assert [(one.start, one.end, str(one["SUMMARY"])) for one in found] == engine
    assert len({str(one["UID"]) for one in found}) == len(found)


def test_ones_own_time_is_ones_own_alone(at_noon: Duty) -> None:
    found = events(address(at_noon, "mei"))
    assert {str(one["SUMMARY"]) for one in found} == {"Primary"}
    assert len(found) == 6, "every second week of ninety days"


def test_it_is_read_again_as_the_same_events(at_noon: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    path = address(at_noon, "eng", at_noon.primary)
    before = [str(one["UID"]) for one in events(path)]
    later = at_noon.now + timedelta(hours=2)
    monkeypatch.setattr("aftercare.oncall.views.feeds.utc_now", lambda: later)
    assert [str(one["UID"]) for one in events(path)] == before
    assert Feed.objects.get().last_read_at == later


def test_an_address_that_was_taken_back_leads_nowhere(at_noon: Duty) -> None:
    path, feed = address(at_noon, "eng"), Feed.objects.get()
    assert at_noon.world.client("mei").post(f"/oncall/calendars/{feed.ref}/removal").status_code == 404
    assert at_noon.world.client("eng").post(f"/oncall/calendars/{feed.ref}/removal").status_code == 302
    assert Client().get(path).status_code == 404
    assert Client().get("/calendar/guessed.ics").status_code == 404


def test_who_left_reads_no_more(at_noon: Duty) -> None:
    path = address(at_noon, "eng", at_noon.primary)
    at_noon.world.eng.is_active = False
    at_noon.world.eng.save()
    assert Client().get(path).status_code == 404


def test_a_person_has_so_many_and_customers_people_none(at_noon: Duty) -> None:
    for _turn in range(20):
        address(at_noon, "eng")
    answer = at_noon.world.client("eng").post("/oncall/calendars")
    assert answer.status_code == 400 and "take one back first" in answer.content.decode()
    assert at_noon.world.client("zhao").post("/oncall/calendars").status_code == 404
    shown = at_noon.world.client("eng").get("/oncall/calendars").content.decode()
    assert "/calendar/" not in shown, "an address is shown once"
