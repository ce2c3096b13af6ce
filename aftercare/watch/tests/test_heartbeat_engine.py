"""Where heartbeats stand as time passes, and what that sets off."""

from datetime import timedelta

import pytest
from django.apps import apps

from aftercare.kernel.errors import Refused
from aftercare.watch.actions import close_told
from aftercare.watch.heartbeats.actions import (
    delete_heartbeat,
    edit_heartbeat,
    pause_heartbeat,
    resume_heartbeat,
)
from aftercare.watch.heartbeats.types import HeartbeatFacts, facts_of
from aftercare.watch.models import Alert, HeartbeatChange
from aftercare.watch.tests.beating import open_alerts, status

# Of the rooms above, which this one must not import.
Incident, Page = apps.get_model("incidents.Incident"), apps.get_model("oncall.Page")


def history(heartbeat):
    changes = HeartbeatChange.objects.filter(heartbeat=heartbeat).order_by("pk")
    return [(change.from_status, change.to_status, change.reason) for change in changes]


def test_it_works(beats, world):
    heartbeat = beats.make()
    beats.wait(days=30)
    assert status(heartbeat) == "new", "what was never pinged is not waited for"
    beats.ping(heartbeat)
    assert status(heartbeat) == "up"
    beats.wait(minutes=5)
    assert status(heartbeat) == "up", "a ping each five minutes comes a moment later"
    beats.wait(seconds=30)
    assert status(heartbeat) == "late"
    assert not Alert.objects.exists(), "within its grace nobody hears of it"
    beats.wait(seconds=30)
    assert status(heartbeat) == "down"
    (alert,) = open_alerts(heartbeat)
    assert alert.severity == "red" and alert.customer == world.show
    assert alert.title.startswith("“Recording merge” was expected at ")
    assert "录制" not in alert.title and "预期" in alert.title_zh
    beats.wait(hours=5)
    assert Alert.objects.count() == 1, "it alerts once"
    beats.ping(heartbeat)
    assert status(heartbeat) == "up"
    alert.refresh_from_db()
    assert alert.close_reason == "recovered" and alert.closed_at == beats.now
    assert history(heartbeat) == [("new", "up", "pinged"), ("late", "down", "missed"), ("down", "up", "pinged")]


def test_it_stays_up_while_pings_come(beats):
    heartbeat = beats.make()
    for _ in range(30):
        beats.ping(heartbeat)
        beats.wait(seconds=200)
        beats.wait(seconds=105)
        assert status(heartbeat) == "up"
    assert history(heartbeat) == [("new", "up", "pinged")], "its history is not filled with what is as it should be"


