"""Whoever cannot take it wakes the next person now; from then on the time runs as after any step."""

from tests.paging.night import Night, fresh


def test_by_hand_and_then_by_time(night: Night) -> None:
    night.order(night.world.eng, night.world.ada, night.world.mei)
    page = night.page()
    night.wait(100)
    assert night.world.client("eng").post(f"/pages/{page.ref}/escalation", {"reason": "on a train"}).status_code == 302
    night.wait(1)
    assert night.heard() == ["Lin text", "Ada text"]
    night.silence(298)
    night.wait(2)
    assert night.heard() == ["Mei text"]
    assert fresh(page).state == "open"


def test_who_passed_it_on_is_called_no_more(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.eng, after_s=120)
    page = night.page()
    night.wait(10)
    night.world.client("eng").post(f"/pages/{page.ref}/escalation")
    night.wait(280)
    assert night.heard() == ["Lin text", "Ada text"], "Lin's phone does not ring after that"
