"""Test calls: once a month for everybody who may be woken, by day, and what is known of it afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from aftercare.kernel import events
from aftercare.notify import answering
from aftercare.notify.engine.results import settle_sent
from aftercare.notify.events import ContactAnswered
from aftercare.notify.models import Account, Delivery
from aftercare.notify.outbox import mark_returned
from aftercare.notify.quiet import set_quiet_hours
from aftercare.oncall import actions, queries, trials
from aftercare.oncall.actions.trials import KIND
from aftercare.oncall.models import Page, TrialCall
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tests.test_two_workers import at_once, ready
from aftercare.oncall.trials import process_calls

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DECEMBER = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def calls() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=KIND).exclude(channel="push").order_by("id"))


def told() -> list[str]:
    return list(Delivery.objects.filter(kind=KIND, channel="push").order_by("id").values_list("title", flat=True))


def planned(duty: Duty, name: str = "eng") -> TrialCall:
    """December's calls are planned; this person's."""
    process_calls(DECEMBER)
    return TrialCall.objects.get(user=duty.world.people[name])


def made(duty: Duty, name: str = "eng") -> TrialCall:
    """This person's call, just made."""
    row = planned(duty, name)
    process_calls(row.due_at)
    row.refresh_from_db()
    return row


def sent(delivery: Delivery, now: datetime) -> None:
    """A vendor took it."""
    settle_sent([(delivery, "x")], now)


@pytest.fixture
def reached(duty: Duty) -> Duty:
    """Everybody of the schedules has a webhook; Lin's comes after a minute, his mail at once."""
    for user in (duty.world.eng, duty.world.mei, duty.world.ada):
        hook = duty.hook(user, f"https://hooks.example.com/{user.name}")
        hook.after_s = 60
        hook.save()
    return duty


def test_it_works(reached: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    row = planned(reached)
    assert TrialCall.objects.count() == 3, "Lin, Mei and Ada, each once"
    local = row.due_at.astimezone(SHANGHAI)
    assert local.date() > date(2026, 12, 1) and local.weekday() < 5 and 10 <= local.hour < 18
    process_calls(row.due_at - MINUTE)
    assert not [one for one in calls() if one.user == row.user]
    process_calls(row.due_at)
    [call] = [one for one in calls() if one.user == row.user]
    assert (call.channel, call.urgency, call.title) == ("webhook", "routine", "Test call: nothing is wrong")
    assert call.data["answerable"] and call.data["acknowledge_url"].endswith(call.url_path)
    sent(call, row.due_at + MINUTE)
    at = row.due_at + 10 * MINUTE
    monkeypatch.setattr("aftercare.oncall.views.trials.utc_now", lambda: at)
    anybody = reached.world.client()
    shown = anybody.get(call.url_path)
    assert shown.status_code == 200 and "The call reached me" in shown.content.decode()
    row.refresh_from_db()
    assert row.state == "called", "a scanner that fetches the link has answered nothing"
    assert anybody.post(call.url_path).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answered_at, row.channel) == ("answered", at, "webhook")
    assert "you are reached" in anybody.get(call.url_path).content.decode()
    found = queries.reachability(at)
    assert (found.answered, found.measured) == (1, 1)
    monkeypatch.setattr("aftercare.oncall.views.schedule.utc_now", lambda: at)
    page = reached.world.client("agent").get("/oncall/coverage").content.decode()
    assert "Reachability is measured: 1 of 1 answered their test call this month." in page
    assert "Answered" in reached.world.client("eng").get("/settings/contacts").content.decode()
    assert not Page.objects.exists(), "figures count pages, and this is none"


def test_it_comes_once_a_month_however_often_the_engine_looks(reached: Duty) -> None:
    planned(reached)
    for hours in range(0, 31 * 24, 6):
        process_calls(DECEMBER + hours * HOUR)
        for due in TrialCall.objects.filter(state="planned").values_list("due_at", flat=True):
            if due < DECEMBER + (hours + 6) * HOUR:
                process_calls(due)
    assert {one.user.name for one in calls()} == {"Lin", "Mei", "Ada"} and len(calls()) == 3
    made_ones = TrialCall.objects.exclude(state="planned")
    assert set(made_ones.values_list("month__month", flat=True)) == {12}


