"""What a limit, a dead vendor or a refusal leads to: the next vendor, number or person, and never silence."""

import threading
from datetime import datetime, timedelta

import pytest

from aftercare.notify.engine import claims
from aftercare.notify.models import Delivery, Pace, Ring, State
from aftercare.oncall import actions
from aftercare.oncall import engine as oncall
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from tests.vendors_of_ringing import aliyun as aliyun_says
from tests.vendors_of_ringing import tencent as tencent_says
from tests.vendors_of_ringing import twilio as twilio_says
from tests.vendors_of_ringing.scene import ABROAD, MOBILE, OTHER, Ringing, fresh


def test_accounts_go_by_their_order(ringing: Ringing) -> None:
    ringing.account("sms:twilio", place=2, prefixes="+86 +1")
    ringing.account("sms:aliyun", place=1)
    ringing.send(ringing.contact("sms"))
    ringing.send(ringing.contact("sms", ABROAD))
    ringing.run()
    assert ringing.aliyun.next().number == "13800000001"
    assert ringing.twilio.next().number == ABROAD, "Aliyun's templates are for the mainland"


def test_the_second_call_of_a_minute_goes_to_the_second_vendor(ringing: Ringing) -> None:
    ringing.account("voice:aliyun", place=1)
    ringing.account("voice:tencent", place=2)
    first, second = (ringing.send(ringing.contact("voice"), subject_ref=f"inc-{n}") for n in (1, 2))
    ringing.run()
    assert {ringing.aliyun.next().action, ringing.tencent.next().action} == {"SingleCallByTts", "SendTtsVoice"}
    assert {fresh(first).account.vendor, fresh(second).account.vendor} == {"aliyun", "tencent"}
    assert ringing.aliyun.refusals == [] and Ring.objects.count() == 2


def test_aliyuns_minute_hour_and_day_are_kept(ringing: Ringing) -> None:
    """1 a minute, 5 an hour, 20 a day: the double would answer with an error what goes beyond."""
    ringing.account("voice:aliyun")
    contact, made, began = ringing.contact("voice"), 0, ringing.now
    for _minute in range(0, 26 * 60, 6):
        row = ringing.send(contact, subject_ref=f"inc-{_minute}")
        ringing.run()
        made += fresh(row).state == State.SENT
        if fresh(row).state == State.FAILED:
            assert "limit of every vendor" in fresh(row).last_error
        ringing.now += timedelta(minutes=6)
        if ringing.now - began < timedelta(hours=1):
            assert made <= 5
        if ringing.now - began < timedelta(hours=24):
            assert made <= 20
    assert 20 < made <= 30
    ringing.aliyun.reached.clear()


def test_tencent_calls_once_a_night(ringing: Ringing) -> None:
    ringing.account("voice:tencent")
    contact = ringing.contact("voice")
    ringing.now = datetime.fromisoformat("2026-11-30T23:30:00+08:00")
    for hours, goes in ((0, True), (1, False), (8, False), (8.6, True)):
        at = datetime.fromisoformat("2026-11-30T23:30:00+08:00") + timedelta(hours=hours)
        ringing.now = at
        row = ringing.send(contact, subject_ref=f"inc-{hours}")
        ringing.run()
        assert (fresh(row).state == State.SENT) == goes, at
    ringing.tencent.next(), ringing.tencent.next()


def test_an_accounts_own_limits_hold_instead(ringing: Ringing) -> None:
    ringing.account("voice:aliyun", callee_limits="2/60 50/86400")
    ringing.aliyun.of_calls = ((60, 2), (86400, 50))
    contact = ringing.contact("voice")
    rows = [ringing.send(contact, subject_ref=f"inc-{n}") for n in range(3)]
    ringing.run()
    assert sorted(fresh(row).state for row in rows) == [State.FAILED, State.SENT, State.SENT]
    ringing.aliyun.next(), ringing.aliyun.next()