def test_a_late_ping_within_the_grace_is_none_to_speak_of(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    beats.wait(seconds=340)
    beats.ping(heartbeat)
    assert status(heartbeat) == "up" and not Alert.objects.exists()


def test_a_failure_alerts_at_once(beats):
    heartbeat = beats.make(own=True)
    beats.ping(heartbeat)
    beats.ping(heartbeat, "fail", exit_code=3, body="disk full")
    (alert,) = open_alerts(heartbeat)
    assert alert.title == "“Recording merge” told of a failure: exit code 3" and alert.customer is None
    beats.ping(heartbeat, "fail", exit_code=4)
    assert Alert.objects.count() == 1
    beats.ping(heartbeat, "start")
    assert status(heartbeat) == "down", "that it runs again says nothing about how it will end"
    beats.ping(heartbeat)
    assert open_alerts(heartbeat) == [] and status(heartbeat) == "up"


def test_the_first_ping_may_be_a_failure(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat, "fail")
    assert status(heartbeat) == "down" and open_alerts(heartbeat)


def test_a_run_that_does_not_end(beats):
    heartbeat = beats.make(longest_run_s=3600)
    beats.ping(heartbeat)
    beats.ping(heartbeat, "start")
    beats.wait(minutes=59)
    assert status(heartbeat) == "up", "while it runs, its end is waited for, not its next turn"
    beats.wait(minutes=1)
    (alert,) = open_alerts(heartbeat)
    assert "did not end within 1 h" in alert.title
    beats.ping(heartbeat)
    assert status(heartbeat) == "up" and open_alerts(heartbeat) == []


def test_a_job_that_begins_again_and_again_is_found(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    for _ in range(7):
        beats.ping(heartbeat, "start")
        beats.wait(seconds=10)
    assert status(heartbeat) == "down", "a new beginning gives no new time to a run that never ended"


def test_the_first_run_is_waited_for(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat, "start")
    assert status(heartbeat) == "new"
    beats.wait(seconds=60)
    assert status(heartbeat) == "down"


def test_a_note_changes_nothing(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    beats.wait(seconds=290)
    beats.ping(heartbeat, "log", body="still here")
    beats.wait(seconds=70)
    assert status(heartbeat) == "down"


def test_a_paused_one_is_left_alone(beats, world):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    beats.wait(seconds=360)
    assert open_alerts(heartbeat)
    pause_heartbeat(heartbeat=heartbeat, actor=world.eng, now=beats.now)
    assert open_alerts(heartbeat) == []
    beats.wait(days=3)
    beats.ping(heartbeat, "fail")
    assert status(heartbeat) == "paused" and open_alerts(heartbeat) == []
    resume_heartbeat(heartbeat=heartbeat, actor=world.eng, now=beats.now)
    beats.look()
    assert status(heartbeat) == "new", "what has not come since is not known"
    beats.wait(seconds=359)
    assert open_alerts(heartbeat) == []
    beats.wait(seconds=1)
    assert open_alerts(heartbeat), "but it is waited for"


def test_one_that_was_never_pinged_waits_for_nothing_after_a_pause_either(beats):
    heartbeat = beats.make()
    pause_heartbeat(heartbeat=heartbeat, actor=None, now=beats.now)
    resume_heartbeat(heartbeat=heartbeat, actor=None, now=beats.now)
    beats.wait(days=3)
    assert status(heartbeat) == "new"


def test_another_schedule_counts_anew(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    beats.wait(seconds=360)
    asked = {**facts_of(heartbeat).as_dict(), "every_s": 86_400}
    edit_heartbeat(heartbeat=heartbeat, facts=HeartbeatFacts(**asked), actor=None, now=beats.now)
    assert open_alerts(heartbeat) == [] and status(heartbeat) == "new"
    beats.wait(days=1, seconds=59)
    assert open_alerts(heartbeat) == []
    beats.wait(seconds=1)
    assert open_alerts(heartbeat)


def test_another_name_leaves_all_as_it_is(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat)
    beats.wait(seconds=360)
    asked = {**facts_of(heartbeat).as_dict(), "name": "Merge"}
    edit_heartbeat(heartbeat=heartbeat, facts=HeartbeatFacts(**asked), actor=None, now=beats.now)
    (alert,) = open_alerts(heartbeat)
    assert alert.title.startswith("“Merge”") and status(heartbeat) == "down"


def test_one_that_becomes_red_while_it_is_down_speaks_up(beats):
    heartbeat = beats.make(severity="warning")
    beats.ping(heartbeat, "fail")
    asked = {**facts_of(heartbeat).as_dict(), "severity": "red"}
    edit_heartbeat(heartbeat=heartbeat, facts=HeartbeatFacts(**asked), actor=None, now=beats.now)
    (alert,) = open_alerts(heartbeat)
    assert alert.severity == "red" and Alert.objects.count() == 1


def test_a_deleted_one_closes_its_alert_and_takes_no_pings(beats):
    heartbeat = beats.make()
    beats.ping(heartbeat, "fail")
    delete_heartbeat(heartbeat=heartbeat, actor=None, now=beats.now)
    assert Alert.objects.get().close_reason == "deleted"
    assert len(beats.ping(heartbeat).nobodys) == 1
    with pytest.raises(Refused):
        pause_heartbeat(heartbeat=heartbeat, actor=None, now=beats.now)


def test_no_hand_closes_its_alert(beats, world):
    heartbeat = beats.make()
    beats.ping(heartbeat, "fail")
    with pytest.raises(Refused, match="next successful ping"):
        close_told(alert=Alert.objects.get(), actor=world.eng, now=beats.now)


class TestAbsence:
    def test_an_hour_away_makes_no_storm(self, beats):
        every = [beats.make(name=f"Job {n}", every_s=60 * (n + 1)) for n in range(30)]
        for heartbeat in every:
            beats.ping(heartbeat)
        beats.wait(seconds=30)
        beats.vanish(hours=1)
        assert not Alert.objects.exists(), "pings could not arrive, and that is our fault"
        assert {status(heartbeat) for heartbeat in every} == {"new"}
        beats.wait(seconds=59)
        assert not Alert.objects.exists()
        note = HeartbeatChange.objects.filter(heartbeat=every[0], reason="absent").get()
        assert note.at - note.since == timedelta(hours=1), "its history says so"
        beats.wait(seconds=61)
        assert len(Alert.objects.all()) == 1, "the first is waited for anew, each minute with a minute's grace"
        beats.ping(every[1])
        assert status(every[1]) == "up"

    def test_what_was_not_due_then_keeps_its_time(self, beats):
        heartbeat = beats.make(every_s=86_400)
        beats.ping(heartbeat)
        beats.wait(hours=10)
        beats.vanish(minutes=5)
        beats.wait(hours=13, minutes=55, seconds=59)
        assert not Alert.objects.exists()
        beats.wait(seconds=1)
        assert open_alerts(heartbeat), "five minutes in the middle of the day are no reason to wait a day longer"

    def test_a_run_that_may_have_ended_meanwhile(self, beats):
        heartbeat = beats.make(longest_run_s=7200)
        beats.ping(heartbeat, "start")
        beats.wait(minutes=30)
        beats.vanish(minutes=10)
        beats.wait(hours=3)
        assert open_alerts(heartbeat), "its next turn is waited for"
        assert "was expected" in open_alerts(heartbeat)[0].title

    def test_what_is_down_stays_so(self, beats):
        heartbeat = beats.make()
        beats.ping(heartbeat)
        beats.wait(seconds=360)
        beats.vanish(hours=2)
        assert status(heartbeat) == "down" and Alert.objects.count() == 1

    def test_a_failure_that_was_told_before_is_not_forgiven(self, beats):
        heartbeat = beats.make()
        beats.ping(heartbeat, "fail", look=False)
        beats.vanish(hours=2)
        assert open_alerts(heartbeat)

    def test_a_round_that_lasts_is_no_absence(self, beats):
        heartbeat = beats.make(grace_s=10)
        beats.ping(heartbeat)
        beats.wait(seconds=300)
        beats.vanish(seconds=14)
        assert open_alerts(heartbeat)

    def test_the_clock_is_set_back(self, beats):
        heartbeat = beats.make()
        beats.wait(days=365)
        beats.ping(heartbeat)
        beats.vanish(days=-365)
        assert status(heartbeat) == "up"
        beats.wait(seconds=360)
        assert open_alerts(heartbeat), "it does not wait for a year"

    def test_the_clock_leaps_forward(self, beats):
        heartbeat = beats.make()
        beats.ping(heartbeat)
        beats.vanish(days=365)
        assert not Alert.objects.exists()
