"""Where no vendor may call somebody again and they have no other way the next person is woken at once."""

from tests.paging.night import Night


def test_the_next_person(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.world.eng.contact_methods.all().delete()
    night.call(night.world.eng)
    first = night.page()
    night.work()
    assert night.heard() == ["Lin call"]
    night.take(first)
    night.page(subject_ref="inc-2")
    night.wait(3)
    assert night.heard() == ["Ada text"], "within Aliyun's minute"
