"""Texts and calls by each vendor: signed, by template, in the words that fit; and what a bad answer leads to."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from aftercare.notify.adapters.phones import aliyun, tencent
from aftercare.notify.envelope import Credentials
from aftercare.notify.models import Account, State
from tests.vendors_of_ringing import aliyun as aliyun_says
from tests.vendors_of_ringing.scene import ABROAD, MOBILE, Ringing, fresh

TITLE = "Freeze rate 6.2% in Starlight Live, see https://evil.example/x 【ads】 <b>and a tail that is far too long</b>"


def test_aliyun_signs_as_its_document_shows() -> None:
    """The example of help.aliyun.com "V3 request structure and signature", with its keys and its result."""
    account = Credentials("a", {"access_key_id": "YourAccessKeyId"}, {"access_key_secret": "YourAccessKeySecret"})
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    at, nonce = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC), "3156853299f313e23d1673dc12e1703d"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aliyun, "VERSION", "2014-05-26")
        told = aliyun.signed(account, "RunInstances", query, host="ecs.cn-shanghai.aliyuncs.com", at=at, nonce=nonce)
    assert told["Authorization"].endswith("06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencent_signs_as_its_document_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of "签名方法 v3" (cvm DescribeInstances), which signs two headers."""
    account = Credentials(
        "a", {"secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"}, {"secret_key": "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"}
    )
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    assert hashlib.sha256(body).hexdigest() == "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
    monkeypatch.setattr(tencent, "SIGNED_HEADERS", "content-type;host")
    monkeypatch.setattr(
        tencent, "told_headers", lambda host, action: f"content-type:{tencent.CONTENT_TYPE}\nhost:{host}\n"
    )
    at = datetime.fromtimestamp(1551113065, UTC)
    told = tencent.signed(account, "cvm", "DescribeInstances", body, host="cvm.tencentcloudapi.com", at=at)
    assert told["Authorization"].endswith("72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")


@pytest.mark.parametrize("kind", ["sms:aliyun", "voice:aliyun", "sms:tencent", "voice:tencent"])
def test_a_template_says_a_page_in_short_words(ringing: Ringing, kind: str) -> None:
    ringing.account(kind)
    channel, _colon, vendor = kind.partition(":")
    delivery = ringing.send(ringing.contact(channel), title=TITLE)
    ringing.run()
    came = getattr(ringing, vendor).next()
    assert came.number in (MOBILE, MOBILE.removeprefix("+86"))
    title, severity = came.said.values() if isinstance(came.said, dict) else came.said
    assert title.startswith("Freeze") and "evil" not in title and severity == "红线"
    row = fresh(delivery)
    assert (row.state, row.provider_message_id, row.account.vendor) == (State.SENT, came.id, vendor)


def test_variables_go_by_the_names_that_the_template_has(ringing: Ringing) -> None:
    ringing.aliyun.templates["SMS_1"] = ["what", "at"]
    ringing.account("sms:aliyun", template_params="title=what at", param_length="10")
    ringing.send(ringing.contact("sms"), title="A title of more than ten")
    ringing.run()
    assert ringing.aliyun.next().said == {"what": "A title of", "at": "12:00"}


def test_twilio_writes_words_and_how_to_answer(ringing: Ringing) -> None:
    ringing.account("sms:twilio")
    ringing.send(ringing.contact("sms", ABROAD), body="Red line.")
    ringing.run()
    said = ringing.twilio.next().said
    assert "卡顿率 6.2%" in said and "Reply 1" in said and said.endswith("/p/1")


def test_no_link_goes_to_a_mainland_number(ringing: Ringing) -> None:
    ringing.account("sms:twilio")
    ringing.send(ringing.contact("sms"))
    ringing.run()
    assert "http" not in ringing.twilio.next().said


def test_nobodys_words_are_markup_on_a_call(ringing: Ringing) -> None:
    ringing.account("voice:twilio")
    ringing.send(ringing.contact("voice", ABROAD), title='</Say><Dial>+1900</Dial><Say> & "x"', body="a<b>&amp;")
    ringing.run()
    said = ringing.twilio.next().said  # the double parses it, and knows no verb but ours
    assert "<Dial>" not in said and "Press 1" in said