def test_of_several_processes_one_calls(transactional_db: Any) -> None:
    duty = ready()
    duty.hook(duty.world.eng, "https://hooks.example.com/lin")
    at_once(lambda: process_calls(DECEMBER))
    assert TrialCall.objects.count() == 3
    row = TrialCall.objects.get(user=duty.world.eng)
    at_once(lambda: process_calls(row.due_at))
    assert len([one for one in calls() if one.user == duty.world.eng]) == 1


def test_nobody_is_called_while_a_real_page_is_open_for_them(reached: Duty) -> None:
    row = planned(reached, "mei")
    page = reached.page(now=row.due_at - MINUTE)
    woken = {one.user.name for one in page.notices.all()}
    [other] = TrialCall.objects.filter(user__name__in=woken)
    TrialCall.objects.filter(pk=other.pk).update(due_at=row.due_at)
    process_calls(row.due_at)
    other.refresh_from_db()
    assert other.state == "planned" and other.due_at == row.due_at + 30 * MINUTE


def test_a_real_page_that_comes_meanwhile_ends_the_test_and_its_answers(reached: Duty) -> None:
    row = made(reached)
    sent(Delivery.objects.get(pk=row.delivery_id), row.called_at)
    actions.save_policy(steps=[(reached.world.eng, 300)], actor=None, now=row.called_at)
    reached.page(now=row.called_at + MINUTE)
    process_calls(row.due_at)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("left_out", "A real page came meanwhile")
    assert not Delivery.objects.get(pk=row.delivery_id).data["answerable"]


def test_nobody_is_called_at_night_wherever_they_live(reached: Duty) -> None:
    lin = reached.world.eng
    lin.timezone = "America/Los_Angeles"
    lin.save()
    process_calls(DECEMBER + DAY)  # in Los Angeles December has begun, too
    row = TrialCall.objects.get(user=lin, month=date(2026, 12, 1))
    assert 10 <= row.due_at.astimezone(ZoneInfo("America/Los_Angeles")).hour < 18
    night = row.due_at + 12 * HOUR
    process_calls(night)
    row.refresh_from_db()
    assert row.state == "planned" and row.due_at > night, "an engine that stood still waits for the next day"
    assert not [one for one in calls() if one.user == lin]


def test_who_does_not_answer_is_told_to_who_manages_and_a_late_answer_is_kept(reached: Duty) -> None:
    row = made(reached)
    late = row.called_at + 40 * MINUTE
    sent(Delivery.objects.get(pk=row.delivery_id), row.called_at + 20 * MINUTE)
    with override_settings(EMAIL_HOST="127.0.0.1"):
        process_calls(row.called_at + 34 * MINUTE)
        assert told() == [], "the time runs from when it went out"
        process_calls(late)
    row.refresh_from_db()
    assert row.state == "unanswered"
    assert told() == ["Lin did not answer their test call (Webhook)"] * 3, "Ada, Mei, and Lin himself"
    mailed = Delivery.objects.filter(kind=KIND, channel="email", title__contains="did not answer")
    assert sorted(mailed.values_list("address", flat=True)) == ["ada@provider.example", "mei@provider.example"]
    actions.answer_trial(trial=row, now=late + MINUTE)
    row.refresh_from_db()
    assert (row.state, row.answered_at) == ("unanswered", late + MINUTE)
    delivery = Delivery.objects.get(pk=row.delivery_id)
    assert not answering.take_answer(delivery=delivery, answer="take", now=late), (
        "a plain 1 is about something else now"
    )


def test_one_that_does_not_arrive_is_known_with_its_reason(reached: Duty) -> None:
    row = made(reached)
    delivery = Delivery.objects.get(pk=row.delivery_id)
    sent(delivery, row.called_at)
    mark_returned(
        delivery=delivery, reason="busy", words="The call or message did not reach the person", now=row.due_at
    )
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "The call or message did not reach the person: busy")
    assert told()[0].startswith("The test call of Lin did not arrive (Webhook): The call or message did not reach")


