"""Somebody who is deleted while they are called gets nothing more, and the next person comes at their time."""

from tests.paging.night import Night, fresh


def test_the_rest_of_the_ladder_falls_and_the_page_goes_on(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.eng, after_s=120)
    page = night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.world.eng.delete()
    night.wait(298)
    assert night.heard() == [], "no call to a number whose owner is gone"
    night.wait(2)
    assert night.heard() == ["Ada text"]
    night.wait(300)
    assert night.heard() == ["Ada text"], "the schedule has a hole now, and holes are passed"
    assert fresh(page).state == "open"