def test_the_vendors_own_no_is_remembered(ringing: Ringing) -> None:
    """Somebody else uses the same account: what we counted says yes, Aliyun says no, and is not asked again."""
    account = ringing.account("voice:aliyun", place=1)
    ringing.account("voice:twilio", place=2)
    ringing.aliyun.refusals = [aliyun_says.refused("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5")]
    ringing.send(ringing.contact("voice"))
    ringing.run()
    ringing.twilio.next()
    held = Pace.objects.get(account=account, address=MOBILE)
    assert held.held_until == ringing.now + timedelta(hours=1) or held.held_until > ringing.now + timedelta(minutes=59)
    ringing.now += timedelta(minutes=30)
    ringing.send(ringing.contact("voice"), subject_ref="inc-2")
    ringing.run()
    ringing.twilio.next()
    ringing.now += timedelta(minutes=31)
    ringing.send(ringing.contact("voice"), subject_ref="inc-3")
    ringing.run()
    assert ringing.aliyun.next().number == "13800000001", "its hour is over"


@pytest.mark.parametrize(
    "down",
    [
        aliyun_says.DOWN,
        aliyun_says.BAD_KEY,
        aliyun_says.NO_MONEY,
        aliyun_says.refused("isp.SYSTEM_ERROR"),
        (200, {}, {"nonsense": True}),
        (500, {}, {}),
    ],
)
def test_a_vendor_that_fails_hands_over_at_once(ringing: Ringing, down) -> None:
    ringing.account("sms:aliyun", place=1)
    ringing.account("sms:tencent", place=2)
    ringing.aliyun.refusals = [down]
    row = ringing.send(ringing.contact("sms"))
    ringing.run(1)
    came = ringing.tencent.next()
    assert fresh(row).state == State.SENT and came.number == MOBILE
    is_in_doubt = down[0] == 500 or "nonsense" in down[2]
    assert fresh(row).repeat == is_in_doubt
    assert came.said[0].startswith("Repeat" if is_in_doubt else "卡顿率")


def test_all_vendors_down_are_tried_again_in_their_order(ringing: Ringing) -> None:
    ringing.account("sms:aliyun", place=1)
    ringing.account("sms:tencent", place=2)
    ringing.aliyun.refusals, ringing.tencent.refusals = [aliyun_says.DOWN], [tencent_says.DOWN]
    row = ringing.send(ringing.contact("sms"))
    ringing.run(120)
    assert ringing.aliyun.next().number == "13800000001"
    assert (fresh(row).state, fresh(row).attempts, fresh(row).tried) == (State.SENT, 3, [])


