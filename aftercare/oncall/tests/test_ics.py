"""A calendar from elsewhere becomes changes of a schedule: looked through first, and without trusting its text."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.core.files.uploadedfile import SimpleUploadedFile

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions, queries
from aftercare.oncall.ics.planning import plan_calendar
from aftercare.oncall.ics.reading import read_calendar
from aftercare.oncall.ics.repeating import occurrences
from aftercare.oncall.ics.rules import read_rule
from aftercare.oncall.models import Change
from aftercare.oncall.tests.cast import Duty

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def event(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *events, "END:VCALENDAR", ""])


# As Google, PagerDuty and Outlook write them.
GOOGLE = event(
    "DTSTART;TZID=Asia/Shanghai:20261201T090000",
    "DTEND;TZID=Asia/Shanghai:20261201T210000",
    "RRULE:FREQ=DAILY;COUNT=3",
    "EXDATE;TZID=Asia/Shanghai:20261202T090000",
    "ORGANIZER;CN=Duty:mailto:team@group.calendar.google.com",
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;CN=Lin;X-NUM-GUESTS=0:mailto:",
    " Lin@Provider.example",
    "SUMMARY:Media duty",
    "BEGIN:VALARM",
    "TRIGGER:-PT10M",
    "SUMMARY:Mei",
    "END:VALARM",
    uid="g",
)
PAGERDUTY = event(
    "DTSTART:20261203T130000Z", "DTEND:20261204T010000Z", "SUMMARY:On Call - Mei - Media Primary", uid="p"
)
OUTLOOK = event(
    "DTSTART;TZID=China Standard Time:20261205T000000",
    "DURATION:P1D",
    "SUMMARY:周末值班 ada@provider.example\\, mei@provider.example",
    uid="o",
)


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for view in ("ics", "schedule"):
        monkeypatch.setattr(f"aftercare.oncall.views.{view}.utc_now", lambda: duty.now)
    return duty


def told(duty: Duty, *events: str) -> list[tuple[str, str, str]]:
    """The shifts that a calendar would make: local begin and end, and who."""
    plan = plan_calendar(duty.primary, calendar(*events), NOON)
    return [
        (
            f"{one.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}",
            f"{one.ends_at.astimezone(SHANGHAI):%m-%d %H:%M}",
            ", ".join(user.name for user in one.users),
        )
        for one in plan.shifts
    ]


def why(duty: Duty, *events: str) -> list[str]:
    return [one.why for one in plan_calendar(duty.primary, calendar(*events), NOON).misread]


def test_it_works(at_noon: Duty) -> None:
    path = f"/oncall/schedules/{at_noon.primary.ref}/calendar"
    ada = at_noon.world.client("ada")
    text = calendar(GOOGLE, PAGERDUTY, OUTLOOK, event("DTSTART:2026", "SUMMARY:<b>odd</b>", uid="x"))
    shown = ada.post(path, {"file": SimpleUploadedFile("duty.ics", text.encode())})
    page = shown.content.decode()
    assert shown.status_code == 200 and not Change.objects.exists()
    assert "4 shifts" in page and "Not understood" in page and "&lt;b&gt;odd&lt;/b&gt;" in page
    saved = ada.post(path, {"text": text, "take": "yes"}, follow=True).content.decode()
    assert "4 shifts of the calendar hold now." in saved
    found = queries.shifts(at_noon.primary, datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 6, tzinfo=UTC))
    names = {f"{one.starts_at.astimezone(SHANGHAI):%m-%d %H}": one.names for one in found}
    assert (names["12-01 09"], names["12-03 09"], names["12-03 21"], names["12-05 00"]) == (
        "Lin",
        "Lin",
        "Mei",
        "Ada, Mei",
    )
    assert "12-02 09" not in names, "what the calendar leaves out is as the schedule says"
    again = ada.post(path, {"text": text}).content.decode()
    assert "holds already" in again and "Take these shifts" not in again
    ada.post(path, {"text": text, "take": "yes"})
    assert Change.objects.count() == 5


def test_what_a_later_calendar_does_not_have_is_taken_away_where_that_is_wished(at_noon: Duty) -> None:
    path = f"/oncall/schedules/{at_noon.primary.ref}/calendar"
    ada = at_noon.world.client("ada")
    ada.post(path, {"text": calendar(GOOGLE, PAGERDUTY), "take": "yes"})
    by_hand = {"starts_at": NOON + 24 * HOUR, "ends_at": NOON + 25 * HOUR, "actor": None, "now": NOON}
    actions.add_change(schedule=at_noon.primary, user=at_noon.world.mei, **by_hand)
    moved = PAGERDUTY.replace("20261204T010000Z", "20261204T020000Z")
    page = ada.post(path, {"text": calendar(moved)}).content.decode()
    assert "3 shifts of an earlier calendar are not in this one" in page and 'name="takes_away"' in page
    ada.post(path, {"text": calendar(moved), "take": "yes"})
    assert Change.objects.count() == 5, "what was not wished stays"
    said = ada.post(path, {"text": calendar(moved), "take": "yes", "takes_away": "yes"}, follow=True).content.decode()
    assert "3 shifts that it no longer has are gone." in said
    left = [(change.user.name, change.is_imported) for change in Change.objects.order_by("ends_at")]
    assert left == [("Mei", False), ("Mei", True)], "what people changed by hand is no calendar's"


def test_it_is_a_managers(at_noon: Duty) -> None:
    path = f"/oncall/schedules/{at_noon.primary.ref}/calendar"
    for who, status in (("zhao", 404), ("stranger", 404), ("eng", 403), ("mei", 200)):
        assert at_noon.world.client(who).get(path).status_code == status
    assert at_noon.world.client("mei").get("/oncall/schedules/nobody/calendar").status_code == 404


def test_people_are_found_by_invitation_then_by_title_then_by_who_invites(duty: Duty) -> None:
    when = ("DTSTART:20261201T000000Z", "DTEND:20261201T060000Z")
    invited, inviting = "ATTENDEE:mailto:mei@provider.example", "ORGANIZER:MAILTO:ada@provider.example"
    assert told(duty, event(*when, invited, inviting, "SUMMARY:Lin"))[0][2] == "Mei"
    assert told(duty, event(*when, inviting, "SUMMARY:值班Lin"))[0][2] == "Lin"
    assert told(duty, event(*when, inviting, "SUMMARY:Linda"))[0][2] == "Ada"
    assert told(duty, event(*when, "SUMMARY:Linda", "ATTENDEE:mailto:wang@provider.example")) == []
    assert "wang@provider.example" in why(duty, event(*when, "SUMMARY:x", "ATTENDEE:mailto:wang@provider.example"))[0]
    duty.world.mei.name = "Lin"
    duty.world.mei.save()
    assert "more than one of that name" in why(duty, event(*when, "SUMMARY:Lin"))[0]


def test_events_that_overlap_are_people_who_hold_together(duty: Duty) -> None:
    assert told(
        duty,
        event("DTSTART:20261201T000000Z", "DTEND:20261201T080000Z", "SUMMARY:Lin", uid="a"),
        event("DTSTART:20261201T040000Z", "DTEND:20261201T120000Z", "SUMMARY:Mei", uid="b"),
    ) == [
        ("12-01 08:00", "12-01 12:00", "Lin"),
        ("12-01 12:00", "12-01 16:00", "Lin, Mei"),
        ("12-01 16:00", "12-01 20:00", "Mei"),
    ]


def test_times_keep_their_own_wall_clock_and_days_without_a_zone_are_the_schedules(duty: Duty) -> None:
    text = calendar(
        event(
            "DTSTART;TZID=America/New_York:20270312T023000",
            "DTEND;TZID=America/New_York:20270312T103000",
            "RRULE:FREQ=DAILY;UNTIL=20270315T063000Z",
            "SUMMARY:Lin",
        )
    )
    begins = [one.starts_at for one in occurrences(read_calendar(text), SHANGHAI, NOON)]
    assert [f"{at:%d %H:%M}" for at in begins] == ["12 07:30", "13 07:30", "14 07:00", "15 06:30"]
    assert told(duty, event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261226", "SUMMARY:Mei")) == [
        ("12-24 00:00", "12-26 00:00", "Mei")
    ]


def test_one_repetition_may_stand_elsewhere_or_be_cancelled(duty: Duty) -> None:
    weekly = event(
        "DTSTART:20261201T000000Z", "DTEND:20261201T060000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Lin", uid="w"
    )
    moved = event(
        "DTSTART:20261209T000000Z",
        "DTEND:20261209T060000Z",
        "RECURRENCE-ID;TZID=Asia/Shanghai:20261208T080000",
        "SUMMARY:Mei",
        uid="w",
    )
    gone = event(
        "DTSTART:20261215T000000Z",
        "DTEND:20261215T060000Z",
        "RECURRENCE-ID:20261215T000000Z",
        "STATUS:CANCELLED",
        "SUMMARY:Lin",
        uid="w",
    )
    assert [(begins, who) for begins, _ends, who in told(duty, weekly, moved, gone)] == [
        ("12-01 08:00", "Lin"),
        ("12-09 08:00", "Mei"),
    ]


def test_what_runs_now_is_cut_and_what_is_over_or_far_is_left(duty: Duty) -> None:
    assert told(
        duty,
        event("DTSTART:20261120T000000Z", "DTEND:20261124T000000Z", "SUMMARY:Lin", uid="now"),
        event("DTSTART:20261101T000000Z", "DTEND:20261102T000000Z", "SUMMARY:Lin", uid="past"),
        event("DTSTART:20280101T000000Z", "DTEND:20280102T000000Z", "SUMMARY:Lin", uid="far"),
    ) == [("11-23 12:00", "11-24 08:00", "Lin")]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=SECONDLY"),
        ("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=DAILY;BYSECOND=0,1,2,3"),
        ("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=DAILY;INTERVAL=0"),
        ("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=DAILY;COUNT=99999999999"),
        ("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=WEEKLY;BYDAY=XX"),
        ("DTSTART:00010101T000000Z", "DTEND:00010101T010000Z", "RRULE:FREQ=DAILY"),
        ("DTSTART:99991231T000000Z", "DTEND:99991231T235959Z", "RRULE:FREQ=DAILY"),
        ("DTSTART;TZID=Nowhere/Land:20261201T000000", "DTEND:20261201T010000Z"),
        ("DTSTART;TZID=../../etc/passwd:20261201T000000", "DTEND:20261201T010000Z"),
        ("DTSTART:20261201T010000Z", "DTEND:20261201T000000Z"),
        ("DTSTART:20261201T010000Z", "DURATION:P9999999999D"),
        ("DTSTART:20261201T010000Z",),
        ("DTEND:20261201T010000Z",),
        ("DTSTART:20261301T010000Z", "DTEND:20261201T000000Z"),
        ("DTSTART:20261201T010000Z", "DTEND:20261201T020000Z", "EXDATE:yesterday"),
        ("DTSTART:20261201T010000Z", "DTEND:20261201T020000Z", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
        ("DTSTART:20261201T010000Z", "DTEND:20261201T020000Z", "RRULE:FREQ=DAILY;UNTIL=soon"),
    ],
)
def test_an_event_that_is_broken_or_hostile_takes_nothing_with_it(duty: Duty, lines: Any) -> None:
    plan = plan_calendar(duty.primary, calendar(event(*lines, "SUMMARY:Lin", uid="bad"), PAGERDUTY), NOON)
    assert [one.users[0].name for one in plan.shifts][-1:] == ["Mei"]
    assert len(plan.shifts) + len(plan.misread) <= 2 and ("9999" in lines[0] or plan.misread)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "This is no calendar"),
        (calendar("X" * 1_000_001), "at most 1 MB"),
        (calendar(*[event("DTSTART:20261201T000000Z", uid=str(n)) for n in range(2001)]), "2001 events"),
        (calendar(*[event("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=DAILY", uid=str(n))
                    for n in range(101)]), "At most 100 events may repeat"),
        (calendar(*[event("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", "RRULE:FREQ=DAILY", "SUMMARY:Lin",
                          uid=str(n)) for n in range(4)]), "more than 1000 shifts"),
    ],
)  # fmt: skip
def test_a_text_that_is_too_much_is_refused_in_a_sentence(at_noon: Duty, text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        plan_calendar(at_noon.primary, text, NOON)
    path = f"/oncall/schedules/{at_noon.primary.ref}/calendar"
    shown = at_noon.world.client("ada").post(path, {"file": SimpleUploadedFile("x.ics", text.encode())})
    assert shown.status_code == 400 and sentence in shown.content.decode()


def test_rules_that_match_no_day_cost_little(duty: Duty) -> None:
    never = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    zone = ["BEGIN:VTIMEZONE", "TZID:Mine", "BEGIN:STANDARD", "DTSTART:16010101T000000", "RRULE:FREQ=SECONDLY",
            "TZOFFSETFROM:+0800", "TZOFFSETTO:+0800", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    events = [
        event("DTSTART:20170101T000000Z", "DTEND:20170101T010000Z", never, "SUMMARY:Lin", uid=str(n)) for n in range(99)
    ]
    mine = event("DTSTART;TZID=Mine:20261201T000000", "DTEND;TZID=Mine:20261201T010000", "SUMMARY:Lin")
    nested = "BEGIN:VEVENT\r\n" * 20_000
    began = time.process_time()
    plan = plan_calendar(duty.primary, calendar(*zone, *events, mine, nested), NOON)
    assert time.process_time() - began < 20, "an unbounded one takes minutes"
    assert plan.shifts == [] and [one.why for one in plan.misread] == ["the time zone “Mine” is not known."]


# What the examples of RFC 5545, 3.8.5.3 give, by their rules.
EXAMPLES = [
    ("FREQ=DAILY;INTERVAL=10", date(1997, 9, 2), "09-02 09-12 09-22 10-02 10-12"),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", date(1997, 9, 2), "09-02 09-16 09-30 10-14 10-28"),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH", date(1997, 9, 2), "09-02 09-04 09-16 09-18 09-30"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", date(1997, 8, 5), "08-05 08-10 08-19 08-24 09-02"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", date(1997, 8, 5), "08-05 08-17 08-19 08-31 09-02"),
    ("FREQ=MONTHLY;BYDAY=1FR", date(1997, 9, 5), "09-05 10-03 11-07 12-05 01-02"),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU", date(1997, 9, 7), "09-07 09-28 11-02 11-30 01-04"),
    ("FREQ=MONTHLY;BYDAY=-2MO", date(1997, 9, 22), "09-22 10-20 11-17 12-22 01-19"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", date(1997, 9, 28), "09-28 10-29 11-28 12-29 01-29"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30", date(2007, 1, 15), "01-15 01-30 02-15 03-15 03-30"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", date(1997, 9, 2), "02-13 03-13 11-13 08-13 10-13"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", date(1997, 9, 29), "09-29 10-30 11-27 12-30 01-29"),
    ("FREQ=MONTHLY", date(1997, 1, 31), "01-31 03-31 05-31 07-31 08-31"),
    ("FREQ=YEARLY;BYMONTH=6,7", date(1997, 6, 10), "06-10 07-10 06-10 07-10 06-10"),
    ("FREQ=YEARLY;BYDAY=20MO", date(1997, 5, 19), "05-19 05-18 05-17 05-15 05-14"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", date(1997, 3, 13), "03-13 03-20 03-27 03-05 03-12"),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", date(1996, 11, 5), "11-05 11-07 11-02"),
    ("FREQ=YEARLY", date(1996, 2, 29), "02-29 02-29 02-29"),
]


@pytest.mark.parametrize(("written", "starts", "days"), EXAMPLES)
def test_rules_give_the_days_that_the_standard_says(written: str, starts: date, days: str) -> None:
    rule = read_rule(dict(part.partition("=")[::2] for part in written.split(";")))
    found = list(islice(rule.days(starts, starts + timedelta(days=4_000)), days.count(" ") + 1))
    assert [f"{day:%m-%d}" for day in found] == days.split()


def test_rules_agree_with_another_reckoner() -> None:
    lots = random.Random(7)
    for _ in range(300):
        unit = lots.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
        parts = {"FREQ": unit, "INTERVAL": str(lots.choice([1, 1, 2, 3, 5])), "WKST": lots.choice(["MO", "SU"])}
        days = lots.sample(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 2)
        nth = lots.choice(["", "", "1", "-1", "2"]) if unit in ("MONTHLY", "YEARLY") else ""
        if lots.random() < 0.5:
            parts["BYDAY"] = ",".join(nth + day for day in days)
        if lots.random() < 0.3:
            parts["BYMONTH"] = ",".join(map(str, lots.sample(range(1, 13), 3)))
        if lots.random() < 0.3 and unit != "WEEKLY":
            parts["BYMONTHDAY"] = ",".join(map(str, lots.sample([1, 5, 13, 28, 29, 30, 31, -1, -7], 2)))
        if lots.random() < 0.3 and "BYDAY" in parts and unit != "WEEKLY":  # theirs begins a first week at its start
            parts["BYSETPOS"] = lots.choice(["1", "-1", "2,-1"])
        starts = date(2020, 1, 1) + timedelta(days=lots.randrange(700))
        written = ";".join(f"{name}={value}" for name, value in parts.items())
        last = starts + timedelta(days=1200)
        begins = datetime.combine(starts, datetime.min.time())
        if parts.get("BYMONTHDAY") and parts.get("BYMONTH"):
            continue  # one that means no day at all keeps the other reckoner busy for minutes
        theirs = [at.date() for at in islice(rrulestr(written, dtstart=begins), 1500)]
        theirs = [day for day in theirs if day <= last]
        assert list(read_rule(parts).days(starts, last)) == theirs, (written, starts)
