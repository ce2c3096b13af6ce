"""A call that was taken and then reached nobody has failed: the next person is woken at once, and only once."""

from tests.paging.night import Night, states
from tests.vendors_of_ringing.test_answers import receipts


def test_the_next_person_comes_with_the_receipt(night: Night) -> None:
    account = night.ringing.account("voice:aliyun")
    night.world.eng.contact_methods.all().delete()
    night.call(night.world.eng)
    page = night.page()
    night.wait(20)
    (came,) = night.ringing.aliyun.reached
    assert night.heard() == ["Lin call"]
    item = {"call_id": came.id, "out_id": came.out, "status_code": "200005", "duration": "0"}
    for _again in range(3):
        assert receipts(account, [item]).status_code == 200
    night.wait(1)
    assert night.heard() == ["Ada text"]
    assert states(page, "voice") == ["failed"]
    night.silence(298)
