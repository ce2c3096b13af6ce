"""Schedules from a file: looked through first, then taken as a whole."""

from datetime import timedelta

import pytest

from aftercare.oncall import queries
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.tests.cast import Duty

NEW = """
version: 1
schedules:
  - name: Primary
    timezone: Asia/Shanghai
    fallback: ada@provider.example
    layers:
      - turns: [lin@provider.example, [mei@provider.example, ada@provider.example]]
        every: 7 days
        starts: 2026-11-23 10:00
    changes:
      - name: away
        from: 2026-12-24 10:00
        to: 2026-12-25 10:00
        replace: {lin@provider.example: mei@provider.example}
      - {name: long over, from: 2026-01-01, to: 2026-01-02, add: mei@provider.example}
  - name: Night
    timezone: Europe/London
    layers: [{turns: mei@provider.example, starts: 2026-11-23 10:00}]
"""


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for views in ("schedule", "schedules"):
        monkeypatch.setattr(f"aftercare.oncall.views.{views}.utc_now", lambda: duty.now)
    return duty


def test_it_works(at_noon: Duty) -> None:
    client = at_noon.world.client("mei")
    shown = client.post("/oncall/schedules/file", {"text": NEW}).content.decode()
    assert "+ fallback:" in shown and "Night" in shown and "away" in shown
    assert not Schedule.objects.filter(name="Night").exists(), "looking changes nothing"
    assert client.post("/oncall/schedules/file", {"text": NEW, "take": "yes"}).status_code == 302
    primary = Schedule.objects.get(name="Primary")
    assert primary.pk == at_noon.primary.pk and primary.version == 2
    week = timedelta(days=7)
    assert [one.names for one in queries.shifts(primary, at_noon.now, at_noon.now + week)] == ["Lin", "Mei, Ada"]
    change = Change.objects.get()
    assert (change.kind, change.user.name, change.reason) == ("replace", "Mei", "away")
    assert Schedule.objects.filter(name="Backup").exists(), "what the file does not name stays"


def test_what_the_console_gives_changes_nothing(at_noon: Duty) -> None:
    client = at_noon.world.client("mei")
    client.post("/oncall/schedules/file", {"text": NEW, "take": "yes"})
    text = client.get("/oncall/schedules.yaml").content.decode()
    answer = client.post("/oncall/schedules/file", {"text": text})
    shown = answer.content.decode()
    assert answer.status_code == 200, text
    assert shown.count("Stays as it is.") == 4 and "Take this file" not in shown


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("every: 7 days", "every: 7 dayz", "Line 9, schedules[1].layers[1].every"),
        ("lin@provider.example, [", "nobody@provider.example, [", "nobody here signs in with nobody@provider.example"),
        ("lin@provider.example, [", "wang@provider.example, [", "Wang cannot take pages in their role."),
        ("lin@provider.example, [", "zhao@starlight.example, [", "nobody here signs in with zhao@starlight.example"),
    ],
)
def test_a_file_is_refused_as_a_whole(at_noon: Duty, old: str, new: str, sentence: str) -> None:
    text = NEW.replace(old, new)
    answer = at_noon.world.client("mei").post("/oncall/schedules/file", {"text": text, "take": "yes"})
    shown = answer.content.decode()
    assert answer.status_code == 400 and sentence in shown and "Night" in shown
    assert Schedule.objects.count() == 2


def test_only_who_manages_may(at_noon: Duty) -> None:
    for name, status in (("eng", 403), ("agent", 403), ("zhao", 404)):
        assert at_noon.world.client(name).post("/oncall/schedules/file", {"text": NEW}).status_code == status