def test_a_call_speaks_the_persons_language(ringing: Ringing) -> None:
    ringing.world.eng.language = "zh-hans"
    ringing.world.eng.save()
    ringing.account("voice:twilio")
    ringing.send(ringing.contact("voice", ABROAD))
    ringing.run()
    said = ringing.twilio.next().said
    assert 'language="zh-CN"' in said and "按 1" in said


def test_an_account_that_lacks_its_template_is_refused(ringing: Ringing) -> None:
    with pytest.raises(Exception, match="Template of pages") as caught:
        ringing.account("sms:aliyun", page_template="")
    assert type(caught.value).__name__ == "Refused"
    assert not Account.objects.exists()


@pytest.mark.parametrize("wrong", ["5/h", "0/60", "1/99999999", "one"])
def test_limits_that_are_none_are_refused(ringing: Ringing, wrong: str) -> None:
    with pytest.raises(Exception, match="is no limit"):
        ringing.account("sms:aliyun", callee_limits=wrong)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (aliyun_says.BAD_KEY, "The vendor refuses our key"),
        (aliyun_says.refused("isv.SMS_TEMPLATE_ILLEGAL"), "does not know this template"),
        (aliyun_says.NO_MONEY, "has no money"),
    ],
)
def test_what_is_wrong_with_an_account_stands_on_its_page(ringing: Ringing, answer, sentence: str) -> None:
    account = ringing.account("sms:aliyun")
    ringing.aliyun.refusals = [answer]
    delivery = ringing.send(ringing.contact("sms"))
    ringing.run(3600)
    assert fresh(delivery).state == State.FAILED
    account.refresh_from_db()
    assert sentence in account.last_error
    assert ringing.aliyun.secret not in account.last_error


def test_a_wrong_secret_is_told_apart(ringing: Ringing) -> None:
    account = ringing.account("voice:aliyun")
    ringing.aliyun.secret = "another"
    delivery = ringing.send(ringing.contact("voice"))
    ringing.run(3600)
    account.refresh_from_db()
    assert fresh(delivery).state == State.FAILED and "refuses our key" in account.last_error


def test_tencent_says_no_with_http_200(ringing: Ringing) -> None:
    account = ringing.account("sms:tencent", sign_name="别人的签名")
    delivery = ringing.send(ringing.contact("sms"))
    ringing.run(3600)
    account.refresh_from_db()
    assert fresh(delivery).state == State.FAILED
    assert "SignatureIncorrectOrUnapproved" in account.last_error


def test_a_number_that_is_none_fails_at_once(ringing: Ringing) -> None:
    ringing.account("sms:twilio")
    delivery = ringing.send(ringing.contact("sms", "+15005550001"))
    ringing.run()
    assert fresh(delivery).state == State.FAILED
    assert "cannot reach this number" in fresh(delivery).last_error


def test_an_account_is_tried_from_its_own_page(ringing: Ringing) -> None:
    ringing.account("sms:tencent", place=1)
    second = ringing.account("sms:aliyun", place=2)
    client = ringing.world.client("ada")
    client.post(f"/settings/accounts/{second.ref}/test", {"address": "138 0000 0001"})
    ringing.now = timezone.now()
    ringing.run(1)
    assert ringing.aliyun.next().number == "13800000001", "by this account, whatever the order says"
    refused = client.post(f"/settings/accounts/{second.ref}/test", {"address": "nobody"}, follow=True)
    assert "with its country" in refused.content.decode()


def test_accounts_are_made_on_their_page(ringing: Ringing) -> None:
    client = ringing.world.client("ada")
    form = {"name": "Calls", "enabled": "on", "place": "2", "config_account_sid": "AC1", "config_from": "+15005550006"}
    path = "/settings/accounts/new?channel=voice:twilio"
    assert client.post(path, form).status_code == 400, "without its secret it sends nothing"
    made = client.post(path, {**form, "secret_auth_token": "hush"})
    assert made.status_code == 302
    account = Account.objects.get()
    assert (account.channel, account.vendor, account.place) == ("voice", "twilio", 2)
    shown = client.get(made["Location"]).content.decode()
    assert "hush" not in shown and "Phone call · Twilio" in shown
    assert ringing.world.client("eng").get(made["Location"]).status_code == 403
    assert ringing.world.client("zhao").get(made["Location"]).status_code == 404