def test_a_vendor_that_hangs_hands_over_an_urgent_one_marked(ringing: Ringing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.notify.adapters.calling.TIMEOUT_S", 0.3)
    ringing.account("voice:aliyun", place=1)
    ringing.account("voice:twilio", place=2)
    ringing.aliyun.hang = threading.Event()
    row = ringing.send(ringing.contact("voice"))
    routine = ringing.send(ringing.contact("voice", OTHER), urgency="routine", subject_ref="inc-2")
    ringing.run(5)
    ringing.aliyun.next(), ringing.aliyun.next()
    assert "Repeat" in ringing.twilio.next().said, "the first call may have rung"
    assert (fresh(row).state, fresh(row).repeat) == (State.SENT, True)
    assert fresh(routine).state == State.DROPPED and "No answer" in fresh(routine).last_error


@pytest.mark.parametrize(("urgency", "state"), [("urgent", State.SENT), ("routine", State.DROPPED)])
def test_killed_between_send_and_commit(ringing: Ringing, urgency: str, state: str) -> None:
    ringing.account("voice:aliyun", place=1)
    ringing.account("voice:tencent", place=2)
    row = ringing.send(ringing.contact("voice"), urgency=urgency)
    assert claims.claim(ringing.now, limit=16, routine_limit=8, busy=[]), "and the process is gone"
    ringing.now += timedelta(seconds=12)
    ringing.run(20)
    assert fresh(row).state == state
    if urgency == "urgent":
        assert ringing.tencent.next().said[0].startswith("Repeat"), "the cut-off call counts: Aliyun's minute is used"


def test_a_limit_is_counted_once_by_two_processes(ringing: Ringing) -> None:
    """Two claims in one go: the second sees what the first took, since the number is locked till it is written."""
    ringing.account("voice:aliyun")
    contact = ringing.contact("voice")
    for n in range(2):
        ringing.send(contact, subject_ref=f"inc-{n}")
    first = claims.claim(ringing.now, limit=1, routine_limit=1, busy=[])
    second = claims.claim(ringing.now, limit=1, routine_limit=1, busy=[])
    assert (len(first), len(second)) == (1, 0)


def test_no_account_left_says_so_at_once(ringing: Ringing) -> None:
    account = ringing.account("sms:aliyun")
    contact = ringing.contact("sms")
    account.enabled = False
    account.save()
    row = ringing.send(contact)
    ringing.run()
    assert fresh(row).state == State.FAILED and "No account" in fresh(row).last_error


def ways(ringing: Ringing) -> tuple:
    """Lin's ladder: SMS at once, a call after a minute, another number after two."""
    return (
        ringing.contact("sms"),
        ringing.contact("voice", after_s=60),
        ringing.contact("voice", OTHER, after_s=120),
    )


def start(duty: Duty, ringing: Ringing) -> Page:
    duty.now = ringing.now = datetime.fromisoformat("2026-11-23T12:00:00+08:00")
    return duty.page(now=ringing.now)


def test_a_ladder_is_climbed_until_somebody_has_it(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:aliyun")
    ringing.account("voice:aliyun")
    start(duty, ringing)
    ways(ringing)
    page = duty.page(now=ringing.now, subject_ref="inc-2")
    ringing.run(30)
    assert ringing.aliyun.next().action == "SendSms" and not ringing.aliyun.reached
    ringing.run(31)
    assert ringing.aliyun.next().action == "SingleCallByTts"
    actions.acknowledge_page(page=page, user=duty.world.eng, via="phone", now=ringing.now)
    ringing.run(300)
    assert not ringing.aliyun.reached, "who has it is not called"


def test_a_rung_that_fails_brings_the_next_forward(ringing: Ringing, duty: Duty) -> None:
    ringing.account("sms:aliyun")
    ringing.account("voice:aliyun")
    start(duty, ringing)
    ways(ringing)
    ringing.aliyun.refusals = [
        aliyun_says.refused("isv.MOBILE_NUMBER_ILLEGAL"),
        aliyun_says.refused("isv.BLACK_KEY_CONTROL_LIMIT"),
    ]
    duty.page(now=ringing.now, subject_ref="inc-2")
    ringing.run(2)
    came = ringing.aliyun.next()
    assert (came.action, came.number) == ("SingleCallByTts", "13900000002"), "SMS and the first number failed"


def test_where_nothing_is_left_the_next_person_is_woken_at_once(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:aliyun")
    ringing.contact("voice")
    backup = ringing.contact("voice", OTHER, user=duty.world.ada)
    start(duty, ringing)
    page = duty.page(now=ringing.now, subject_ref="inc-2")  # within Aliyun's minute
    ringing.run(1)
    ringing.aliyun.next()
    assert Delivery.objects.filter(state=State.FAILED, subject_ref=page.ref).exists()
    assert Page.objects.get(pk=page.pk).next_step_at <= ringing.now
    oncall.process_due(ringing.now)
    ringing.run(1)
    came = ringing.aliyun.next()
    assert came.number == backup.address.removeprefix("+86"), "Ada, four minutes before her step was due"


def test_twilio_that_is_down_is_not_silence(ringing: Ringing) -> None:
    ringing.account("voice:twilio")
    ringing.twilio.refusals = [twilio_says.DOWN] * 2
    row = ringing.send(ringing.contact("voice", ABROAD))
    ringing.run(300)
    ringing.twilio.next()
    assert fresh(row).attempts == 3
