"""Schedules, changes, swaps, coverage and settings by a program."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.kernel.clock import utc_now
from aftercare.oncall.models import Schedule
from aftercare.oncall.tests.cast import Duty, duty
from tests.api.calling import Program

__all__ = ["duty"]
HOUR = timedelta(hours=1)
ICS = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
UID:1\r
DTSTART:{begins}\r
DTEND:{ends}\r
SUMMARY:On call - Mei\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:odd\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def ada(duty: Duty) -> Program:
    return Program(duty.world, duty.world.ada)


def document(**more: Any) -> dict[str, Any]:
    layer = {
        "turns": ["lin@provider.example", ["mei@provider.example"]],
        "every": "1 days",
        "starts": "2026-11-23 10:00",
    }
    return {"timezone": "Asia/Shanghai", "layers": [layer | more]}


def test_it_works(ada: Program, duty: Duty) -> None:
    made = ada.post("/schedules", name="Media", document=document(), expect=201)
    assert made["version"] == 1 and [one["name"] for one in made["people"]] == ["Lin", "Mei"]
    assert made["document"]["layers"][0]["turns"] == [[duty.world.eng.ref], [duty.world.mei.ref]]
    path = f"/schedules/{made['ref']}"
    assert ada.get(path) == made
    same = ada.put(path, name="Media", document=made["document"], version=1)
    assert same["version"] == 1
    later = ada.put(path, name="Media", document=document(every="2 days"), version=1)
    assert later["version"] == 2
    late = ada.put(path, name="Media", document=document(), version=1, expect=409)
    assert "changed this schedule meanwhile" in late["sentence"]
    assert [one["version"] for one in ada.get(f"{path}/versions")] == [2, 1]
    now = utc_now()
    held = ada.get(f"{path}/shifts", start=now.isoformat(), end=(now + 10 * 24 * HOUR).isoformat())
    assert {one["people"][0]["name"] for one in held} == {"Lin", "Mei"}
    assert held[0]["starts_at"][:16] == now.isoformat()[:16]
    found = ada.get("/on-call", at=(now + HOUR).isoformat())
    assert [one["name"] for one in found["schedules"]] == ["Primary", "Backup", "Media"]
    assert [one["name"] for one in ada.get("/schedules")["schedules"]] == ["Media", "Backup", "Primary"]
    ada.delete(path)
    assert Schedule.objects.count() == 2
    refused = ada.delete(f"/schedules/{duty.primary.ref}", expect=409)
    assert "still wakes Primary" in refused["sentence"]


def test_a_hole_is_refused_unless_it_is_accepted(ada: Program, duty: Duty) -> None:
    now = utc_now()
    facts = {"kind": "remove", "person": "ada@provider.example", "starts_at": (now + HOUR).isoformat()}
    facts["ends_at"] = (now + 5 * HOUR).isoformat()
    path = f"/schedules/{duty.backup.ref}/changes"
    assert "Backup with nobody" in ada.post(path, **facts, expect=409)["sentence"]
    made = ada.post(path, **facts, accept_holes=True, expect=201)
    assert [one["ref"] for one in ada.get(path)] == [made["ref"]]
    cover = facts | {"kind": "add", "person": duty.world.mei.ref}
    joined = ada.post(path, **cover, expect=201)
    assert ada.delete(f"/changes/{joined['ref']}", expect=409)["error"] == "refused"
    ada.delete(f"/changes/{joined['ref']}?accept_holes=true")
    ada.delete(f"/changes/{made['ref']}")
    holes = document(hours=[{"days": "mon", "from": "09:00", "to": "10:00"}])
    put = {"name": "Backup", "document": holes}
    assert ada.put(f"/schedules/{duty.backup.ref}", **put, expect=409)["error"] == "refused"
    assert ada.put(f"/schedules/{duty.backup.ref}", **put, accept_holes=True)["version"] == 2
    assert not ada.get("/coverage")["is_whole"]


def test_swaps_go_their_way(ada: Program, duty: Duty) -> None:
    mei, now = Program(duty.world, duty.world.mei), utc_now()
    path = f"/schedules/{duty.backup.ref}/swaps"
    asked = ada.post(path, starts_at=now.isoformat(), ends_at=(now + HOUR).isoformat(), reason="school", expect=201)
    swap = f"/swaps/{asked['ref']}"
    assert mei.post(f"{swap}/taking")["taken_by"]["name"] == "Mei"
    assert mei.post(f"{swap}/return")["taken_by"] is None
    assert ada.post(f"{swap}/taking", taker="lin@provider.example")["taken_by"]["name"] == "Lin"
    assert [one["ref"] for one in mei.get(path)] == [asked["ref"]]
    assert ada.post(f"{swap}/withdrawal")["withdrawn_at"]
    assert mei.get(path) == []


def test_a_calendar_is_told_first_and_then_taken(ada: Program, duty: Duty) -> None:
    begins = utc_now() + 24 * HOUR
    text = ICS.format(begins=f"{begins:%Y%m%dT%H%M%SZ}", ends=f"{begins + HOUR:%Y%m%dT%H%M%SZ}")
    path = f"/schedules/{duty.primary.ref}/calendar"
    told = ada.post(path, text=text)
    assert (told["taken"], [one["people"][0]["name"] for one in told["shifts"]]) == (0, ["Mei"])
    assert [one["what"] for one in told["not_understood"]] == ["odd"]
    assert ada.post(path, text=text, take=True)["taken"] == 1
    assert ada.post(path, text=text, take=True)["taken"] == 0
    assert "no calendar" in ada.post(path, text="hello", expect=409)["sentence"]


def test_settings_and_test_calls(ada: Program, duty: Duty) -> None:
    assert ada.get("/oncall-settings")["ahead_days"] == 90
    assert ada.put("/oncall-settings", ahead_days=14, longest_h=None)["longest_h"] is None
    assert "between 7 and 365" in ada.put("/oncall-settings", ahead_days=3, expect=409)["sentence"]
    assert "cannot be left empty" in ada.put("/oncall-settings", mails=None, expect=409)["sentence"]
    assert ada.get("/test-calls")["calls"] == []
    Program(duty.world, duty.world.eng).put("/oncall-settings", ahead_days=20, expect=403)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"start": "2026-12-01T00:00:00", "end": "2026-12-02T00:00:00Z"}, "with their zone"),
        ({"start": "2026-12-02T00:00:00Z", "end": "2026-12-01T00:00:00Z"}, "at most a year"),
        ({"start": "2026-12-01T00:00:00Z", "end": "2028-12-01T00:00:00Z"}, "at most a year"),
        ({"start": "0001-01-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}, "between 2000 and 2100"),
    ],
)
def test_times_that_cannot_be_reckoned_are_refused(
    ada: Program, duty: Duty, asked: dict[str, str], sentence: str
) -> None:
    assert sentence in ada.get(f"/schedules/{duty.primary.ref}/shifts", **asked, expect=409)["sentence"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": 5},
        {"layers": [5]},
        {"timezone": "Mars", "layers": []},
        {"timezone": "UTC", "layers": [{"turns": ["nobody@x.example"], "starts": "2026-01-01"}]},
        {"timezone": "UTC", "layers": [{"turns": [{"a": 1}], "starts": "2026-01-01"}]},
        {"timezone": "UTC", "layers": [], "fallback": {"a": "b"}},
        {"timezone": "UTC", "layers": [], "name": ["x"]},
        {"timezone": "UTC", "layers": [{"turns": [["wang@provider.example"]], "starts": "2026-01-01"}]},
    ],
)
def test_a_document_that_does_not_fit_is_refused_in_a_sentence(ada: Program, wrong: dict[str, Any]) -> None:
    assert ada.post("/schedules", name="x", document=wrong, expect=409)["error"] == "refused"


def test_customers_people_see_none_of_it(duty: Duty) -> None:
    zhao = Program(duty.world, duty.world.zhao)
    for path in ("/schedules", "/on-call", "/coverage", "/oncall-settings", "/test-calls"):
        zhao.get(path, expect=404)
    zhao.post("/schedules", name="x", document=document(), expect=404)
