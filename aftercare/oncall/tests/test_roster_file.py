"""Schedules out of a file, and the command that shows them, without a database."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions, queries
from aftercare.oncall.roster.document import read_document
from aftercare.oncall.roster.schedules import stretches
from aftercare.oncall.tests.cast import Duty

FILE = """\
version: 1
schedules:
  - name: Primary 主值班
    timezone: Asia/Shanghai
    holidays: CN
    fallback: mei@example.com
    layers:
      - name: Weeks
        turns: [lin@example.com, [zhao@example.com, wang@example.com]]
        starts: 2026-02-09 10:00
      - name: Nights of workdays
        turns: sun@example.com
        every: 2 days
        starts: 2026-02-09 20:00
        hours:
          - {days: workdays, from: 20:00, to: 08:00}
    changes:
      - {name: Leave, from: 2026-02-12 00:00, to: 2026-02-13, replace: {lin@example.com: han@example.com}}
"""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def people(at: str) -> str:
    (schedule,) = read_document(FILE, around=date(2026, 2, 9)).schedules
    return "+".join(stretches(schedule, utc(at), utc(at) + timedelta(minutes=1))[0].people).replace("@example.com", "")


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-02-09T01:59", "mei"),  # before the first turn: the fallback
        ("2026-02-09T02:00", "lin"),
        ("2026-02-09T12:00", "sun"),
        ("2026-02-09T23:59", "sun"),
        ("2026-02-10T00:00", "lin"),
        ("2026-02-12T03:00", "han"),
        ("2026-02-14T12:00", "sun"),  # a Saturday on which people work, before the Spring Festival of 2026
        ("2026-02-15T12:00", "lin"),  # a Sunday off
        ("2026-02-16T12:00", "zhao+wang"),  # a Monday off
        ("2026-02-28T12:00", "sun"),  # a Saturday on which people work, after it
        ("2026-02-28T23:00", "sun"),  # the end of that night, on a Sunday
    ],
)
def test_it_works(at: str, who: str) -> None:
    assert people(at) == who


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("version: 1", "version: 2", "Line 1, version: this reads version 1."),
        ("version: 1\n", "", "Line 1, the document: version is missing."),
        ("timezone: Asia/Shanghai", "timezone: Mars", "Line 4, schedules[1].timezone: “Mars” is not a time zone"),
        ("timezone: Asia/Shanghai", "timezone: ../etc/passwd", "Line 4, schedules[1].timezone: "),
        ("holidays: CN", "holidays: XX", "Line 5, schedules[1].holidays: there are no public holidays"),
        ("every: 2 days", "every: 2 moons", "Line 13, schedules[1].layers[2].every: “2 moons” is not a length"),
        ("every: 2 days", "every: 0 days", "“0 days” is not a length"),
        ("every: 2 days", "evry: 2 days", "Line 13, schedules[1].layers[2].evry: this is not known. Known are: name,"),
        (
            "every: 2 days",
            "every: 2 days\n        every: day",
            "Line 14, schedules[1].layers[2].every: this is written twice.",
        ),
        ("starts: 2026-02-09 10:00", "starts: 2026-02-30 10:00", "“2026-02-30 10:00” is not a local time"),
        ("starts: 2026-02-09 10:00", "starts: 2026-02-09 10:00+08:00", "without a zone"),
        ("starts: 2026-02-09 10:00", "starts: 9999-12-31 10:00", "the year lies between 2000 and 2100"),
        ("starts: 2026-02-09 10:00", "starts: 0001-01-01", "the year lies between 2000 and 2100"),
        ("from: 20:00, to: 08:00", "from: 20:00, to: 20:00", "it begins and ends at the same time"),
        ("from: 20:00, to: 08:00", "from: 20:00, to: 25:00", "“25:00” is not a time of day"),
        ("days: workdays", "days: weekdays", "“weekdays” is no day"),
        ("to: 2026-02-13,", "to: 2026-02-11,", "Line 18, schedules[1].changes[1].to: the end is not after the start."),
        ("replace: {", "swap: {", "this is not known"),
        ("replace: {lin@example.com: han@example.com}", "add: a@x, remove: b@x", "write exactly one of add, remove,"),
        ("[zhao@example.com, wang@example.com]", "[zhao@example.com, zhao@example.com]", "is written twice"),
        ("fallback: mei@example.com", "fallback: {a: b}", "write a list here"),
        ("turns: sun@example.com", "turns: &one sun@example.com", "Line 12: anchors and aliases are not taken"),
        ("version: 1", "version: [1", "this is not YAML"),
        (
            "version: 1",
            "version: 1\nlimits: {longest: month}",
            "Line 2, limits.longest: write it in hours, days or weeks.",
        ),
        ("turns: sun@example.com", "turns: " + "[" * 30 + "]" * 30, "nested too deeply"),
        ("turns: sun@example.com", f"turns: [{', '.join(f'p{n}' for n in range(201))}]", "at most 200 are taken"),
    ],
)
def test_refuses_with_the_line(old: str, new: str, sentence: str) -> None:
    assert old in FILE
    with pytest.raises(Refused) as refused:
        read_document(FILE.replace(old, new, 1), around=date(2026, 2, 9))
    assert sentence in refused.value.sentence


@pytest.mark.parametrize(
    "text", ["", "x" * 1_000_001, "- 1", "version: 1\nschedules: {}", "version: 1\nschedules: []", "\x00", "a: *b"]
)
def test_refuses_what_is_no_document(text: str) -> None:
    with pytest.raises(Refused):
        read_document(text, around=date(2026, 2, 9))


def preview(folder: Path, *arguments: str, text: str = FILE) -> subprocess.CompletedProcess[str]:
    (folder / "roster.yaml").write_text(text, "utf-8")
    command = [
        sys.executable,
        "-m",
        "aftercare.serve.cli",
        "oncall",
        "preview",
        str(folder / "roster.yaml"),
        *arguments,
    ]
    # No data folder, no settings, no home: it reads a file and nothing else.
    return subprocess.run(command, capture_output=True, text=True, env={"HOME": "/nonexistent", "COLUMNS": "200"})


def test_the_command_tells_people_and_programs(tmp_path: Path) -> None:
    span = ("--from", "2026-02-09", "--to", "2026-02-11")
    done = preview(tmp_path, *span, "--json")
    told: dict[str, Any] = json.loads(done.stdout)["schedules"][0]
    assert (told["name"], told["timezone"], told["uncovered_hours"]) == ("Primary 主值班", "Asia/Shanghai", 0)
    assert told["shifts"][0] == {
        "from": "2026-02-08T16:00:00+00:00",
        "to": "2026-02-09T02:00:00+00:00",
        "people": ["mei@example.com"],
        "by": [],
        "fallback": True,
    }
    assert sum(told["hours"].values()) == 48
    shown = preview(tmp_path, *span)
    assert "Somebody is on call all the time." in shown.stdout and "Nights of workdays" in shown.stdout
    assert (shown.returncode, shown.stderr) == (0, "")


def test_the_command_finds_gaps(tmp_path: Path) -> None:
    text = FILE.replace("    fallback: mei@example.com\n", "")
    shown = preview(tmp_path, "--from", "2026-02-09", "--to", "2026-02-11", "--strict", text=text)
    assert "Primary 主值班: nobody is on call for 10 h, Mon 2026-02-09 00:00 – Mon 2026-02-09 10:00" in shown.stdout
    assert shown.returncode == 1


def test_the_command_finds_who_is_asked_for_too_much(tmp_path: Path) -> None:
    text = FILE.replace("version: 1", "version: 1\nlimits: {longest: 2 days, most-in-week: 40 hours}")
    span = ("--from", "2026-02-13 10:00", "--to", "2026-02-27 10:00")
    told = json.loads(preview(tmp_path, *span, "--json", text=text).stdout)["faults"]
    assert [(one["fault"], one.get("person", ""), one["hours"]) for one in told] == [
        ("too_often", "lin@example.com", 48.0),
        ("too_often", "lin@example.com", 60.0),
        ("too_long", "wang@example.com", 168.0),
        ("too_often", "wang@example.com", 168.0),
        ("too_long", "zhao@example.com", 168.0),
        ("too_often", "zhao@example.com", 168.0),
    ]
    shown = preview(tmp_path, *span, "--strict", text=text)
    assert "zhao@example.com is on call for 168 h without a break" in shown.stdout and shown.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        ((), FILE.replace("Asia", "Azia"), "Line 4, schedules[1].timezone"),
        (("--from", "2026-02-11", "--to", "2026-02-09"), FILE, "--from lies before --to"),
        (("--from", "2026-02-09", "--to", "2030-02-09"), FILE, "at most a year"),
        (("--from", "soon"), FILE, "invalid local_time value"),
        (("--from", "9999-12-31"), FILE, "invalid local_time value"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], text: str, sentence: str
) -> None:
    done = preview(tmp_path, *arguments, text=text)
    assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr


def test_the_consoles_schedules_are_a_file_that_says_the_same(duty: Duty) -> None:
    now = utc_now()
    for who, begins, ends in (("ada", 20, 90), ("mei", 60, 70)):
        actions.add_change(
            schedule=duty.primary, user=duty.world.people[who], reason="dentist: 10:00", actor=duty.world.ada,
            starts_at=now + timedelta(hours=begins), ends_at=now + timedelta(hours=ends), now=now,
        )  # fmt: skip
    answer = duty.world.client("agent").get("/oncall/schedules.yaml")
    assert answer["Content-Type"].startswith("application/yaml") and "attachment" in answer["Content-Disposition"]
    schedules = read_document(answer.content.decode(), around=now.date()).schedules
    assert [schedule.name for schedule in schedules] == ["Primary", "Backup"]
    end = now + timedelta(days=60)
    for kept, schedule in zip((duty.primary, duty.backup), schedules, strict=True):
        engine = [
            (one.starts_at, one.ends_at, [user.email for user in one.users]) for one in queries.shifts(kept, now, end)
        ]
        assert engine == [(one.starts_at, one.ends_at, list(one.people)) for one in stretches(schedule, now, end)]
    assert duty.world.client("developer").get("/oncall/schedules.yaml").status_code == 404
