"""The coverage is mailed once a week, whatever is killed or started twice, in each one's language."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import override_settings

from aftercare.notify.models import Delivery
from aftercare.oncall import actions, mailing
from aftercare.oncall.mailing import process_weekly
from aftercare.oncall.models import CoverageMail, OncallSettings, Schedule
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tests.test_two_workers import at_once, ready

# Nine in the morning in Shanghai.
MONDAY_9 = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=mailing.KIND).order_by("id"))


@pytest.fixture(autouse=True)
def mail_server() -> Any:
    with override_settings(EMAIL_HOST="127.0.0.1"):
        yield


def test_it_works(duty: Duty) -> None:
    duty.world.mei.language = "zh-hans"
    duty.world.mei.save()
    assert process_weekly(duty.now) == 0, "what was due before the settings were made is not made up for"
    assert process_weekly(MONDAY_9 - timedelta(seconds=1)) == 0
    assert process_weekly(MONDAY_9) == 2
    ada, mei = mails()
    assert (ada.channel, ada.address, ada.url_path) == ("email", "ada@provider.example", "/oncall/coverage")
    assert ada.title == "On-call coverage: 4 things are wrong in the next 90 days"
    assert ada.body.splitlines()[0] == "Lin has no confirmed contact method: only an open console page reaches them."
    assert "Ada is on call for 2160 h without a break: 2026-11-30 09:00 – 2027-02-28 09:00" in ada.body
    assert mei.title != ada.title and "值班" in mei.title
    for later in (HOUR, 24 * HOUR, WEEK - HOUR):
        assert process_weekly(MONDAY_9 + later) == 0
    assert process_weekly(MONDAY_9 + WEEK + 30 * HOUR) == 2, "an engine that stood still makes up for it"
    assert CoverageMail.objects.count() == 2


def test_where_nothing_is_wrong_it_says_so_in_one_line(duty: Duty) -> None:
    world = duty.world
    for user in (world.eng, world.mei, world.ada):
        duty.hook(user, f"https://hooks.example.com/{user.name}")
    actions.save_settings(facts={"longest_h": None}, actor=None, now=duty.now)
    process_weekly(MONDAY_9)
    assert {(one.title, one.body) for one in mails()} == {
        ("On-call coverage: nothing is wrong for 90 days", "Nothing is wrong for 90 days.")
    }


def test_day_hour_and_zone_are_settings_and_another_day_is_no_second_mail(duty: Duty) -> None:
    facts = {"mail_weekday": 2, "mail_hour": 8, "timezone": "America/New_York"}
    actions.save_settings(facts=facts, actor=None, now=duty.now)
    wednesday = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    assert process_weekly(wednesday - HOUR) == 0
    assert process_weekly(wednesday) == 2
    actions.save_settings(facts={"mail_weekday": 4}, actor=None, now=wednesday)
    assert process_weekly(wednesday + 60 * HOUR) == 0, "this week's was mailed"
    assert process_weekly(wednesday + WEEK + 48 * HOUR) == 2
    actions.save_settings(facts={"mails": False}, actor=None, now=wednesday)
    assert process_weekly(wednesday + 3 * WEEK) == 0


def test_killed_before_its_end_nothing_was_written_and_the_next_writes_all(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_weekly(duty.now)
    whole = mailing.tell

    def dies(person: Any, *told: Any) -> None:
        if person == duty.world.mei:
            raise IntegrityError("killed")
        whole(person, *told)

    monkeypatch.setattr(mailing, "tell", dies)
    with pytest.raises(IntegrityError):
        process_weekly(MONDAY_9)
    assert mails() == [] and not CoverageMail.objects.exists()
    monkeypatch.setattr(mailing, "tell", whole)
    assert process_weekly(MONDAY_9 + HOUR) == 2


def test_of_several_processes_one_mails(transactional_db: Any) -> None:
    duty = ready()
    process_weekly(duty.now)
    assert sorted(at_once(lambda: process_weekly(MONDAY_9))) == [0, 0, 2]
    assert len(mails()) == 2


def test_without_a_mail_server_it_is_a_notice_and_without_schedules_nothing(duty: Duty) -> None:
    process_weekly(duty.now)
    with override_settings(EMAIL_HOST=""):
        assert process_weekly(MONDAY_9) == 2
    assert {one.channel for one in mails()} == {"push"}
    Schedule.objects.all().delete()
    assert process_weekly(MONDAY_9 + WEEK) == 0
    assert OncallSettings.objects.count() == 1
