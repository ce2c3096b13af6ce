"""Where a vendor's limit for a number is used up the call goes by the next vendor."""

from tests.paging.night import Night


def test_the_second_call_of_a_minute(night: Night) -> None:
    night.ringing.account("voice:aliyun", place=1)
    night.ringing.account("voice:tencent", place=2)
    night.world.eng.contact_methods.all().delete()
    night.call(night.world.eng)
    for number in (1, 2):
        night.page(subject_ref=f"inc-{number}")
    night.work()
    assert len(night.ringing.aliyun.reached) == len(night.ringing.tencent.reached) == 1
    assert night.heard() == ["Lin call", "Lin call"]