def test_who_has_no_way_at_all_is_told_and_not_called(duty: Duty) -> None:
    row = made(duty)
    assert (row.state, row.channel) == ("failed", "") and calls() == []
    assert "no confirmed way" in told()[0]


def test_the_loudest_way_is_the_last_rung_that_rings(reached: Duty) -> None:
    lin, now = reached.world.eng, reached.now
    account = Account.objects.create(channel="voice", vendor="twilio", name="Calls", created_at=now)
    for after_s, channel in ((0, "sms"), (120, "voice"), (120, "sms")):
        reached_by = lin.contact_methods.create(
            channel=channel, address=f"+861380000{after_s:04}", after_s=after_s, verified=True, created_at=now
        )
        assert reached_by.enabled and account.enabled
    found = actions.trials.loudest(lin)
    assert found is not None and (found.channel, found.after_s) == ("voice", 120)


def test_an_answer_by_key_or_button_counts_whatever_it_says(reached: Duty) -> None:
    row = made(reached)
    delivery = Delivery.objects.get(pk=row.delivery_id)
    at = row.called_at + MINUTE
    assert answering.take_answer(delivery=delivery, answer="pass_on", now=at)
    row.refresh_from_db()
    assert (row.state, row.answered_at) == ("answered", at)
    events.publish(ContactAnswered(10**9, "nobody", row.user_id, "sms", "take", at))


def test_a_forged_or_an_old_link_shows_nothing(reached: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    row, other = made(reached), made(reached, "ada")
    [call] = [one for one in calls() if one.pk == row.delivery_id]
    token = call.url_path.rpartition("/")[2]
    anybody = reached.world.client()
    monkeypatch.setattr("aftercare.oncall.views.trials.utc_now", lambda: row.called_at)
    for path in (f"/t/{row.ref}/{token[:-2]}xx", f"/t/{other.ref}/{token}", f"/t/zzzzzz/{token}"):
        assert anybody.get(path).status_code == anybody.post(path).status_code == 404
    monkeypatch.setattr("aftercare.oncall.views.trials.utc_now", lambda: row.called_at + 8 * DAY)
    assert anybody.post(call.url_path).status_code == 404


def test_switched_off_nobody_is_called(reached: Duty) -> None:
    actions.save_settings(facts={"calls": False}, actor=None, now=reached.now)
    assert process_calls(DECEMBER) == 0 and not TrialCall.objects.exists()


def test_quiet_hours_are_kept(reached: Duty) -> None:
    row = planned(reached)
    local = row.due_at.astimezone(SHANGHAI)
    ends = (local + 5 * MINUTE).time().replace(second=0)
    set_quiet_hours(user=row.user, starts=datetime.min.time(), ends=ends, now=DECEMBER)
    process_calls(row.due_at)
    row.refresh_from_db()
    assert row.state == "planned" and row.due_at.astimezone(SHANGHAI).time() == ends
    process_calls(row.due_at)
    row.refresh_from_db()
    assert row.state == "called"


def test_who_joins_at_the_end_of_a_month_is_called_in_the_next(reached: Duty) -> None:
    settings, december = queries.oncall_settings(DECEMBER), date(2026, 12, 1)
    assert trials.time_for(reached.world.eng, december, settings, DECEMBER + 30.9 * DAY, "") is None


def test_nobody_is_called_on_a_public_holiday_and_a_make_up_day_is_a_working_day(reached: Duty) -> None:
    """The National Day holiday of 2026 lasts from October 1 to 7; Saturday the 10th makes up for it."""
    document = {**reached.primary.document, "holidays": "CN"}
    facts = {"name": reached.primary.name, "document": document, "version": reached.primary.version}
    actions.save_schedule(schedule=reached.primary, **facts, actor=None, now=reached.now)
    assert trials.countries_of_people()[reached.world.eng.ref] == "CN"
    first = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    settings, eng = queries.oncall_settings(first), reached.world.eng
    days = set()
    for n in range(300):
        eng.ref = f"somebody-{n}"
        at = trials.time_for(eng, first.date(), settings, first, "CN")
        assert at is not None
        days.add(at.astimezone(SHANGHAI).date())
    assert min(days) == date(2026, 10, 8) and date(2026, 10, 10) in days and date(2026, 10, 11) not in days
