"""Where every vendor's limit for a number is used up the person's other number is called, without its wait."""

from tests.paging.night import Night

SECOND = "+8613600000009"


def test_the_second_number(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    lin = night.world.eng
    lin.contact_methods.all().delete()
    night.call(lin)
    night.call(lin, SECOND, after_s=120)
    first = night.page()
    night.work()
    assert night.heard() == ["Lin call"]
    night.take(first)
    night.page(subject_ref="inc-2")
    night.wait(3)
    assert night.heard() == ["13600000009 call"]
