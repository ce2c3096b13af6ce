"""Answering where one was reached: a key on the phone, a reply; by nobody else, and once."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from aftercare.notify.answers import inbound_path, reply_code
from aftercare.notify.models import Account, ContactAnswer, Delivery, State
from aftercare.oncall import actions
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from tests.vendors_of_ringing.scene import ABROAD, OTHER, Ringing, fresh


def alone_on_duty(ringing: Ringing, duty: Duty) -> None:
    """Lin is on the primary schedule always."""
    alone = actions.turns_document(
        turns=[[duty.world.eng]], timezone="Asia/Shanghai", starts=datetime.fromisoformat("2026-11-23T10:00")
    )
    actions.save_schedule(
        schedule=duty.primary, name=duty.primary.name, document=alone, actor=duty.world.ada, now=ringing.now
    )
    duty.primary.refresh_from_db()


def page_by(ringing: Ringing, duty: Duty, channel: str, address: str = ABROAD, subject: str = "inc-1") -> tuple:
    """A page of today that goes to Lin by this channel; the page, its delivery, and what came."""
    ringing.now, lin = timezone.now(), duty.world.eng
    alone_on_duty(ringing, duty)
    if not lin.contact_methods.filter(channel=channel, address=address).exists():
        ringing.contact(channel, address)
    page = duty.page(now=ringing.now, subject_ref=subject)
    ringing.run(1)
    delivery = Delivery.objects.filter(subject_ref=page.ref, channel=channel).latest("pk")
    return page, delivery


def taken(page: Page) -> tuple[str, str, str]:
    """State, who has it, how."""
    page = Page.objects.select_related("acknowledged_by").get(pk=page.pk)
    return page.state, page.acknowledged_by.name if page.acknowledged_by else "", page.acknowledged_via


def test_a_key_on_the_call_takes_the_page(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    url = ringing.twilio.next().out
    answer = ringing.twilio.call_back(url, {"CallSid": "call-1", "CallStatus": "in-progress", "Digits": "1"})
    assert answer.status_code == 200 and "we have your answer" in answer.content.decode()
    assert answer["Content-Type"].startswith("text/xml")
    assert taken(page) == ("acknowledged", "Lin", "voice")


def test_another_key_wakes_the_next_and_stops_ones_own_ladder(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    ringing.contact("voice", OTHER, after_s=120)
    page, _delivery = page_by(ringing, duty, "voice")
    url = ringing.twilio.next().out
    ringing.twilio.call_back(url, {"Digits": "2"})
    page.refresh_from_db()
    assert (page.state, page.firings) == ("open", 2)
    assert page.notices.latest("id").user == duty.world.ada
    ringing.run(300)
    assert not ringing.twilio.reached, "whoever passed it on is called no more"


def test_a_key_that_says_nothing_does_nothing(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    answer = ringing.twilio.call_back(ringing.twilio.next().out, {"Digits": "7"})
    assert answer.status_code == 200 and "says nothing" in answer.content.decode()
    assert taken(page)[0] == "open"


def test_an_answer_counts_once_however_often_it_comes(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    url, form = ringing.twilio.next().out, {"Digits": "2"}
    for _again in range(3):
        assert ringing.twilio.call_back(url, form).status_code == 200
    page.refresh_from_db()
    assert page.firings == 2, "a replayed call passes nothing on again"
    assert ContactAnswer.objects.count() == 1


@pytest.mark.parametrize("how", ["unsigned", "forged", "other form", "other mark", "other account"])
def test_nobody_else_answers(ringing: Ringing, duty: Duty, how: str) -> None:
    ringing.account("voice:twilio")
    page, delivery = page_by(ringing, duty, "voice")
    url, form = ringing.twilio.next().out, {"Digits": "1"}
    more: dict[str, Any] = {}
    if how == "unsigned":
        more = {"signature": ""}
    elif how == "forged":
        more = {"signature": ringing.twilio.signature(url, form)[:-4] + "AAA="}
    elif how == "other form":
        more = {"signature": ringing.twilio.signature(url, {"Digits": "2"})}
    elif how == "other mark":
        url = url.replace(f"{delivery.ref}.", f"{delivery.ref}.x")
    else:
        other = ringing.account("voice:twilio", place=2)
        url = url.replace(Account.objects.get(place=1).ref, other.ref)
    assert ringing.twilio.call_back(url, form, **more).status_code == 403
    assert taken(page)[0] == "open" and not ContactAnswer.objects.exists()


def test_a_late_key_takes_nothing_out_of_anothers_hands(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    url = ringing.twilio.next().out
    actions.acknowledge_page(page=page, user=duty.world.mei, via="console", now=ringing.now)
    ringing.twilio.call_back(url, {"Digits": "2"})
    ringing.twilio.call_back(url, {"Digits": "1"})
    assert taken(page) == ("acknowledged", "Mei", "console")


def test_who_may_take_no_pages_any_more_answers_nothing(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, _delivery = page_by(ringing, duty, "voice")
    duty.world.eng.role = "agent"
    duty.world.eng.save()
    assert ringing.twilio.call_back(ringing.twilio.next().out, {"Digits": "1"}).status_code == 200
    assert taken(page)[0] == "open"


def test_a_call_that_nobody_answers_wakes_the_next_at_once(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, delivery = page_by(ringing, duty, "voice")
    url = ringing.twilio.next().out
    stale = {"CallSid": "another", "CallStatus": "no-answer"}
    ringing.twilio.call_back(url, stale)
    assert fresh(delivery).state == State.SENT, "an earlier attempt's end says nothing of this one"
    ringing.twilio.call_back(url, {"CallSid": delivery.provider_message_id, "CallStatus": "no-answer"})
    assert fresh(delivery).state == State.FAILED and "no-answer" in fresh(delivery).last_error
    page.refresh_from_db()
    assert page.next_step_at <= timezone.now()


def test_an_answered_call_that_ends_is_no_failure(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, delivery = page_by(ringing, duty, "voice")
    url = ringing.twilio.next().out
    ringing.twilio.call_back(url, {"Digits": "1"})
    ringing.twilio.call_back(url, {"CallSid": delivery.provider_message_id, "CallStatus": "busy"})
    assert fresh(delivery).state == State.SENT and taken(page)[0] == "acknowledged"


def text_in(ringing: Ringing, account: Account, body: str, number: str = ABROAD, **how: Any) -> Any:
    """A text to the account's number."""
    url = settings.BASE_URL + inbound_path(account)
    return ringing.twilio.call_back(url, {"From": number, "Body": body, "MessageSid": "SM1"}, **how)


