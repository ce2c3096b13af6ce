"""Nobody but the vendor that rang answers for a person: forged, moved or strange callbacks change nothing."""

import json

import pytest
from django.test import Client

from aftercare.notify.answers import inbound_path
from aftercare.notify.models import Account, ContactAnswer
from tests.paging.night import Night, fresh


@pytest.mark.parametrize("how", ["unsigned", "another key", "another mark", "another account"])
def test_twilio(night: Night, how: str) -> None:
    twilio = night.ringing.twilio
    night.ringing.account("voice:twilio", prefixes="+86")
    night.call(night.world.eng)
    page = night.page()
    night.work()
    url = twilio.reached[-1].out
    assert night.heard() == ["Lin text", "Lin call"]
    more = {"unsigned": {"signature": ""}, "another key": {"signature": twilio.signature(url, {"Digits": "2"})}}
    if how == "another mark":
        url = url[:-6] + "AAAAAA"
    elif how == "another account":
        other = night.ringing.account("voice:twilio", place=2)
        url = url.replace(Account.objects.get(channel="voice", place=1).ref, other.ref)
    assert twilio.call_back(url, {"Digits": "1"}, **more.get(how, {})).status_code == 403
    assert fresh(page).state == "open" and not ContactAnswer.objects.exists()


def test_aliyun(night: Night) -> None:
    account = Account.objects.get(channel="sms")
    page = night.page()
    night.work()
    assert night.heard() == ["Lin text"]
    said = json.dumps([{"phone_number": "13800000001", "content": "1", "sign_name": "x", "sequence_id": 1}])
    path = inbound_path(account)
    assert Client().post(path[:-4] + "AAAA", said, content_type="application/json").status_code == 403
    assert fresh(page).state == "open"
