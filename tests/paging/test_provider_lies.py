"""A vendor that answers 200 and means no is not believed."""

import pytest

from tests.paging.night import Night, states
from tests.vendors_of_ringing import aliyun as aliyun_says


@pytest.mark.parametrize("code", ["isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT"])
def test_a_no_with_status_200_wakes_the_next_person(night: Night, code: str) -> None:
    night.ringing.aliyun.refusals = [aliyun_says.refused(code)]
    page = night.page()
    night.wait(5)
    assert night.heard() == ["Ada text"]
    assert states(page) == ["failed", "sent"]


def test_nonsense_with_status_200_is_a_doubt_and_sent_again_marked(night: Night) -> None:
    night.ringing.aliyun.refusals = [(200, {}, {"nonsense": True})]
    night.page()
    night.wait(60)
    assert night.heard() == ["Lin text, again"]
