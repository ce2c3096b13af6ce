"""A vendor that is down loses nothing: the message is tried again, and by the next vendor at once if there is one."""

from tests.paging.night import Night, states
from tests.vendors_of_ringing import aliyun as aliyun_says


def test_it_is_tried_again(night: Night) -> None:
    night.ringing.aliyun.refusals = [aliyun_says.refused("isp.SYSTEM_ERROR")] * 2
    page = night.page()
    night.wait(10)
    assert night.heard() == []
    night.wait(60)
    assert night.heard() == ["Lin text"]
    assert states(page) == ["sent"]


def test_another_vendor_goes_at_once(night: Night) -> None:
    night.ringing.account("sms:tencent", place=2)
    night.ringing.aliyun.refusals = [aliyun_says.DOWN]
    night.page()
    night.wait(2)
    assert night.heard() == ["Lin text"]


def test_one_that_stays_down_keeps_nobody_from_being_woken(night: Night) -> None:
    night.ringing.account("voice:twilio", prefixes="+86")
    night.call(night.world.ada)
    night.ringing.aliyun.refusals = [aliyun_says.DOWN] * 99
    night.page()
    night.wait(301)
    assert night.heard() == ["Ada call"], "the next person's other way"
    night.ringing.aliyun.refusals = []