def test_a_reply_takes_the_page(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    page, delivery = page_by(ringing, duty, "sms")
    assert f"1{reply_code(delivery.ref)}" in ringing.twilio.next().said
    assert text_in(ringing, account, " 1 ").status_code == 200
    assert taken(page) == ("acknowledged", "Lin", "sms")


def test_of_several_pages_the_code_says_which(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    first, one = page_by(ringing, duty, "sms")
    second, _two = page_by(ringing, duty, "sms", subject="inc-2")
    ringing.twilio.next(), ringing.twilio.next()
    told = text_in(ringing, account, "1").content.decode()
    assert "<Message>" in told and "which message" in told
    assert (taken(first)[0], taken(second)[0]) == ("open", "open"), "a guess might take the wrong one"
    text_in(ringing, account, f"1{reply_code(one.ref)}")
    assert (taken(first)[0], taken(second)[0]) == ("acknowledged", "open")
    text_in(ringing, account, "1")
    assert taken(second)[0] == "acknowledged", "one is left: a plain 1 is enough"


@pytest.mark.parametrize("body", ["", "yes", "1234567", "3", "1" * 300, "１"])
def test_other_words_do_nothing(ringing: Ringing, duty: Duty, body: str) -> None:
    account = ringing.account("sms:twilio")
    page, _delivery = page_by(ringing, duty, "sms")
    ringing.twilio.next()
    assert text_in(ringing, account, body).status_code == 200
    assert taken(page)[0] == "open"


def test_a_strangers_text_does_nothing_and_costs_nothing(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:twilio")
    page, _delivery = page_by(ringing, duty, "sms")
    ringing.twilio.next()
    answer = text_in(ringing, account, "1", number="+14155550199")
    assert answer.content == b"<Response></Response>"
    assert text_in(ringing, account, "1", signature="x").status_code == 403
    assert taken(page)[0] == "open"


def receipts(account: Account, said: Any, path: str = "") -> Any:
    """What Aliyun or Tencent brings."""
    return Client().post(path or inbound_path(account), json.dumps(said), content_type="application/json")


def with_keys(ringing: Ringing) -> Account:
    """An account of Aliyun's with a number of its own, which asks for a key."""
    ringing.aliyun.templates["TTS_5"] = []
    return ringing.account("voice:aliyun", show_number="057100000000", key_template="TTS_5")


def test_a_key_on_aliyuns_call_takes_the_page(ringing: Ringing, duty: Duty) -> None:
    account = with_keys(ringing)
    page, _delivery = page_by(ringing, duty, "voice", OTHER)
    came = ringing.aliyun.next()
    assert came.action == "IvrCall"
    item = {"call_id": came.id, "out_id": came.out, "status_code": "300000", "dtmf": "1", "status_time": "x"}
    answer = receipts(account, [item])
    assert (answer.status_code, answer.json()["code"]) == (200, 0)
    assert taken(page) == ("acknowledged", "Lin", "voice")


@pytest.mark.parametrize("wrong", ["token", "out_id", "call_id", "account", "nonsense"])
def test_forged_receipts_do_nothing(ringing: Ringing, duty: Duty, wrong: str) -> None:
    account = with_keys(ringing)
    page, delivery = page_by(ringing, duty, "voice", OTHER)
    came = ringing.aliyun.next()
    item = {"call_id": came.id, "out_id": came.out, "status_code": "300000", "dtmf": "1"}
    path = inbound_path(account)
    if wrong == "token":
        assert receipts(account, [item], path[:-3] + "xyz").status_code == 403
    elif wrong == "out_id":
        receipts(account, [{**item, "out_id": f"{delivery.ref}.{'A' * 22}"}])
    elif wrong == "call_id":
        receipts(account, [{**item, "call_id": "another"}])
    elif wrong == "account":
        other = ringing.account("sms:aliyun", place=2)
        assert receipts(account, [item], path.replace(account.ref, other.ref)).status_code == 403
    else:
        assert Client().post(path, b"[" * 9000, content_type="application/json").status_code == 400
        assert receipts(account, [1, None, {"out_id": {"x": 1}, "dtmf": ["1"]}, {"out_id": "\x00"}]).status_code == 200
        assert Client().post(path, b"x" * 300_000, content_type="application/json").status_code == 413
    assert taken(page)[0] == "open"


@pytest.mark.parametrize("status", ["200000", "200001", "200008", "200102", "200002", "200005", "200010"])
def test_aliyuns_call_that_reached_nobody_wakes_the_next(ringing: Ringing, duty: Duty, status: str) -> None:
    account = with_keys(ringing)
    page, delivery = page_by(ringing, duty, "voice", OTHER)
    came = ringing.aliyun.next()
    receipts(account, [{"call_id": came.id, "out_id": came.out, "status_code": status, "duration": "0"}])
    was_answered = status in ("200000", "200001", "200008", "200102")
    assert fresh(delivery).state == (State.SENT if was_answered else State.FAILED)
    assert (Page.objects.get(pk=page.pk).next_step_at <= timezone.now()) != was_answered


def test_tencents_key_and_end_of_call(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("voice:tencent", callee_limits="9/60")
    page, _delivery = page_by(ringing, duty, "voice", OTHER)
    came = ringing.tencent.next()
    receipts(account, {"voicekey_callback": {"callid": "another", "keypress": "1", "mobile": "139"}})
    assert taken(page)[0] == "open"
    done = receipts(account, {"voicekey_callback": {"callid": came.id, "keypress": "1", "mobile": "139"}})
    assert done.json() == {"result": 0, "errmsg": "OK"}
    assert taken(page) == ("acknowledged", "Lin", "voice")


def test_a_text_by_aliyun_is_answered_where_the_vendor_brings_replies(ringing: Ringing, duty: Duty) -> None:
    account = ringing.account("sms:aliyun")
    page, _delivery = page_by(ringing, duty, "sms", OTHER)
    ringing.aliyun.next()
    receipts(account, [{"phone_number": "13900000002", "content": "1", "sign_name": "x", "sequence_id": 1}])
    assert taken(page) == ("acknowledged", "Lin", "sms")


def test_an_answer_of_last_week_is_none(ringing: Ringing, duty: Duty) -> None:
    ringing.account("voice:twilio")
    page, delivery = page_by(ringing, duty, "voice")
    Delivery.objects.filter(pk=delivery.pk).update(created_at=timezone.now() - timedelta(days=8))
    ringing.twilio.call_back(ringing.twilio.next().out, {"Digits": "1"})
    assert taken(page)[0] == "open"
