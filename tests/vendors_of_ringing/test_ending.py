"""Ending what a page is about, and handing it over by name, from where one was reached."""

import re

import pytest

from aftercare.kernel.errors import Refused
from aftercare.notify.answers import reply_code
from aftercare.notify.models import Answer, Delivery, State
from aftercare.notify.reply_words import Said, understood
from aftercare.oncall import actions
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from tests.vendors_of_ringing.scene import OTHER, Ringing
from tests.vendors_of_ringing.test_answers import page_by, receipts, taken, text_in

SAYINGS = {
    "1": Said(Answer.TAKE),
    " ACK. ": Said(Answer.TAKE),
    "确认": Said(Answer.TAKE),
    "1 123": Said(Answer.TAKE, "123"),
    "2": Said(Answer.PASS_ON),
    "升级 042": Said(Answer.PASS_ON, "042"),
    "escalate": Said(Answer.PASS_ON),
    "3": Said(Answer.HAND_OVER),
    "3 Lin Wu": Said(Answer.HAND_OVER, "", "Lin Wu"),
    "3123 lin": Said(Answer.HAND_OVER, "123", "lin"),
    "转给林晓": Said(Answer.HAND_OVER, "", "林晓"),
    "转 林晓": Said(Answer.HAND_OVER, "", "林晓"),
    "to Mei": Said(Answer.HAND_OVER, "", "Mei"),
    "4": Said(Answer.RESOLVE),
    "已解决": Said(Answer.RESOLVE),
    "Resolved!": Said(Answer.RESOLVE),
    "4:123": Said(Answer.RESOLVE, "123"),
    **dict.fromkeys(
        ("", "yes", "tomorrow", "1 lin", "4 later", "12", "1" * 400, "takes time", "１", "5", "确认一下再说")
    ),
}


@pytest.mark.parametrize(("text", "said"), SAYINGS.items())
def test_what_replies_say(text: str, said: Said | None) -> None:
    assert understood(text) == said


def test_key_4_ends_it(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    answer = ringing.twilio.call_back(ringing.twilio.next().out, {"Digits": "4"})
    assert "we have your answer" in answer.content.decode() and taken(page)[0] == "closed"
    assert Page.objects.get().closed_at is not None


def test_a_reply_ends_what_was_taken(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    first, one = page_by(ringing, duty, "sms")
    second, _two = page_by(ringing, duty, "sms", subject="inc-2")
    ringing.twilio.next(), ringing.twilio.next()
    text_in(ringing, account, f"1{reply_code(one.ref)}")
    assert text_in(ringing, account, "解决").content == b"<Response></Response>"
    assert (taken(first)[0], taken(second)[0]) == ("closed", "open"), "what one has taken is meant first"
    again = text_in(ringing, account, f"4{reply_code(one.ref)}").content.decode()
    assert "<Message>" not in again, "a replay does nothing and says nothing"


def test_a_role_that_may_not_is_told_so(ringing: Ringing, duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ringing.account("sms:twilio")
    page, _delivery = page_by(ringing, duty, "sms")
    ringing.twilio.next()

    def refuse(event: object) -> None:
        raise Refused("Your role cannot resolve incidents.")

    monkeypatch.setattr("aftercare.oncall.actions.passing.events.publish", refuse)
    told = text_in(ringing, account, "4").content.decode()
    assert "<Message>Your role cannot resolve incidents.</Message>" in told
    assert taken(page)[0] == "open" and not page.notices.filter(delivery__answers__isnull=False).exists()


def test_3_and_a_name_wakes_that_person_by_their_own_ladder(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    ringing.contact("sms", "+14155550177", user=duty.world.mei)
    ringing.contact("sms", "+14155550178", user=duty.world.mei, after_s=60)
    page, _delivery = page_by(ringing, duty, "sms")
    ringing.twilio.next()
    text_in(ringing, account, "1")
    assert text_in(ringing, account, "3 mei").content == b"<Response></Response>"
    page.refresh_from_db()
    assert (page.state, page.firings, page.acknowledged_by) == ("open", 2, None), "open till Mei acknowledges"
    assert {notice.user for notice in page.notices.filter(firing=2)} == {duty.world.mei}
    waiting = Delivery.objects.filter(subject_ref=page.ref, user=duty.world.mei, channel="sms")
    assert sorted(round((row.due_at - row.created_at).total_seconds()) for row in waiting) == [0, 60]
    told = Delivery.objects.get(kind="page.handed_over")
    assert told.user == duty.world.eng and "Mei is woken now, handed over by Lin" in told.title
    text_in(ringing, account, "3 mei")
    page.refresh_from_db()
    assert page.firings == 2, "said twice it wakes once"
    actions.acknowledge_page(page=page, user=duty.world.mei, via="sms", now=ringing.now)
    refused = text_in(ringing, account, f"3{reply_code(_delivery.ref)} ada").content.decode()
    assert "Mei has it by now." in refused and taken(page)[1] == "Mei"
    Delivery.objects.filter(state=State.PENDING).update(state=State.DROPPED)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3", "Say to whom: 3 and a name."),
        ("3 nobody", "Nobody who takes pages is called “nobody”. Try one of: "),
        ("3 lin", "Nobody who takes pages is called “lin”."),
        ("3 wang", "Nobody who takes pages is called “wang”."),
        ("3 zhao", "Nobody who takes pages is called “zhao”."),
        ("maybe", "We did not understand. Reply 1"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(ringing: Ringing, duty: Duty, text: str, sentence: str) -> None:
    account = ringing.account("sms:twilio")
    page, _delivery = page_by(ringing, duty, "sms")
    ringing.twilio.next()
    assert sentence in text_in(ringing, account, text).content.decode()
    page.refresh_from_db()
    assert (page.state, page.firings) == ("open", 1)


def test_two_machines_do_not_answer_each_other_for_ever(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    page_by(ringing, duty, "sms")
    ringing.twilio.next()
    told = [b"<Message>" in text_in(ringing, account, "I am out of office").content for _again in range(9)]
    assert told == [True] * 5 + [False] * 4


def test_what_a_silent_channel_refuses_stands_in_the_console(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:aliyun")
    page, _delivery = page_by(ringing, duty, "sms", OTHER)
    ringing.aliyun.next()
    receipts(account, [{"phone_number": "13900000002", "content": "3 谁", "sign_name": "x", "sequence_id": 1}])
    told = Delivery.objects.get(kind="answer.refused")
    assert told.user == duty.world.eng and "Nobody who takes pages is called “谁”" in told.title
    receipts(account, [{"phone_number": "13900000002", "content": "解决", "sign_name": "x", "sequence_id": 2}])
    assert taken(page)[0] == "closed"
    assert re.fullmatch(r"[0-9]{3}", reply_code(_delivery.ref))
