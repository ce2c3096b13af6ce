"""A rung that fails brings the next one forward; when all have failed the next person is woken at once."""

from tests.paging.night import Night
from tests.vendors_of_ringing import aliyun as aliyun_says


def test_the_call_comes_for_the_text(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.eng, after_s=120)
    night.ringing.aliyun.refusals = [aliyun_says.refused("isv.MOBILE_NUMBER_ILLEGAL")]
    night.page()
    night.wait(3)
    assert night.heard() == ["Lin call"], "two minutes early"


def test_and_the_next_person_for_all_of_them(night: Night) -> None:
    night.ringing.aliyun.refusals = [aliyun_says.refused("isv.MOBILE_NUMBER_ILLEGAL")]
    night.page()
    night.wait(3)
    assert night.heard() == ["Ada text"], "five minutes early"
